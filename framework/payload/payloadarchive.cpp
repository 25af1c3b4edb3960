// SPDX-License-Identifier: MIT
#include "payload/payloadarchive.h"

#include "payload/entrypath.h"

#include <QFile>
#include <QFileInfo>
#include <QHash>

#include <quazip/quazip.h>
#include <quazip/quazipfile.h>

#include <limits>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr qint64 blockSize = 256 * 1024;
constexpr int mostEntries = 1'000'000;
constexpr qint64 longestLinkTarget = 4096;
constexpr qint64 mostBytes = std::numeric_limits<qint64>::max() / 4; // so that sums cannot overflow
constexpr quint64 deflateLimit = 1032; // no deflated byte can become more than this
constexpr quint64 deflateSlack = 1024;

// The Unix mode in the upper half of the external attributes.
constexpr int typeMask = 0170000;
constexpr int typeFile = 0100000;
constexpr int typeDirectory = 0040000;
constexpr int typeLink = 0120000;
constexpr int setIdMask = 0006000;
constexpr quint32 dosDirectory = 0x10;

constexpr int methodStored = 0;
constexpr int methodDeflated = 8;

/// What is wrong with the archive as a whole, in the words QuaZip does not have.
QString zipReply(int zipError)
{
    switch (zipError) {
    case UNZ_CRCERROR:
        return PayloadArchive::tr("the checksum does not match", "error message, reason");
    case UNZ_BADZIPFILE:
    case UNZ_PARAMERROR:
    case UNZ_OPENERROR:
        return PayloadArchive::tr("it is damaged, cut off or not a ZIP archive",
                                  "error message, reason");
    case UNZ_ERRNO:
        return PayloadArchive::tr("it cannot be read to its end", "error message, reason");
    default:
        return PayloadArchive::tr("its compressed data is damaged", "error message, reason");
    }
}

/// The mode a Unix archiver wrote; 0 when none did.
int unixMode(const QuaZipFileInfo64 &info)
{
    const int host = info.versionCreated >> 8;
    const bool isUnix = host == 3 || host == 19; // 19: OS X
    return isUnix ? int(info.externalAttr >> 16) : 0;
}

/// nullopt for what is never installed.
std::optional<EntryKind> kindOf(const QuaZipFileInfo64 &info)
{
    const bool isNamedDirectory = info.name.endsWith(u'/');
    switch (unixMode(info) & typeMask) {
    case typeDirectory:
        return EntryKind::Directory;
    case typeFile:
        return isNamedDirectory ? std::nullopt : std::optional(EntryKind::File);
    case typeLink:
        return isNamedDirectory ? std::nullopt : std::optional(EntryKind::SymbolicLink);
    case 0:
        return isNamedDirectory || (info.externalAttr & dosDirectory) ? EntryKind::Directory
                                                                      : EntryKind::File;
    default:
        return std::nullopt;
    }
}

/// The rule that \a info breaks, empty if none.
QString brokenRule(const QuaZipFileInfo64 &info)
{
    if (info.isEncrypted())
        return PayloadArchive::tr("it is encrypted", "error message, rule for an archive entry");
    if (info.method != methodStored && info.method != methodDeflated)
        return PayloadArchive::tr("its compression method is neither stored nor deflated",
                                  "error message, rule for an archive entry");
    const std::optional<EntryKind> kind = kindOf(info);
    if (!kind)
        return PayloadArchive::tr("it is neither a file, a folder nor a symbolic link",
                                  "error message, rule for an archive entry");
    if (unixMode(info) & setIdMask)
        return PayloadArchive::tr("it wants to run as another user (set-id)",
                                  "error message, rule for an archive entry");
    if (info.uncompressedSize > quint64(mostBytes))
        return PayloadArchive::tr("its size is not believable",
                                  "error message, rule for an archive entry");
    if (info.method == methodStored && info.compressedSize != info.uncompressedSize)
        return PayloadArchive::tr("its two sizes contradict each other",
                                  "error message, rule for an archive entry");
    if (info.uncompressedSize / deflateLimit > info.compressedSize + deflateSlack)
        return PayloadArchive::tr("its size is not believable",
                                  "error message, rule for an archive entry");
    if (*kind == EntryKind::Directory && info.uncompressedSize > 0)
        return PayloadArchive::tr("it is a folder with content of its own",
                                  "error message, rule for an archive entry");
    if (*kind == EntryKind::SymbolicLink && info.uncompressedSize > quint64(longestLinkTarget))
        return PayloadArchive::tr("it is a link with an endless target",
                                  "error message, rule for an archive entry");
    return {};
}

