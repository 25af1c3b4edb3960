// SPDX-License-Identifier: MIT
#include "payload/payloadarchive.h"

#include "core/inputfile.h"
#include "core/sha256.h"
#include "payload/entrypath.h"
#include "payload/entryreader.h"
#include "payload/zipdirectory.h"
#include "payload/zipformat.h"
#include "plan/relativepath.h"
#include "plan/sortbypath.h"

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <optional>
#include <vector>

namespace Entracte {

using namespace ZipFormat;

namespace {

constexpr int mostEntries = 1'000'000;
constexpr qint64 longestLinkTarget = 4096;
constexpr qsizetype longestIndexLine = 4096;
constexpr quint64 deflateLimit = 1032; // no deflated byte can become more than this
constexpr quint64 deflateSlack = 1024;
constexpr int setIdMask = 0006000;

/// The mode a Unix archiver wrote; 0 when none did.
int unixMode(const CentralHeader &header)
{
    const int host = int(header.madeBy >> 8);
    const bool isUnix = host == hostUnix || host == hostDarwin;
    return isUnix ? int(header.attributes >> 16) : 0;
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
        return isNamedDirectory || (header.attributes & dosDirectory) ? EntryKind::Directory
                                                                      : EntryKind::File;
    default:
        return std::nullopt;
    }
}

/// The rule that \a header breaks, empty if none.
QString brokenRule(const CentralHeader &header)
{
    if (header.flags & flagEncrypted)
        return PayloadArchive::tr("it is encrypted", "error message, rule for an archive entry");
    if (header.method != methodStored && header.method != methodDeflated)
        return PayloadArchive::tr("its compression method is neither stored nor deflated",
                                  "error message, rule for an archive entry");
    const std::optional<EntryKind> kind = kindOf(header);
    if (!kind)
        return PayloadArchive::tr("it is neither a file, a folder nor a symbolic link",
                                  "error message, rule for an archive entry");
    if (unixMode(header) & setIdMask)
        return PayloadArchive::tr("it wants to run as another user (set-id)",
                                  "error message, rule for an archive entry");
    if (header.size > quint64(mostBytes))
        return PayloadArchive::tr("its size is not believable",
                                  "error message, rule for an archive entry");
    if (header.method == methodStored && header.compressedSize != header.size)
        return PayloadArchive::tr("its two sizes contradict each other",
                                  "error message, rule for an archive entry");
    if (header.size / deflateLimit > header.compressedSize + deflateSlack)
        return PayloadArchive::tr("its size is not believable",
                                  "error message, rule for an archive entry");
    if (*kind == EntryKind::Directory && header.size > 0)
        return PayloadArchive::tr("it is a folder with content of its own",
                                  "error message, rule for an archive entry");
    if (*kind == EntryKind::SymbolicLink && header.size > quint64(longestLinkTarget))
        return PayloadArchive::tr("it is a link with an endless target",
                                  "error message, rule for an archive entry");
    return {};
}

/// Whether \a path is what \a utf8 writes.
bool isWritten(QStringView path, QByteArrayView utf8)
{
    const auto isSame = [](QChar unit, char byte) {
        return unit.unicode() == uchar(byte) && uchar(byte) < 0x80;
    };
    return std::equal(path.begin(), path.end(), utf8.begin(), utf8.end(), isSame)
        || QAnyStringView::equal(path, QUtf8StringView(utf8));
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
    std::optional<InputFile> file;
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
    entry.size = qint64(header.size);
    entry.crc32 = header.crc32;
    entry.mode = modeOf(header, entry.kind);
    entry.archive = fileName;
    entry.hasSlash = header.name.size() > path->size();
    entry.offset = header.offset;
    entry.compressedSize = qint64(header.compressedSize);
    entry.isDeflated = header.method == methodDeflated;
    return entry;
}

Result<> PayloadArchive::Private::readDirectory()
{
    ZipDirectory directory(*file);
    if (!directory.open())
        return damaged();
    starts.push_back(directory.begin());
    const auto likely = qsizetype(std::min<quint64>(directory.promisedCount(), mostEntries));
    entries.reserve(likely);
    starts.reserve(size_t(likely) + 1);
    std::vector<qint64> ends;
    ends.reserve(size_t(likely));
    qint64 total = 0;
    while (const std::optional<CentralHeader> header = directory.next()) {
        Result<PayloadEntry> entry = readEntry(*header);
        if (!entry)
            return entry.error();
        total += entry->size;
        if (ends.size() == mostEntries || total > mostBytes)
            return refusal(header->name, tr("there is too much before it", "error message, rule"));
        const bool isIndex = header->name == QLatin1StringView(indexName);
        if (isIndex && index)
            return occursTwice(header->name);
        if (isIndex && entry->kind != EntryKind::File)
            return refusal(header->name, tr("it is no file", "error message, rule"));
        starts.push_back(entry->offset);
        ends.push_back(entry->offset + localSize + header->nameSize + entry->compressedSize);
        if (isIndex)
            index = *std::move(entry);
        else
            entries.append(*std::move(entry));
    }
    if (!directory.isWhole())
        return damaged();
    const Result<> sorted = sortEntries();
    return sorted ? checkOverlaps(ends) : sorted;
}

Result<> PayloadArchive::Private::sortEntries()
{
    sortByPath(entries);
    const auto twin = std::adjacent_find(
        entries.cbegin(), entries.cend(),
        [](const PayloadEntry &one, const PayloadEntry &other) { return one.path == other.path; });
    return twin == entries.cend() ? Result<>() : occursTwice(std::next(twin)->entryName());
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
            return entry.entryName();
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
                return refusal(entry.entryName(), tr("it lies below “%1”, which is not a folder",
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
    constexpr qsizetype hexSize = 2 * Sha256::size;
    const std::optional<QByteArray> sha256 =
        line.size() > hexSize + 2 && line.sliced(hexSize, 2) == QByteArrayView("  ")
            ? Sha256::fromHex(line.first(hexSize))
            : std::nullopt;
    if (!sha256)
        return refusal(QString::fromLatin1(indexName),
                       tr("it has a line that is not “SHA-256  path”", "error message, rule"));
    const QByteArrayView path = line.sliced(hexSize + 2);
    // Our packer lists the files in this order.
    while (nextInIndex < entries.size() && entries[nextInIndex].kind != EntryKind::File)
        ++nextInIndex;
    const bool isNext =
        nextInIndex < entries.size() && isWritten(entries.at(nextInIndex).path, path);
    const qsizetype place = isNext ? nextInIndex : placeOf(QString::fromUtf8(path));
    if (place < 0 || entries[place].kind != EntryKind::File || !entries[place].sha256.isEmpty())
        return refusal(
            QString::fromLatin1(indexName),
            tr("it names “%1”, which is not one file of the archive", "error message, rule")
                .arg(QString::fromUtf8(path)));
    entries[place].sha256 = *sha256;
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
    d.file = InputFile::open(fileName);
    if (!d.file) {
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
    const qint64 got = d->file->read(offset, to, most);
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
