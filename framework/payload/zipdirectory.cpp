// SPDX-License-Identifier: MIT
#include "payload/zipdirectory.h"

#include "payload/zipformat.h"

#include <quazip/unzip.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace Entracte {

using namespace ZipFormat;

namespace {

constexpr qint64 windowSize = 64 * 1024;
constexpr qsizetype longestField = 0xffff;

/// The archive as QuaZip reads it. QuaZip asks for single bytes: a window of the file answers them
/// without a system call, or even a QIODevice, each.
class DirectoryStream
{
public:
    DirectoryStream(const InputFile &file, qint64 base)
        : m_file(file)
        , m_base(base)
        , m_window(std::make_unique_for_overwrite<char[]>(windowSize))
    {
    }

    /// The callbacks of QuaZip's C interface.
    zlib_filefunc64_def functions()
    {
        zlib_filefunc64_def functions = {};
        functions.zopen64_file = [](voidpf, voidpf stream, int) { return stream; };
        functions.zread_file = [](voidpf, voidpf stream, void *to, uLong size) -> uLong {
            return uLong(size == 1 ? of(stream).readByte(static_cast<char *>(to))
                                   : of(stream).read(static_cast<char *>(to), qint64(size)));
        };
        functions.zwrite_file = [](voidpf, voidpf, const void *, uLong) -> uLong { return 0; };
        functions.ztell64_file = [](voidpf, voidpf stream) -> ZPOS64_T {
            return ZPOS64_T(of(stream).m_position);
        };
        functions.zseek64_file = [](voidpf, voidpf stream, ZPOS64_T offset, int origin) {
            return of(stream).seek(offset, origin) ? 0 : -1;
        };
        functions.zclose_file = [](voidpf, voidpf) { return 0; };
        functions.zfakeclose_file = functions.zclose_file;
        functions.zerror_file = [](voidpf, voidpf) { return 0; };
        return functions;
    }

    /// Where QuaZip went last by absolute position: once it has read an entry's header, that is
    /// where the header begins.
    qint64 landmark() const { return m_landmark; }

    /// \a size bytes from \a position on; false if they are not there.
    bool peek(qint64 position, char *to, qint64 size)
    {
        const qint64 before = std::exchange(m_position, position);
        const bool isThere = read(to, size) == size;
        m_position = before;
        return isThere;
    }

private:
    static DirectoryStream &of(voidpf stream) { return *static_cast<DirectoryStream *>(stream); }

    qint64 size() const { return m_file.size() - m_base; }

    qint64 readByte(char *to)
    {
        if (m_position < m_start || m_position >= m_end)
            return read(to, 1);
        *to = m_window[size_t(m_position++ - m_start)];
        return 1;
    }

    qint64 read(char *to, qint64 size)
    {
        qint64 done = 0;
        while (done < size) {
            if ((m_position < m_start || m_position >= m_end) && !moveWindow())
                break;
            const qint64 part = std::min(size - done, m_end - m_position);
            std::memcpy(to + done, m_window.get() + (m_position - m_start), size_t(part));
            m_position += part;
            done += part;
        }
        return done;
    }

    bool seek(ZPOS64_T offset, int origin)
    {
        ZPOS64_T position = offset; // wraps for a way back
        if (origin == ZLIB_FILEFUNC_SEEK_CUR)
            position += ZPOS64_T(m_position);
        else if (origin == ZLIB_FILEFUNC_SEEK_END)
            position += ZPOS64_T(size());
        if (position > ZPOS64_T(size()))
            return false;
        m_position = qint64(position);
        if (origin == ZLIB_FILEFUNC_SEEK_SET)
            m_landmark = m_position;
        return true;
    }

    bool moveWindow()
    {
        if (m_position >= size())
            return false; // QuaZip tries 65,535 times to read a field that is not there
        m_start = m_position - m_position % windowSize;
        m_end = m_start + m_file.read(m_base + m_start, m_window.get(), windowSize);
        return m_position < m_end;
    }

    const InputFile &m_file;
    const qint64 m_base;
    const std::unique_ptr<char[]> m_window;
    qint64 m_start = 0;
    qint64 m_end = 0;
    qint64 m_position = 0;
    qint64 m_landmark = 0;
};

struct CloseUnzip
{
    void operator()(void *zip) const { unzClose(zip); }
};
using Unzip = std::unique_ptr<void, CloseUnzip>;

/// How many bytes stand before a ZIP64 archive whose end record is not where its locator says.
/// QuaZip finds this out itself for archives that need no ZIP64. Negative if the locator points
/// behind the record.
qint64 prefixOfZip64(const InputFile &file)
{
    std::vector<char> tail(size_t(std::min<qint64>(file.size(), endSize + 0xffff)));
    const qint64 start = file.size() - qint64(tail.size());
    if (file.read(start, tail.data(), qint64(tail.size())) != qint64(tail.size()))
        return 0;
    for (qint64 end = qint64(tail.size()) - endSize; end >= zip64LocatorSize + zip64EndSize;
         --end) {
        const char *locator = tail.data() + end - zip64LocatorSize;
        const char *record = locator - zip64EndSize;
        if (numberAt<quint32>(tail.data() + end) == endSignature
            && numberAt<quint32>(locator) == zip64LocatorSignature
            && numberAt<quint32>(record) == zip64EndSignature) {
            const qint64 found = start + (record - tail.data());
            const auto said = numberAt<quint64>(locator + 8);
            return said <= quint64(found) ? found - qint64(said) : -1;
        }
    }
    return 0;
}

} // namespace

