// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QString>

namespace Entracte {

/// What an archive entry becomes on disk. Nothing else is ever installed (no devices, no sockets).
enum class EntryKind : quint8 { File, Directory, SymbolicLink };

/// One entry of a payload, as the archive's central directory promises it. The planner compares
/// these with what is installed; the extractor holds the bytes to the promise. Small, for there are
/// many: what touches memory for the first time pays for it.
struct PayloadEntry
{
    QString path;       ///< relative to the target, already judged safe by EntryPath
    QString linkTarget; ///< SymbolicLink only; stays inside the target
    QString archive;    ///< absolute path of the archive
    QByteArray sha256;  ///< 32 raw bytes that the payload's index promises; empty without one
    qint64 size = 0;    ///< bytes when unpacked
    qint64 offset = 0;  ///< of the entry's local header in the archive
    qint64 compressedSize = 0;
    quint32 crc32 = 0;
    int mode = 0644; ///< permission bits only; set-id bits are refused
    EntryKind kind = EntryKind::File;
    bool isDeflated = false; ///< else stored as it is
    bool hasSlash = false;   ///< its name inside the archive ends with one, as those of folders do

    /// As written in the archive.
    QString entryName() const { return hasSlash ? path + u'/' : path; }
};

} // namespace Entracte