int modeOf(const QuaZipFileInfo64 &info, EntryKind kind)
{
    if (kind == EntryKind::SymbolicLink)
        return 0777;
    const int mode = unixMode(info) & 0777;
    if (mode != 0)
        return mode;
    return kind == EntryKind::Directory ? 0755 : 0644;
}

} // namespace

struct PayloadArchive::Private
{
    explicit Private(const QString &name)
        : fileName(name)
        , file(name)
        , zip(&file)
    {
    }

    Error refusal(const QString &entryName, const QString &rule) const;
    Error damage(const QString &entryName, const QString &reason) const;
    Result<> readDirectory();
    Result<PayloadEntry> readEntry(const QuaZipFileInfo64 &info) const;
    Result<> checkPlaces() const;
    Result<> readLinkTargets(PayloadArchive &archive);

    QString fileName;
    QFile file;
    QuaZip zip; ///< declared after the file it reads
    QList<PayloadEntry> entries;
    QHash<QString, EntryKind> kinds; ///< by path
};

Error PayloadArchive::Private::refusal(const QString &entryName, const QString &rule) const
{
    return {ErrorCode::BadPayload, tr("The payload “%1” is refused because of its entry “%2”: %3.",
                                      "error message; %3: rule")
                                       .arg(fileName, entryName, rule)};
}

Error PayloadArchive::Private::damage(const QString &entryName, const QString &reason) const
{
    return {ErrorCode::BadPayload,
            tr("Could not unpack “%2” from the payload “%1”: %3.", "error message; %3: reason")
                .arg(fileName, entryName, reason)};
}

Result<PayloadEntry> PayloadArchive::Private::readEntry(const QuaZipFileInfo64 &info) const
{
    const Result<QString> path = EntryPath::fromEntryName(info.name);
    if (!path)
        return Error{ErrorCode::BadPayload,
                     tr("The payload “%1” is refused. %2",
                        "error message; %2: a sentence that names the entry and the rule")
                         .arg(fileName, path.error().message)};
    if (const QString rule = brokenRule(info); !rule.isEmpty())
        return refusal(info.name, rule);

    PayloadEntry entry;
    entry.path = *path;
    entry.kind = *kindOf(info);
    entry.size = qint64(info.uncompressedSize);
    entry.crc32 = info.crc;
    entry.mode = modeOf(info, entry.kind);
    entry.archive = fileName;
    entry.entryName = info.name;
    return entry;
}

Result<> PayloadArchive::Private::readDirectory()
{
    qint64 total = 0;
    for (bool more = zip.goToFirstFile(); more; more = zip.goToNextFile()) {
        QuaZipFileInfo64 info;
        if (!zip.getCurrentFileInfo(&info))
            break;
        Result<PayloadEntry> entry = readEntry(info);
        if (!entry)
            return entry.error();
        total += entry->size;
        if (entries.size() == mostEntries || total > mostBytes)
            return refusal(info.name, tr("there is too much before it", "error message, rule"));
        if (kinds.contains(entry->path))
            return refusal(info.name, tr("the name occurs twice", "error message, rule"));
        kinds.insert(entry->path, entry->kind);
        entries.append(*std::move(entry));
    }
    // The end is believed only if the archive agrees on how far away it is.
    const int zipError = zip.getZipError();
    if ((zipError != UNZ_OK && zipError != UNZ_END_OF_LIST_OF_FILE)
        || zip.getEntriesCount() != entries.size())
        return Error{ErrorCode::BadPayload,
                     tr("Could not read the payload “%1”: %2.", "error message; %2: reason")
                         .arg(fileName, zipReply(UNZ_BADZIPFILE))};
    return {};
}

/// Whatever lies below something must lie below a folder.
Result<> PayloadArchive::Private::checkPlaces() const
{
    for (const PayloadEntry &entry : entries) {
        for (qsizetype slash = entry.path.indexOf(u'/'); slash >= 0;
             slash = entry.path.indexOf(u'/', slash + 1)) {
            const QString above = entry.path.left(slash);
            if (kinds.value(above, EntryKind::Directory) != EntryKind::Directory)
                return refusal(entry.entryName, tr("it lies below “%1”, which is not a folder",
                                                   "error message, rule for an archive entry")
                                                    .arg(above));
        }
    }
    return {};
}

