// SPDX-License-Identifier: MIT
#include "payload/payloadarchive.h"

#include "payload/entrypath.h"
#include "payload/entryreader.h"
#include "payload/zipformat.h"
#include "plan/relativepath.h"

#include <QFile>

#include <quazip/unzip.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

using namespace ZipFormat;

namespace {

constexpr qint64 windowSize = 64 * 1024;
constexpr int mostEntries = 1'000'000;
constexpr qint64 longestLinkTarget = 4096;
constexpr qsizetype longestIndexLine = 4096;
constexpr qint64 mostBytes = std::numeric_limits<qint64>::max() / 4; // so that sums cannot overflow
constexpr quint64 deflateLimit = 1032; // no deflated byte can become more than this
constexpr quint64 deflateSlack = 1024;
constexpr int setIdMask = 0006000;
constexpr qsizetype digestSize = 32;
constexpr qsizetype longestField = 0xffff;

/// A read-only file, by position.
class RawFile
{
public:
    RawFile() = default;
    RawFile(const RawFile &) = delete;
    RawFile &operator=(const RawFile &) = delete;
    ~RawFile()
    {
        if (m_fd >= 0)
            close(m_fd);
    }

    /// Fails with errno set; EISDIR stands for everything that is not a regular file.
    bool open(const QString &fileName)
    {
        // Opening must not wait for the other end of a FIFO.
        m_fd = ::open(QFile::encodeName(fileName).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        struct stat status = {};
        if (m_fd < 0 || fstat(m_fd, &status) != 0)
            return false;
        errno = EISDIR;
        m_size = status.st_size;
        return S_ISREG(status.st_mode);
    }

    qint64 size() const { return m_size; }

    /// Less than \a most only at the end; -1 with errno set.
    qint64 read(qint64 offset, char *to, qint64 most) const
    {
        qint64 done = 0;
        while (done < most) {
            const ssize_t got = pread(m_fd, to + done, size_t(most - done), offset + done);
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return -1;
            if (got == 0)
                break;
            done += got;
        }
        return done;
    }

private:
    int m_fd = -1;
    qint64 m_size = 0;
};

/// The archive as QuaZip reads it. QuaZip asks for single bytes: a window of the file answers them
/// without a system call, or even a QIODevice, each.
class DirectoryStream
{
public:
    DirectoryStream(const RawFile &file, qint64 base)
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

    const RawFile &m_file;
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
qint64 prefixOfZip64(const RawFile &file)
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

/// What the central directory says of one entry.
struct CentralHeader
{
    unz_file_info64 info = {};
    QString name;
    qint64 offset = 0; ///< of the local header, from the beginning of the file
};

/// The mode a Unix archiver wrote; 0 when none did.
int unixMode(const CentralHeader &header)
{
    const int host = int(header.info.version >> 8);
    const bool isUnix = host == hostUnix || host == hostDarwin;
    return isUnix ? int(header.info.external_fa >> 16) : 0;
}

/// nullopt for what is never installed.
std::optional<EntryKind> kindOf(const CentralHeader &header)
{
    const bool isNamedDirectory = header.name.endsWith(u'/');
    switch (unixMode(header) & typeMask) {
    case typeDirectory:
        return EntryKind::Directory;
    case typeFile:
        return isNamedDirectory ? std::nullopt : std::optional(EntryKind::File);
    case typeLink:
        return isNamedDirectory ? std::nullopt : std::optional(EntryKind::SymbolicLink);
    case 0:
        return isNamedDirectory || (header.info.external_fa & dosDirectory) ? EntryKind::Directory
                                                                            : EntryKind::File;
    default:
        return std::nullopt;
    }
}

/// The rule that \a header breaks, empty if none.
QString brokenRule(const CentralHeader &header)
{
    if (header.info.flag & flagEncrypted)
        return PayloadArchive::tr("it is encrypted", "error message, rule for an archive entry");
    if (header.info.compression_method != methodStored
        && header.info.compression_method != methodDeflated)
        return PayloadArchive::tr("its compression method is neither stored nor deflated",
                                  "error message, rule for an archive entry");
    const std::optional<EntryKind> kind = kindOf(header);
    if (!kind)
        return PayloadArchive::tr("it is neither a file, a folder nor a symbolic link",
                                  "error message, rule for an archive entry");
    if (unixMode(header) & setIdMask)
        return PayloadArchive::tr("it wants to run as another user (set-id)",
                                  "error message, rule for an archive entry");
    if (header.info.uncompressed_size > quint64(mostBytes))
        return PayloadArchive::tr("its size is not believable",
                                  "error message, rule for an archive entry");
    if (header.info.compression_method == methodStored
        && header.info.compressed_size != header.info.uncompressed_size)
        return PayloadArchive::tr("its two sizes contradict each other",
                                  "error message, rule for an archive entry");
    if (header.info.uncompressed_size / deflateLimit > header.info.compressed_size + deflateSlack)
        return PayloadArchive::tr("its size is not believable",
                                  "error message, rule for an archive entry");
    if (*kind == EntryKind::Directory && header.info.uncompressed_size > 0)
        return PayloadArchive::tr("it is a folder with content of its own",
                                  "error message, rule for an archive entry");
    if (*kind == EntryKind::SymbolicLink
        && header.info.uncompressed_size > quint64(longestLinkTarget))
        return PayloadArchive::tr("it is a link with an endless target",
                                  "error message, rule for an archive entry");
    return {};
}

int modeOf(const CentralHeader &header, EntryKind kind)
{
    if (kind == EntryKind::SymbolicLink)
        return 0777;
    const int mode = unixMode(header) & 0777;
    if (mode != 0)
        return mode;
    return kind == EntryKind::Directory ? 0755 : 0644;
}

} // namespace

struct PayloadArchive::Private
{
    explicit Private(const QString &name)
        : fileName(name)
    {
    }

