// SPDX-License-Identifier: MIT
#include "payload/payloadsurvey.h"

#include "core/parallel.h"
#include "core/sha256.h"
#include "payload/entryreader.h"
#include "payload/payloadarchive.h"
#include "plan/besidename.h"
#include "plan/relativepath.h"
#include "transaction/directory.h"
#include "transaction/receiptfile.h"

#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <future>
#include <mutex>
#include <vector>

namespace Entracte {

namespace {

constexpr qint64 blockSize = 256 * 1024;

/// The order of looking: the folder around what was looked at last is open, and is that of most
/// files that follow each other, but not of the folders between them.
constexpr bool foldersFirst[] = {true, false};

Error cancelled()
{
    return {ErrorCode::Cancelled,
            PayloadSurvey::tr("The installation was cancelled.", "error message")};
}

/// The SHA-256 of \a fileName.
Result<QByteArray> digestOf(const QString &fileName, const WorkerJob::Context &context)
{
    QFile file(fileName);
    Sha256 hash;
    QByteArray block(blockSize, Qt::Uninitialized);
    const bool isOpen = file.open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    qint64 got = 0;
    while (isOpen && (got = file.read(block.data(), block.size())) > 0) {
        hash.add(QByteArrayView(block).first(got));
        if (context.isCancelled())
            return cancelled();
    }
    if (isOpen && got == 0)
        return hash.result();
    return Error{ErrorCode::Failed,
                 PayloadSurvey::tr("Could not read “%1”: %2.", "error message; %2: system")
                     .arg(fileName, file.errorString())};
}

Result<> checkDigest(const Component &component, const WorkerJob::Context &context)
{
    if (component.sha256.isEmpty() || !QFileInfo(component.payload).isFile())
        return {}; // a missing one is refused when it is opened
    const Result<QByteArray> digest = digestOf(component.payload, context);
    if (!digest)
        return digest.error();
    if (*digest == component.sha256)
        return {};
    return Error{ErrorCode::BadPayload,
                 PayloadSurvey::tr("The payload “%1” is not the one that the manifest promises: "
                                   "its SHA-256 is %2, not %3.",
                                   "error message")
                     .arg(component.payload, QString::fromLatin1(digest->toHex()),
                          QString::fromLatin1(component.sha256.toHex()))};
}

/// Paths that the receipt knows as folders, named or not.
QSet<QString> ownFolders(const Receipt &receipt)
{
    QSet<QString> folders;
    QStringView known; // neighbours mostly lie in the same folder
    for (auto it = receipt.files.begin(); it != receipt.files.end(); ++it) {
        if (it->kind == EntryKind::Directory)
            folders.insert(it.key());
        const QStringView parent = parentView(it.key());
        if (parent == known)
            continue;
        known = parent;
        for (qsizetype slash = it.key().lastIndexOf(u'/'); slash > 0;
             slash = it.key().lastIndexOf(u'/', slash - 1)) {
            const QString above = it.key().left(slash);
            if (folders.contains(above))
                break;
            folders.insert(above);
        }
    }
    return folders;
}

/// Compares what is offered and what is recorded with what stands in the target. Several threads
/// look, each at a batch of paths; what they found is taken down when they are done.
class Comparison
{
public:
    Comparison(const Directory &target, InstalledProduct &installed, WorkerJob::Context &context)
        : m_target(target)
        , m_installed(installed)
        , m_context(context)
    {
    }

    Result<> offered(const QList<std::shared_ptr<const PayloadArchive>> &archives);
    Result<> recorded(const QSet<QString> &offeredFolders);

private:
    /// What stands at a path, and no more of it than is noted: there is one for each entry.
    struct Found
    {
        explicit Found(const QString &where)
            : path(&where)
        {
        }

        void take(const FileStatus &status)
        {
            stamp = status.stamp;
            isThere = true;
            isImmutable = status.isImmutable;
        }

