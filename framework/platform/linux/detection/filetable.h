// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/identityindex.h"
#include "platform/linux/detection/scanfeatures.h"
#include "platform/unix/descriptor.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <memory>
#include <optional>
#include <vector>

namespace Entracte {

/// The registered files and directories: their identities as they were when they were added, so
/// that holders are found after something else came to lie at the path (spec 34).
///
/// A directory stands for everything below it (spec 36). What lies below when it is added is known
/// by identity, up to mostBelow objects, on its own mount only. What comes later, or beyond that,
/// is known by name: a descriptor or mapping of a volume that the directory has, whose path leads
/// below it and to the same file. So of a directory with more objects than that, a file that was
/// replaced is no longer seen with those who still hold the old one.
///
/// An inode number may be given to another file once the old one is gone. Therefore the first
/// files are pinned: held by descriptors that count as no use (O_PATH), until the table goes. Of a
/// file that is not pinned, and of a directory, that is no longer at its path, the time of birth
/// decides: a younger one than the registration is another; where the volume knows no such time,
/// the answer is uncertain.
class FileTable
{
public:
    static constexpr int mostBelow = 200'000;

    /// Small, for there may be many: what touches memory for the first time pays for it.
    struct Entry
    {
        FileIdentity identity;
        QString path;        ///< as it was registered; below a registered directory the whole path
        quint64 addedAt = 0; ///< nanoseconds since 1970
        int folder = -1;     ///< in folders(): the one that it lies below; else -1
        bool isRegular = true;
    };

    /// A registered directory.
    struct Folder
    {
        QString registered; ///< as it was registered
        QByteArray path;    ///< absolute, without links, without a final slash
        QString prefix;     ///< registered, with a final slash
        std::vector<quint64> devices;
    };

    /// Adds what is at \a paths now; links are resolved, what is missing is left out. Costs about
    /// 0.5 µs a file where many lie in one folder of an ordinary volume, else 3 µs.
    void add(const QStringList &paths, const ScanFeatures &features = {});

    /// Removes what was added by these paths, and what lay below them.
    void remove(const QStringList &paths);

    bool isEmpty() const { return m_entries.empty(); }
    int size() const { return int(m_entries.size()); }
    const Entry &entry(int number) const { return m_entries[size_t(number)]; }
    const std::vector<Folder> &folders() const { return m_folders; }
    const IdentityIndex &index() const { return m_index; }

    /// The descriptor, with O_PATH, that pins this file; -1 if none does.
    int pinOf(const FileIdentity &identity) const;

    /// Whether a registered directory has files on \a device.
    bool hasFolderOn(quint64 device) const;
    /// The registered directory that \a path, absolute and without links, is or lies below.
    const Folder *folderAbove(const QByteArray &path) const;

private:
    friend class FileRegistration;

    struct Pin
    {
        FileIdentity identity;
        std::shared_ptr<const Descriptor> descriptor; ///< shared with the copies that scans have
    };

    std::vector<Entry> m_entries;
    std::vector<Pin> m_pins; ///< few
    std::vector<Folder> m_folders;
    IdentityIndex m_index;
};

} // namespace Entracte