    Error failure(const QString &reason) const;
    Error damaged() const;
    Error refusal(const QString &entryName, const QString &rule) const;
    Error refusal(const Error &sentence) const;
    Error occursTwice(const QString &entryName) const;
    Result<> readDirectory();
    Result<> readDirectory(DirectoryStream &stream, void *zip, qint64 before);
    Result<PayloadEntry> readEntry(const CentralHeader &header) const;
    Result<> sortEntries();
    Result<> checkPlaces() const;
    qsizetype placeOf(QStringView path) const;
    QString nameAt(qint64 offset) const;
    Result<> checkOverlaps(const std::vector<qint64> &ends);
    Result<> readLinkTargets(const PayloadArchive &archive);
    Result<> readIndex(const PayloadArchive &archive);
    Result<> takeIndexLine(QByteArrayView line);

    QString fileName;
    RawFile file;
    QList<PayloadEntry> entries; ///< sorted by path
    std::optional<PayloadEntry> index;
    qsizetype nextInIndex = 0;  ///< place of the file that is likely the next in it
    std::vector<qint64> starts; ///< sorted: of every local header, of the directory
};

Error PayloadArchive::Private::failure(const QString &reason) const
{
    return {ErrorCode::BadPayload,
            tr("Could not read the payload “%1”: %2.", "error message; %2: reason")
                .arg(fileName, reason)};
}

Error PayloadArchive::Private::damaged() const
{
    return failure(tr("it is damaged, cut off or not a ZIP archive", "error message, reason"));
}

Error PayloadArchive::Private::refusal(const QString &entryName, const QString &rule) const
{
    return {ErrorCode::BadPayload, tr("The payload “%1” is refused because of its entry “%2”: %3.",
                                      "error message; %3: rule")
                                       .arg(fileName, entryName, rule)};
}

Error PayloadArchive::Private::refusal(const Error &sentence) const
{
    return {ErrorCode::BadPayload,
            tr("The payload “%1” is refused. %2",
               "error message; %2: a sentence that names the entry and the rule")
                .arg(fileName, sentence.message)};
}

Error PayloadArchive::Private::occursTwice(const QString &entryName) const
{
    return refusal(entryName, tr("the name occurs twice", "error message, rule"));
}

Result<PayloadEntry> PayloadArchive::Private::readEntry(const CentralHeader &header) const
{
    const Result<QString> path = header.name == QLatin1StringView(indexName)
                                   ? Result(header.name)
                                   : EntryPath::fromEntryName(header.name);
    if (!path)
        return refusal(path.error());
    if (const QString rule = brokenRule(header); !rule.isEmpty())
        return refusal(header.name, rule);

    PayloadEntry entry;
    entry.path = *path;
    entry.kind = *kindOf(header);
    entry.size = qint64(header.info.uncompressed_size);
    entry.crc32 = quint32(header.info.crc);
    entry.mode = modeOf(header, entry.kind);
    entry.archive = fileName;
    entry.entryName = header.name;
    entry.offset = header.offset;
    entry.compressedSize = qint64(header.info.compressed_size);
    entry.isDeflated = header.info.compression_method == methodDeflated;
    return entry;
}

/// Room for the longest name and extra fields that a header can have.
struct FieldBuffers
{
    std::unique_ptr<char[]> name = std::make_unique_for_overwrite<char[]>(longestField);
    std::unique_ptr<char[]> extra = std::make_unique_for_overwrite<char[]>(longestField);
};

/// The header that QuaZip stands at; nullopt if it is damaged.
static std::optional<CentralHeader> currentHeader(DirectoryStream &stream, void *zip, qint64 before,
                                                  const FieldBuffers &fields)
{
    CentralHeader header;
    char *name = fields.name.get();
    char *extra = fields.extra.get();
    if (unzGetCurrentFileInfo64(zip, &header.info, name, longestField, extra, longestField, nullptr,
                                0)
        != UNZ_OK)
        return {};
    header.name = QString::fromUtf8(name, qsizetype(header.info.size_filename));

    // QuaZip keeps the local header's position to itself.
    std::array<char, centralSize> raw = {};
    if (!stream.peek(stream.landmark(), raw.data(), centralSize))
        return {};
    quint64 offset = numberAt<quint32>(raw.data() + 42);
    if (offset == inZip64Extra) {
        qsizetype length = 0;
        const char *field =
            extraField(extra, extra + header.info.size_file_extra, zip64Extra, &length);
        const qsizetype skipped = 8 * (numberAt<quint32>(raw.data() + 24) == inZip64Extra)
                                + 8 * (numberAt<quint32>(raw.data() + 20) == inZip64Extra);
        if (!field || length < skipped + 8)
            return {};
        offset = numberAt<quint64>(field + skipped);
    }
    if (offset > quint64(mostBytes) || header.info.compressed_size > quint64(mostBytes))
        return {};
    header.offset = before + qint64(offset);
    return header;
}

Result<> PayloadArchive::Private::readDirectory()
{
    const qint64 base = prefixOfZip64(file);
    if (base < 0)
        return damaged();
    DirectoryStream stream(file, base);
    zlib_filefunc64_def functions = stream.functions();
    const Unzip zip(unzOpen2_64(&stream, &functions));
    if (!zip)
        return damaged();
    // Open, it stands at the first header and counts from the beginning of the archive.
    const qint64 directory = stream.landmark();
    const qint64 before = directory - qint64(unzGetOffset64(zip.get()));
    starts.push_back(base + directory);
    return readDirectory(stream, zip.get(), base + before);
}

Result<> PayloadArchive::Private::readDirectory(DirectoryStream &stream, void *zip, qint64 before)
{
    unz_global_info64 global = {};
    if (unzGetGlobalInfo64(zip, &global) != UNZ_OK)
        return damaged();
    const auto likely = qsizetype(std::min<quint64>(global.number_entry, mostEntries));
    entries.reserve(likely);
    starts.reserve(size_t(likely) + 1);
    std::vector<qint64> ends;
    ends.reserve(size_t(likely));
    const FieldBuffers fields;
    qint64 total = 0;
    ZPOS64_T count = 0;
    int reply = global.number_entry > 0 ? unzGoToFirstFile(zip) : UNZ_END_OF_LIST_OF_FILE;
    for (; reply == UNZ_OK; reply = unzGoToNextFile(zip)) {
        const std::optional<CentralHeader> header = currentHeader(stream, zip, before, fields);
        if (!header)
            return damaged();
        Result<PayloadEntry> entry = readEntry(*header);
        if (!entry)
            return entry.error();
        total += entry->size;
        if (count == mostEntries || total > mostBytes)
            return refusal(header->name, tr("there is too much before it", "error message, rule"));
        const bool isIndex = header->name == QLatin1StringView(indexName);
        if (isIndex && index)
            return occursTwice(header->name);
        if (isIndex && entry->kind != EntryKind::File)
            return refusal(header->name, tr("it is no file", "error message, rule"));
        ++count;
        starts.push_back(entry->offset);
        ends.push_back(entry->offset + localSize + qint64(header->info.size_filename)
                       + entry->compressedSize);
        if (isIndex) {
            index = *std::move(entry);
            continue;
        }
        entries.append(*std::move(entry));
    }
    // The end is believed only if the archive agrees on how far away it is.
    if (reply != UNZ_END_OF_LIST_OF_FILE || global.number_entry != count)
        return damaged();
    const Result<> sorted = sortEntries();
    return sorted ? checkOverlaps(ends) : sorted;
}

/// Brings \a items into \a order, which says where each comes from. They are large, so each is
/// moved once.
static void rearrange(QList<PayloadEntry> &items, std::vector<qsizetype> order)
{
    for (qsizetype begin = 0; begin < items.size(); ++begin) {
        if (order[size_t(begin)] == begin)
            continue;
        PayloadEntry first = std::move(items[begin]);
        qsizetype to = begin;
        for (qsizetype from = order[size_t(to)]; from != begin; from = order[size_t(to)]) {
            items[to] = std::move(items[from]);
            order[size_t(to)] = to;
            to = from;
        }
        items[to] = std::move(first);
        order[size_t(to)] = to;
    }
}

Result<> PayloadArchive::Private::sortEntries()
{
    std::vector<qsizetype> order(size_t(entries.size()));
    std::iota(order.begin(), order.end(), 0);
    const auto comesBefore = [this](qsizetype one, qsizetype other) {
        return entries.at(one).path < entries.at(other).path;
    };
    if (!std::is_sorted(order.begin(), order.end(), comesBefore)) {
        std::stable_sort(order.begin(), order.end(), comesBefore);
        rearrange(entries, std::move(order));
    }
    const auto twin = std::adjacent_find(
        entries.cbegin(), entries.cend(),
        [](const PayloadEntry &one, const PayloadEntry &other) { return one.path == other.path; });
    return twin == entries.cend() ? Result<>() : occursTwice(std::next(twin)->entryName);
}

/// Of the entry for \a path; negative if there is none.
qsizetype PayloadArchive::Private::placeOf(QStringView path) const
{
    const auto found = std::lower_bound(
        entries.cbegin(), entries.cend(), path,
        [](const PayloadEntry &entry, QStringView other) { return entry.path < other; });
    return found != entries.cend() && found->path == path ? found - entries.cbegin() : -1;
}

QString PayloadArchive::Private::nameAt(qint64 offset) const
{
    for (const PayloadEntry &entry : entries) {
        if (entry.offset == offset)
            return entry.entryName;
    }
    return QString::fromLatin1(indexName);
}

/// Entries that share bytes are how a small archive becomes an endless one. \a ends are the
/// earliest possible ones, in the order of the directory.
Result<> PayloadArchive::Private::checkOverlaps(const std::vector<qint64> &ends)
{
    const qint64 directory = starts.front();
    std::vector<size_t> order(ends.size());
    std::iota(order.begin(), order.end(), 0);
    const auto startOf = [this](size_t entry) { return starts[entry + 1]; };
    const auto comesBefore = [&](size_t one, size_t other) {
        return startOf(one) < startOf(other);
    };
    if (!std::is_sorted(order.begin(), order.end(), comesBefore)) // archivers write in order
        std::sort(order.begin(), order.end(), comesBefore);
    for (size_t i = 0; i < order.size(); ++i) {
        const bool isLast = i + 1 == order.size();
        if (ends[order[i]] > (isLast ? directory : startOf(order[i + 1])))
            return refusal(nameAt(startOf(order[i])),
                           isLast ? tr("it does not fit into the archive", "error message, rule")
                                  : tr("it shares its bytes with “%1”", "error message, rule")
                                        .arg(nameAt(startOf(order[i + 1]))));
    }
    std::rotate(starts.begin(), starts.begin() + 1, starts.end());
    if (!std::is_sorted(starts.begin(), starts.end()))
        std::sort(starts.begin(), starts.end());
    return {};
}

/// Whatever lies below something must lie below a folder.
Result<> PayloadArchive::Private::checkPlaces() const
{
    QStringView before;
    for (const PayloadEntry &entry : entries) {
        for (qsizetype slash = endOfNewFolder(entry.path, before); slash >= 0;
             slash = entry.path.indexOf(u'/', slash + 1)) {
            const QStringView above = QStringView(entry.path).left(slash);
            const qsizetype place = placeOf(above);
            if (place >= 0 && entries[place].kind != EntryKind::Directory)
                return refusal(entry.entryName, tr("it lies below “%1”, which is not a folder",
                                                   "error message, rule for an archive entry")
                                                    .arg(above));
        }
        before = entry.path;
    }
    return {};
}

Result<> PayloadArchive::Private::readLinkTargets(const PayloadArchive &archive)
{
    std::optional<EntryReader> reader; // its buffers are large, and most archives have no links
    for (PayloadEntry &entry : entries) {
        if (entry.kind != EntryKind::SymbolicLink)
            continue;
        if (!reader)
            reader.emplace(EntryReader::Verification::Crc);
        QByteArray target;
        const Result<> read = reader->read(archive, entry, [&target](QByteArrayView block) {
            target.append(block);
            return Result<>();
        });
        if (!read)
            return read.error();
        entry.linkTarget = QString::fromUtf8(target);
        if (const Result<> safe = EntryPath::checkLinkTarget(entry.path, entry.linkTarget); !safe)
            return refusal(safe.error());
    }
    return {};
}

Result<> PayloadArchive::Private::takeIndexLine(QByteArrayView line)
{
    constexpr qsizetype hexSize = 2 * digestSize;
    const auto isHex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (line.size() <= hexSize + 2 || line.sliced(hexSize, 2) != QByteArrayView("  ")
        || !std::all_of(line.begin(), line.begin() + hexSize, isHex))
        return refusal(QString::fromLatin1(indexName),
                       tr("it has a line that is not “SHA-256  path”", "error message, rule"));
    const QUtf8StringView path(line.sliced(hexSize + 2));
    // Our packer lists the files in this order.
    while (nextInIndex < entries.size() && entries[nextInIndex].kind != EntryKind::File)
        ++nextInIndex;
    const bool isNext =
        nextInIndex < entries.size() && QAnyStringView::equal(entries.at(nextInIndex).path, path);
    const qsizetype place = isNext ? nextInIndex : placeOf(path.toString());
    if (place < 0 || entries[place].kind != EntryKind::File || !entries[place].sha256.isEmpty())
        return refusal(
            QString::fromLatin1(indexName),
            tr("it names “%1”, which is not one file of the archive", "error message, rule")
                .arg(path.toString()));
    entries[place].sha256 = QByteArray::fromHex(QByteArray::fromRawData(line.data(), hexSize));
    nextInIndex = place + 1;
    return {};
}

Result<> PayloadArchive::Private::readIndex(const PayloadArchive &archive)
{
    if (!index)
        return {};
    QByteArray rest;
    const auto takeLines = [this, &rest](QByteArrayView block) -> Result<> {
        rest.append(block);
        QByteArrayView unread = rest;
        for (qsizetype end = unread.indexOf('\n'); end >= 0; end = unread.indexOf('\n')) {
            if (const Result<> taken = takeIndexLine(unread.first(end)); !taken)
                return taken.error();
            unread = unread.sliced(end + 1);
        }
        if (unread.size() > longestIndexLine)
            return takeIndexLine({}); // endless
        rest = unread.toByteArray();
        return {};
    };
    EntryReader reader(EntryReader::Verification::Crc);
    if (const Result<> read = reader.read(archive, *index, takeLines); !read)
        return read.error();
    if (!rest.isEmpty())
        return takeIndexLine({}); // the last line is cut off
    for (const PayloadEntry &entry : std::as_const(entries)) {
        if (entry.kind == EntryKind::File && entry.sha256.isEmpty())
            return refusal(QString::fromLatin1(indexName),
                           tr("it does not name “%1”", "error message, rule").arg(entry.path));
    }
    return {};
}

PayloadArchive::PayloadArchive() = default;
PayloadArchive::~PayloadArchive() = default;

Result<std::shared_ptr<const PayloadArchive>> PayloadArchive::open(const QString &fileName)
{
    const std::shared_ptr<PayloadArchive> archive(new PayloadArchive);
    archive->d = std::make_unique<Private>(fileName);
    Private &d = *archive->d;
    if (!d.file.open(fileName)) {
        switch (errno) {
        case ENOENT:
            return d.failure(tr("it does not exist", "error message, reason"));
        case EISDIR:
        case ENXIO:
            return d.failure(tr("it is not a file", "error message, reason"));
        default:
            return d.failure(systemReply(errno));
        }
    }

    if (const Result<> read = d.readDirectory(); !read)
        return read.error();
    if (const Result<> checked = d.checkPlaces(); !checked)
        return checked.error();
    if (const Result<> read = d.readLinkTargets(*archive); !read)
        return read.error();
    if (const Result<> read = d.readIndex(*archive); !read)
        return read.error();
    return std::shared_ptr<const PayloadArchive>(archive);
}

const QString &PayloadArchive::fileName() const
{
    return d->fileName;
}

const QList<PayloadEntry> &PayloadArchive::entries() const
{
    return d->entries;
}

Result<qint64> PayloadArchive::readRaw(qint64 offset, char *to, qint64 most) const
{
    const qint64 got = d->file.read(offset, to, most);
    if (got < 0)
        return d->failure(systemReply(errno));
    return got;
}

qint64 PayloadArchive::endOfEntryAt(qint64 offset) const
{
    const auto next = std::upper_bound(d->starts.begin(), d->starts.end(), offset);
    return next == d->starts.end() ? offset : *next;
}

} // namespace Entracte