        const QString *path;
        FileStamp stamp;
        bool isThere = false;
        bool isImmutable = false;
    };
    struct Offer : Found
    {
        Offer(const PayloadArchive &itsArchive, const PayloadEntry &itsEntry)
            : Found(itsEntry.path)
            , archive(&itsArchive)
            , entry(&itsEntry)
        {
        }
        const PayloadArchive *archive;
        const PayloadEntry *entry;
        bool isUnchanged = false;
    };
    struct Recorded : Found
    {
        using Found::Found;
        bool isEdited = false;
    };
    struct Worker
    {
        explicit Worker(const Directory &directory)
            : target(directory.duplicate())
            , reader(EntryReader::Verification::Crc)
        {
        }
        Directory target;
        EntryReader reader;
    };

    template <typename Item, typename Look>
    Result<> lookAtEach(std::vector<Item> &items, const Look &look);
    Result<> compare(Offer &offer, Worker &worker);
    Result<bool> isUnchanged(const Offer &offer, const FileStatus &status, Worker &worker);
    Result<bool> isEdited(const QString &path, const FileStatus &status,
                          const QSet<QString> &folders, Worker &worker) const;
    void note(const Found &found);
    void noteUnchanged(const std::vector<Offer> &offers);
    void noteEdited(const QString &path);
    QString absolute(const QString &path) const { return m_target.path() + u'/' + path; }