Result<> PayloadArchive::Private::readLinkTargets(PayloadArchive &archive)
{
    for (PayloadEntry &entry : entries) {
        if (entry.kind != EntryKind::SymbolicLink)
            continue;
        QByteArray target;
        const Result<> read = archive.read(entry, [&target](QByteArrayView block) -> Result<> {
            target.append(block);
            return {};
        });
        if (!read)
            return read.error();
        entry.linkTarget = QString::fromUtf8(target);
        if (const Result<> safe = EntryPath::checkLinkTarget(entry.path, entry.linkTarget); !safe)
            return Error{ErrorCode::BadPayload,
                         tr("The payload “%1” is refused. %2",
                            "error message; %2: a sentence that names the entry and the rule")
                             .arg(fileName, safe.error().message)};
    }
    return {};
}

PayloadArchive::PayloadArchive() = default;
PayloadArchive::~PayloadArchive() = default;

Result<std::unique_ptr<PayloadArchive>> PayloadArchive::open(const QString &fileName)
{
    const auto failure = [&fileName](const QString &reason) {
        return Error{ErrorCode::BadPayload,
                     tr("Could not read the payload “%1”: %2.", "error message; %2: reason")
                         .arg(fileName, reason)};
    };
    const QFileInfo info(fileName);
    if (!info.exists())
        return failure(tr("it does not exist", "error message, reason"));
    if (!info.isFile())
        return failure(tr("it is not a file", "error message, reason"));

    std::unique_ptr<PayloadArchive> archive(new PayloadArchive);
    archive->d = std::make_unique<Private>(fileName);
    Private &d = *archive->d;
    if (!d.file.open(QIODevice::ReadOnly))
        return failure(d.file.errorString());
    d.zip.setAutoClose(false);
    d.zip.setFileNameCodec("UTF-8");
    if (!d.zip.open(QuaZip::mdUnzip))
        return failure(zipReply(UNZ_BADZIPFILE));

    if (const Result<> read = d.readDirectory(); !read)
        return read.error();
    if (const Result<> checked = d.checkPlaces(); !checked)
        return checked.error();
    if (const Result<> read = d.readLinkTargets(*archive); !read)
        return read.error();
    return archive;
}

const QList<PayloadEntry> &PayloadArchive::entries() const
{
    return d->entries;
}

Result<> PayloadArchive::read(const PayloadEntry &entry, const Sink &sink)
{
    if (!d->zip.setCurrentFile(entry.entryName, QuaZip::csSensitive))
        return d->damage(entry.entryName, tr("it is not in there", "error message, reason"));
    QuaZipFile file(&d->zip);
    if (!file.open(QIODevice::ReadOnly))
        return d->damage(entry.entryName, zipReply(file.getZipError()));

    QByteArray block(blockSize, Qt::Uninitialized);
    qint64 left = entry.size;
    while (true) {
        const qint64 got = file.read(block.data(), block.size());
        if (got < 0)
            return d->damage(entry.entryName, zipReply(file.getZipError()));
        if (got == 0)
            break;
        if (got > left)
            return d->damage(entry.entryName,
                             tr("it is longer than promised", "error message, reason"));
        left -= got;
        if (const Result<> taken = sink(QByteArrayView(block).first(got)); !taken)
            return taken.error();
    }
    file.close();
    if (file.getZipError() != UNZ_OK)
        return d->damage(entry.entryName, zipReply(file.getZipError()));
    if (left > 0)
        return d->damage(entry.entryName,
                         tr("it is shorter than promised", "error message, reason"));
    return {};
}

Result<bool> PayloadArchive::hasSameBytes(const PayloadEntry &entry, const QString &fileName)
{
    const QFileInfo info(fileName);
    if (info.isSymLink() || !info.isFile() || info.size() != entry.size)
        return false;
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return false; // what we may not look at is not known to be the same

    bool isSame = true;
    const Result<> compared = read(entry, [&](QByteArrayView block) -> Result<> {
        isSame = file.read(block.size()) == block;
        return isSame ? Result<>() : Error{};
    });
    if (!compared && isSame)
        return compared.error();
    return isSame && file.read(1).isEmpty();
}

} // namespace Entracte
