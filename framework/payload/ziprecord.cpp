// SPDX-License-Identifier: MIT
#include "payload/ziprecord.h"

#include <QDateTime>

#include <algorithm>
#include <array>

namespace Entracte {

using namespace ZipFormat;

static constexpr qint64 zip64Reserve = 0xf0000000; // from here on the packed size might need ZIP64
static constexpr quint16 versionMadeBy = hostUnix << 8 | 45;
static constexpr quint16 versionPlain = 20;
static constexpr quint16 versionZip64 = 45;

template <typename Number>
static void append(QByteArray &to, Number number)
{
    std::array<char, sizeof(Number)> bytes;
    qToLittleEndian<Number>(number, bytes.data());
    to.append(bytes.data(), bytes.size());
}

ZipStamp zipStampFor(qint64 seconds)
{
    const QDateTime earliest(QDate(1980, 1, 1), QTime(0, 0), Qt::UTC);
    const QDateTime latest(QDate(2107, 12, 31), QTime(23, 59, 58), Qt::UTC);
    const QDateTime when = QDateTime::fromSecsSinceEpoch(
        std::clamp(seconds, earliest.toSecsSinceEpoch(), latest.toSecsSinceEpoch()), Qt::UTC);
    const QDate date = when.date();
    const QTime time = when.time();
    return {quint16(time.hour() << 11 | time.minute() << 5 | time.second() / 2),
            quint16((date.year() - 1980) << 9 | date.month() << 5 | date.day())};
}

static QByteArray entryName(const FolderItem &item)
{
    return item.kind == EntryKind::Directory ? item.path + '/' : item.path;
}

static bool needsZip64(const ZipRecord &record)
{
    return record.plainSize >= zip64Reserve;
}

/// What both headers say in the same order.
static void appendShared(QByteArray &to, const ZipRecord &record, const ZipStamp &stamp,
                         const QByteArray &name, int extraSize)
{
    const bool isLarge = needsZip64(record);
    append(to, flagUtf8);
    append(to, record.method);
    append(to, stamp.time);
    append(to, stamp.date);
    append(to, record.crc);
    append(to, isLarge ? inZip64Extra : quint32(record.packedSize));
    append(to, isLarge ? inZip64Extra : quint32(record.plainSize));
    append(to, quint16(name.size()));
    append(to, quint16(extraSize));
}

void appendLocalHeader(QByteArray &to, const ZipRecord &record, const ZipStamp &stamp)
{
    const QByteArray name = entryName(*record.item);
    const bool isLarge = needsZip64(record);
    append(to, localSignature);
    append(to, isLarge ? versionZip64 : versionPlain);
    appendShared(to, record, stamp, name, isLarge ? 20 : 0);
    to.append(name);
    if (isLarge) {
        append(to, zip64Extra);
        append(to, quint16(16));
        append(to, quint64(record.plainSize));
        append(to, quint64(record.packedSize));
    }
}

void appendCentralHeader(QByteArray &to, const ZipRecord &record, const ZipStamp &stamp)
{
    const QByteArray name = entryName(*record.item);
    const bool isLarge = needsZip64(record);
    const bool isFar = record.offset >= inZip64Extra;
    const int type = record.item->kind == EntryKind::Directory    ? typeDirectory
                   : record.item->kind == EntryKind::SymbolicLink ? typeLink
                                                                  : typeFile;
    append(to, centralSignature);
    append(to, versionMadeBy);
    append(to, isLarge || isFar ? versionZip64 : versionPlain);
    appendShared(to, record, stamp, name, isLarge || isFar ? 4 + 16 * isLarge + 8 * isFar : 0);
    append(to, quint16(0)); // comment
    append(to, quint16(0)); // disk
    append(to, quint16(0)); // internal attributes
    append(to, quint32(type | record.item->mode) << 16
                   | (record.item->kind == EntryKind::Directory ? dosDirectory : 0));
    append(to, isFar ? inZip64Extra : quint32(record.offset));
    to.append(name);
    if (isLarge || isFar) {
        append(to, zip64Extra);
        append(to, quint16(16 * isLarge + 8 * isFar));
    }
    if (isLarge) {
        append(to, quint64(record.plainSize));
        append(to, quint64(record.packedSize));
    }
    if (isFar)
        append(to, quint64(record.offset));
}

void appendEnd(QByteArray &to, quint64 count, quint64 offset, quint64 size)
{
    if (count >= inZip64End || offset >= inZip64Extra || size >= inZip64Extra) {
        append(to, zip64EndSignature);
        append(to, quint64(zip64EndSize - 12));
        append(to, versionMadeBy);
        append(to, versionZip64);
        append(to, quint32(0)); // this disk
        append(to, quint32(0)); // the directory's
        append(to, count);
        append(to, count);
        append(to, size);
        append(to, offset);
        append(to, zip64LocatorSignature);
        append(to, quint32(0));
        append(to, offset + size);
        append(to, quint32(1)); // disks
    }
    append(to, endSignature);
    append(to, quint16(0));
    append(to, quint16(0));
    append(to, quint16(std::min<quint64>(count, inZip64End)));
    append(to, quint16(std::min<quint64>(count, inZip64End)));
    append(to, quint32(std::min<quint64>(size, inZip64Extra)));
    append(to, quint32(std::min<quint64>(offset, inZip64Extra)));
    append(to, quint16(0)); // comment
}

} // namespace Entracte
