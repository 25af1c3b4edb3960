// SPDX-License-Identifier: MIT
#pragma once

#include "core/sha256.h"
#include "payload/deflater.h"
#include "payload/ziprecord.h"

#include <memory>
#include <mutex>
#include <vector>

namespace Entracte {

/// What one worker does at a time: some whole entries, or a block of a large one.
struct PackTask
{
    size_t item = 0;
    size_t count = 1;
    qint64 begin = 0;
    qint64 size = 0;
    bool isBlock = false;

    bool isFirst() const { return begin == 0; }
};

/// What comes of a task.
struct Packed
{
    QByteArray bytes;               ///< headers and data; of a block the data only
    std::vector<ZipRecord> records; ///< offsets within bytes
    QByteArray plain;               ///< of a block
    quint16 method = ZipFormat::methodStored;
};

/// Whether deflating the large files pays, found out once for all their blocks.
struct DeflateTrial
{
    std::once_flag once;
    Result<> read;
    bool pays = false;
};

/// What workers share and only read, apart from the trials.
struct PackWork
{
    QByteArray root;
    const std::vector<FolderItem> &items;
    ZipStamp stamp;
    int level = 6;
    std::vector<PackTask> tasks;
    std::vector<std::unique_ptr<DeflateTrial>> trials; ///< by item; of large files only

    QByteArray absolute(const FolderItem &item) const { return root + '/' + item.path; }

    /// Makes the tasks of the items, in their order: the same ones for any number of workers.
    void plan();
};

/// Packs one task after the other, in a thread of its own: reads, digests, and deflates what that
/// makes smaller.
class Packer
{
public:
    explicit Packer(PackWork &work);

    Result<Packed> pack(const PackTask &task);

private:
    Result<> appendEntry(Packed &packed, const FolderItem &item);
    Result<Packed> packBlock(const PackTask &task);
    Result<> tryOut(const FolderItem &item, DeflateTrial &trial);
    bool pays(QByteArrayView sample);

    PackWork &m_work;
    Deflater m_deflater;
    Deflater m_sampler;
    Sha256 m_hash;
    QByteArray m_plain;
};

} // namespace Entracte
