// SPDX-License-Identifier: MIT
#pragma once

#include <QtEndian>
#include <QtGlobal>

#include <limits>

/// The words of a ZIP archive (PKWARE APPNOTE 6.3) that reading an entry and writing an archive
/// share. Its directory is read by QuaZip.
namespace Entracte::ZipFormat {

constexpr quint32 localSignature = 0x04034b50;
constexpr quint32 centralSignature = 0x02014b50;
constexpr quint32 endSignature = 0x06054b50;
constexpr quint32 zip64EndSignature = 0x06064b50;
constexpr quint32 zip64LocatorSignature = 0x07064b50;

constexpr qsizetype localSize = 30; ///< of a local header, without name and extra fields
constexpr qsizetype centralSize = 46;
constexpr qsizetype endSize = 22;
constexpr qsizetype zip64EndSize = 56;
constexpr qsizetype zip64LocatorSize = 20;

constexpr quint16 flagEncrypted = 1 << 0 | 1 << 6 | 1 << 13; ///< plain, strong, hidden header
constexpr quint16 flagSizesFollow = 1 << 3; ///< sizes and CRC stand behind the data
constexpr quint16 flagUtf8 = 1 << 11;

constexpr quint16 methodStored = 0;
constexpr quint16 methodDeflated = 8;

constexpr quint16 zip64Extra = 0x0001;
constexpr quint32 inZip64Extra = 0xffffffff; ///< instead of a size or an offset that stands there
constexpr quint16 inZip64End = 0xffff;       ///< instead of a count

/// Nothing is believed to be larger, or farther away: sums cannot overflow.
constexpr qint64 mostBytes = std::numeric_limits<qint64>::max() / 4;

// The Unix mode in the upper half of the external attributes.
constexpr int typeMask = 0170000;
constexpr int typeFile = 0100000;
constexpr int typeDirectory = 0040000;
constexpr int typeLink = 0120000;
constexpr quint32 dosDirectory = 0x10;
constexpr int hostUnix = 3;
constexpr int hostDarwin = 19;

template <typename Number>
Number numberAt(const char *bytes)
{
    return qFromLittleEndian<Number>(bytes);
}

/// Where the value of the extra field \a id begins in [\a begin, \a end), and its length; nullptr
/// if there is none that is whole.
inline const char *extraField(const char *begin, const char *end, quint16 id, qsizetype *length)
{
    while (end - begin >= 4) {
        const auto size = numberAt<quint16>(begin + 2);
        if (end - begin - 4 < size)
            return nullptr;
        if (numberAt<quint16>(begin) == id) {
            *length = size;
            return begin + 4;
        }
        begin += 4 + size;
    }
    return nullptr;
}

} // namespace Entracte::ZipFormat
