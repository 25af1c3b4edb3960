// SPDX-License-Identifier: MIT
#pragma once

#include "payload/folderitem.h"
#include "payload/zipformat.h"

namespace Entracte {

/// What the directory of an archive says of an entry.
struct ZipRecord
{
    const FolderItem *item = nullptr;
    qint64 offset = 0;
    quint16 method = ZipFormat::methodStored;
    quint32 crc = 0;
    qint64 plainSize = 0;
    qint64 packedSize = 0;
    QByteArray sha256; ///< files only
};

/// A time as an archive says it.
struct ZipStamp
{
    quint16 time = 0;
    quint16 date = 0;
};

/// Of \a seconds since 1970, UTC; the nearest that can be said.
ZipStamp zipStampFor(qint64 seconds);

/// What stands before the bytes of an entry. Its length depends on plainSize and the name alone, so
/// that it can be written again in its place once the rest is known.
void appendLocalHeader(QByteArray &to, const ZipRecord &record, const ZipStamp &stamp);

/// The entry's line in the directory.
void appendCentralHeader(QByteArray &to, const ZipRecord &record, const ZipStamp &stamp);

/// The end of an archive whose directory has \a count entries and \a size bytes from \a offset on.
void appendEnd(QByteArray &to, quint64 count, quint64 offset, quint64 size);

} // namespace Entracte
