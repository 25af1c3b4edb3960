// SPDX-License-Identifier: MIT
// libFuzzer target: payloads, which come from anywhere. Opens the bytes as an archive and reads all
// entries to their ends. What it finds becomes a row of tst_payloadarchive.
#include "fuzz/memoryfile.h"
#include "fuzz/ziprepair.h"
#include "payload/entrypath.h"
#include "payload/entryreader.h"
#include "payload/payloadarchive.h"

#include <QCryptographicHash>
#include <QSet>

#include <algorithm>
#include <cstdlib>

#include <zlib.h>

using namespace Entracte;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

/// Three of four inputs get numbers that agree with their bytes again: chance alone would never
/// find a CRC.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize,
                                          unsigned int seed)
{
    const size_t mutated = LLVMFuzzerMutate(data, size, maxSize);
    if (seed % 4 != 0)
        ZipRepair(data, mutated).repair();
    return mutated;
}

static void insist(bool promise)
{
    if (!promise)
        std::abort();
}

/// What the planner and the extractor take for granted.
static void checkEntries(const PayloadArchive &archive)
{
    QSet<QString> paths;
    QSet<QString> folders;
    for (const PayloadEntry &entry : archive.entries()) {
        const Result<QString> path = EntryPath::fromEntryName(entry.entryName());
        insist(path && *path == entry.path && entry.archive == archive.fileName());
        insist(!paths.contains(entry.path));
        insist(entry.size >= 0 && entry.compressedSize >= 0 && entry.offset >= 0);
        insist((entry.mode & ~0777) == 0);
        insist(entry.sha256.isEmpty()
               || (entry.sha256.size() == 32 && entry.kind == EntryKind::File));
        insist(entry.kind != EntryKind::Directory || entry.size == 0);
        if (entry.kind == EntryKind::SymbolicLink)
            insist(bool(EntryPath::checkLinkTarget(entry.path, entry.linkTarget)));
        else
            insist(entry.linkTarget.isEmpty());
        if (entry.kind != EntryKind::Directory)
            paths.insert(entry.path);
        for (qsizetype slash = entry.path.indexOf(u'/'); slash >= 0;
             slash = entry.path.indexOf(u'/', slash + 1))
            folders.insert(entry.path.left(slash));
    }
    insist(!paths.intersects(folders));
}

static void checkReading(EntryReader &reader, const PayloadArchive &archive,
                         const PayloadEntry &entry)
{
    qint64 delivered = 0;
    uLong crc = crc32(0, nullptr, 0);
    QCryptographicHash digest(QCryptographicHash::Sha256);
    const Result<> read = reader.read(archive, entry, [&](QByteArrayView block) -> Result<> {
        insist(!block.isEmpty() && block.size() <= entry.size - delivered);
        delivered += block.size();
        crc = crc32(crc, reinterpret_cast<const Bytef *>(block.data()), uInt(block.size()));
        if (!entry.sha256.isEmpty())
            digest.addData(block);
        return {};
    });
    if (!read) {
        insist(read.error().code == ErrorCode::BadPayload && read.error().message.endsWith(u'.'));
        return;
    }
    insist(delivered == entry.size && quint32(crc) == entry.crc32);
    insist(reader.sha256().size() == 32);
    if (!entry.sha256.isEmpty())
        insist(reader.sha256() == entry.sha256 && digest.result() == entry.sha256);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static MemoryFile file;
    static EntryReader reader;
    file.fill(data, size);

    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(file.name());
    if (!archive) {
        insist(archive.error().code == ErrorCode::BadPayload
               && archive.error().message.endsWith(u'.'));
        return 0;
    }
    checkEntries(**archive);
    qint64 total = 0;
    for (const PayloadEntry &entry : (*archive)->entries()) {
        total += entry.size;
        checkReading(reader, **archive, entry);
    }
    // No entries share bytes, so the archive as a whole is bounded by what deflate can do.
    const qint64 slack = 1032 * 1024 * (*archive)->entries().size();
    insist(total <= 1032 * qint64(size) + slack);
    return 0;
}