struct ZipDirectory::Private
{
    explicit Private(const InputFile &archive)
        : file(archive)
    {
    }

    std::optional<CentralHeader> currentHeader();

    const InputFile &file;
    std::optional<DirectoryStream> stream;
    Unzip zip;
    qint64 begin = 0;
    qint64 before = 0; ///< bytes in the file before what the archive counts from
    quint64 promised = 0;
    quint64 count = 0;
    int reply = UNZ_OK; ///< of the last move

    // Room for the longest name and extra fields that a header can have.
    std::unique_ptr<char[]> name = std::make_unique_for_overwrite<char[]>(longestField);
    std::unique_ptr<char[]> extra = std::make_unique_for_overwrite<char[]>(longestField);
};

/// The header that QuaZip stands at; nullopt if it is damaged.
std::optional<CentralHeader> ZipDirectory::Private::currentHeader()
{
    unz_file_info64 info = {};
    if (unzGetCurrentFileInfo64(zip.get(), &info, name.get(), longestField, extra.get(),
                                longestField, nullptr, 0)
        != UNZ_OK)
        return {};

    // QuaZip keeps the local header's position to itself.
    std::array<char, centralSize> raw = {};
    if (!stream->peek(stream->landmark(), raw.data(), centralSize))
        return {};
    quint64 offset = numberAt<quint32>(raw.data() + 42);
    if (offset == inZip64Extra) {
        qsizetype length = 0;
        const char *field =
            extraField(extra.get(), extra.get() + info.size_file_extra, zip64Extra, &length);
        const qsizetype skipped = 8 * (numberAt<quint32>(raw.data() + 24) == inZip64Extra)
                                + 8 * (numberAt<quint32>(raw.data() + 20) == inZip64Extra);
        if (!field || length < skipped + 8)
            return {};
        offset = numberAt<quint64>(field + skipped);
    }
    if (offset > quint64(mostBytes) || info.compressed_size > quint64(mostBytes))
        return {};

    CentralHeader header;
    header.nameSize = qsizetype(info.size_filename);
    header.name = QString::fromUtf8(name.get(), header.nameSize);
    header.size = info.uncompressed_size;
    header.compressedSize = info.compressed_size;
    header.offset = before + qint64(offset);
    header.crc32 = quint32(info.crc);
    header.attributes = quint32(info.external_fa);
    header.madeBy = quint16(info.version);
    header.flags = quint16(info.flag);
    header.method = quint16(info.compression_method);
    return header;
}

ZipDirectory::ZipDirectory(const InputFile &file)
    : d(std::make_unique<Private>(file))
{
}

ZipDirectory::~ZipDirectory() = default;

bool ZipDirectory::open()
{
    const qint64 base = prefixOfZip64(d->file);
    if (base < 0)
        return false;
    d->stream.emplace(d->file, base);
    zlib_filefunc64_def functions = d->stream->functions();
    d->zip.reset(unzOpen2_64(&*d->stream, &functions));
    unz_global_info64 global = {};
    if (!d->zip || unzGetGlobalInfo64(d->zip.get(), &global) != UNZ_OK)
        return false;
    // Open, it stands at the first header and counts from the beginning of the archive.
    const qint64 first = d->stream->landmark();
    d->begin = base + first;
    d->before = d->begin - qint64(unzGetOffset64(d->zip.get()));
    d->promised = global.number_entry;
    return true;
}

qint64 ZipDirectory::begin() const
{
    return d->begin;
}

quint64 ZipDirectory::promisedCount() const
{
    return d->promised;
}

std::optional<CentralHeader> ZipDirectory::next()
{
    if (d->promised == 0)
        d->reply = UNZ_END_OF_LIST_OF_FILE;
    else if (d->reply == UNZ_OK)
        d->reply = d->count == 0 ? unzGoToFirstFile(d->zip.get()) : unzGoToNextFile(d->zip.get());
    if (d->reply != UNZ_OK)
        return std::nullopt;
    std::optional<CentralHeader> header = d->currentHeader();
    if (!header)
        d->reply = UNZ_BADZIPFILE;
    ++d->count;
    return header;
}

bool ZipDirectory::isWhole() const
{
    // The end is believed only if the archive agrees on how far away it is.
    return d->reply == UNZ_END_OF_LIST_OF_FILE && d->count == d->promised;
}

} // namespace Entracte