    const Directory &m_target;
    InstalledProduct &m_installed;
    WorkerJob::Context &m_context;
    std::mutex m_mutex; ///< guards the digests of what was found
};

template <typename Item, typename Look>
Result<> Comparison::lookAtEach(std::vector<Item> &items, const Look &look)
{
    constexpr size_t batch = 64;
    const auto makeWorker = [&]() -> ItemWork {
        const auto worker = std::make_shared<Worker>(m_target);
        return [this, worker, &items, &look](qsizetype number) -> Result<> {
            const size_t first = size_t(number) * batch;
            for (size_t i = first; i < qMin(items.size(), first + batch); ++i) {
                if (m_context.isCancelled())
                    return cancelled();
                if (const Result<> looked = look(items[i], *worker); !looked)
                    return looked;
            }
            return {};
        };
    };
    return inParallel(qsizetype((items.size() + batch - 1) / batch), makeWorker);
}

void Comparison::note(const Found &found)
{
    m_installed.present.insert(*found.path, found.stamp);
    if (found.isImmutable)
        m_installed.immutable.insert(*found.path);
}

void Comparison::noteUnchanged(const std::vector<Offer> &offers)
{
    m_installed.unchanged.reserve(std::count_if(
        offers.begin(), offers.end(), [](const Offer &offer) { return offer.isUnchanged; }));
    for (const Offer &offer : offers) {
        if (offer.isUnchanged)
            m_installed.unchanged.insert(*offer.path);
    }
}

Result<> Comparison::offered(const QList<std::shared_ptr<const PayloadArchive>> &archives)
{
    std::vector<Offer> offers;
    qsizetype count = 0;
    for (const std::shared_ptr<const PayloadArchive> &archive : archives)
        count += archive->entries().size();
    offers.reserve(size_t(count));
    qint64 total = 0;
    for (const std::shared_ptr<const PayloadArchive> &archive : archives) {
        for (const bool areFolders : foldersFirst) {
            for (const PayloadEntry &entry : archive->entries()) {
                if ((entry.kind == EntryKind::Directory) != areFolders)
                    continue;
                offers.emplace_back(*archive, entry);
                total += entry.size;
            }
        }
    }
    m_context.expect(total);
    const Result<> looked =
        lookAtEach(offers, [this](Offer &offer, Worker &worker) { return compare(offer, worker); });
    if (!looked)
        return looked;

    m_installed.present.reserve(count);
    for (const Offer &offer : offers) {
        if (offer.isThere)
            note(offer);
    }
    noteUnchanged(offers);
    return {};
}

Result<> Comparison::compare(Offer &offer, Worker &worker)
{
    if (const std::optional<FileStatus> found = worker.target.status(*offer.path)) {
        offer.take(*found);
        const Result<bool> isSame = isUnchanged(offer, *found, worker);
        if (!isSame)
            return isSame.error();
        offer.isUnchanged = *isSame;
    }
    m_context.advance(offer.entry->size);
    return {};
}

Result<bool> Comparison::isUnchanged(const Offer &offer, const FileStatus &status, Worker &worker)
{
    const PayloadEntry &entry = *offer.entry;
    switch (entry.kind) {
    case EntryKind::Directory:
        return status.isDirectory() && status.mode == entry.mode;
    case EntryKind::SymbolicLink:
        return status.kind == FileKind::SymbolicLink
            && worker.target.linkTarget(entry.path) == QFile::encodeName(entry.linkTarget);
    case EntryKind::File:
        break;
    }
    if (status.kind != FileKind::File || status.mode != entry.mode
        || status.stamp.size != entry.size)
        return false;
    if (!entry.sha256.isEmpty()) {
        const auto recorded = m_installed.receipt.files.constFind(entry.path);
        if (recorded != m_installed.receipt.files.constEnd()
            && m_installed.receipt.isUntouched(*recorded, status.stamp))
            return recorded->sha256 == entry.sha256;
        const Result<QByteArray> found = digestOf(absolute(entry.path), m_context);
        return found && *found == entry.sha256; // what we may not look at is not known to be it
    }
    const Result<bool> hasSameBytes =
        worker.reader.hasSameBytes(*offer.archive, entry, absolute(entry.path));
    if (!hasSameBytes || !*hasSameBytes)
        return hasSameBytes;
    const Result<QByteArray> found = digestOf(absolute(entry.path), m_context);
    if (!found)
        return found.error();
    const std::lock_guard guard(m_mutex);
    m_installed.digests.insert(entry.path, *found);
    return true;
}

Result<> Comparison::recorded(const QSet<QString> &offeredFolders)
{
    const Receipt &receipt = m_installed.receipt;
    QStringList foreign;
    for (auto it = m_installed.present.cbegin(); it != m_installed.present.cend(); ++it) {
        if (!m_installed.unchanged.contains(it.key()) && !receipt.files.contains(it.key()))
            foreign.append(it.key());
    }
    std::vector<Recorded> records;
    records.reserve(size_t(foreign.size() + receipt.files.size()));
    for (const QString &path : std::as_const(foreign))
        records.emplace_back(path);
    for (const bool areFolders : foldersFirst) {
        for (auto it = receipt.files.cbegin(); it != receipt.files.cend(); ++it) {
            if ((it->kind == EntryKind::Directory) == areFolders
                && !m_installed.unchanged.contains(it.key()))
                records.emplace_back(it.key());
        }
    }

    // A folder is in the way only of a file: entries bring folders that may well be there.
    const QSet<QString> folders = ownFolders(receipt) + offeredFolders;
    const Result<> looked = lookAtEach(records, [&](Recorded &record, Worker &worker) -> Result<> {
        const std::optional<FileStatus> found = worker.target.status(*record.path);
        if (!found)
            return {};
        record.take(*found);
        const Result<bool> edited = isEdited(*record.path, *found, folders, worker);
        if (!edited)
            return edited.error();
        record.isEdited = *edited;
        return {};
    });
    if (!looked)
        return looked;
    m_installed.present.reserve(m_installed.present.size() + qsizetype(records.size()));
    for (const Recorded &record : records) {
        if (record.isThere)
            note(record);
        if (record.isEdited)
            noteEdited(*record.path);
    }
    return {};
}

/// Also which names beside it are taken.
void Comparison::noteEdited(const QString &path)
{
    m_installed.edited.insert(path);
    for (const QLatin1StringView tag : {savedTag, newTag}) {
        for (int number = 1;; ++number) {
            const QString name = besideName(path, tag, number);
            if (!m_target.status(name))
                break;
            m_installed.besideEdited.insert(name);
        }
    }
}

/// Whether what stands at \a path is no more what the receipt recorded.
Result<bool> Comparison::isEdited(const QString &path, const FileStatus &status,
                                  const QSet<QString> &folders, Worker &worker) const
{
    const Receipt &receipt = m_installed.receipt;
    if (status.isDirectory())
        return !folders.contains(path);
    const auto recorded = receipt.files.constFind(path);
    if (recorded == receipt.files.constEnd())
        return true;
    switch (recorded->kind) {
    case EntryKind::Directory:
        return true;
    case EntryKind::SymbolicLink:
        return status.kind != FileKind::SymbolicLink
            || worker.target.linkTarget(path) != QFile::encodeName(recorded->linkTarget);
    case EntryKind::File:
        break;
    }
    if (status.kind != FileKind::File || status.stamp.size != recorded->size)
        return true;
    if (receipt.isUntouched(*recorded, status.stamp))
        return false;
    const Result<QByteArray> digest = digestOf(absolute(path), m_context);
    if (!digest)
        return digest.error();
    return *digest != recorded->sha256;
}

Result<std::optional<Directory>> openTarget(const QString &directory)
{
    if (!QFileInfo(directory).isDir())
        return std::optional<Directory>();
    Result<Directory> opened = Directory::open(directory);
    if (!opened)
        return opened.error();
    return std::optional<Directory>(*std::move(opened));
}

Result<> readReceipt(const QString &targetDirectory, InstalledProduct &installed)
{
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(targetDirectory);
    if (!receipt)
        return receipt.error();
    installed.isInstalled = receipt->has_value();
    installed.receipt = receipt->value_or(Receipt());
    return {};
}

} // namespace

Result<PayloadSurvey> PayloadSurvey::take(const Manifest &manifest, const QString &targetDirectory,
                                          WorkerJob::Context &context)
{
    PayloadSurvey survey;
    // Two long texts, read beside each other.
    std::future<Result<>> receipt = std::async(
        std::launch::async, [&] { return readReceipt(targetDirectory, survey.installed); });
    for (const Component &component : manifest.components) {
        if (!component.required && !component.selected)
            continue;
        if (const Result<> checked = checkDigest(component, context); !checked)
            return checked.error();
        Result<std::shared_ptr<const PayloadArchive>> archive =
            PayloadArchive::open(component.payload);
        if (!archive)
            return archive.error();
        if (survey.entries.isEmpty())
            survey.entries = (*archive)->entries(); // shared: mostly there is one archive
        else
            survey.entries.append((*archive)->entries());
        survey.archives.append(*std::move(archive));
    }
    if (const Result<> read = receipt.get(); !read)
        return read.error();
    const Result<std::optional<Directory>> target = openTarget(targetDirectory);
    if (!target)
        return target.error();
    if (!*target)
        return survey;
    Comparison comparison(**target, survey.installed, context);
    if (const Result<> compared = comparison.offered(survey.archives); !compared)
        return compared.error();
    QSet<QString> offeredFolders;
    for (const PayloadEntry &entry : std::as_const(survey.entries)) {
        if (entry.kind == EntryKind::Directory)
            offeredFolders.insert(entry.path);
    }
    if (const Result<> compared = comparison.recorded(offeredFolders); !compared)
        return compared.error();
    return survey;
}

Result<InstalledProduct> PayloadSurvey::takeInstalled(const QString &targetDirectory,
                                                      WorkerJob::Context &context)
{
    InstalledProduct installed;
    if (const Result<> read = readReceipt(targetDirectory, installed); !read)
        return read.error();
    const Result<std::optional<Directory>> target = openTarget(targetDirectory);
    if (!target)
        return target.error();
    if (!*target)
        return installed;
    Comparison comparison(**target, installed, context);
    if (const Result<> compared = comparison.recorded({}); !compared)
        return compared.error();
    return installed;
}

} // namespace Entracte
