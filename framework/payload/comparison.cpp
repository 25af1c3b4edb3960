// SPDX-License-Identifier: MIT
#include "payload/comparison.h"

#include "core/parallel.h"
#include "payload/cancellation.h"
#include "payload/entryreader.h"
#include "payload/filedigest.h"
#include "payload/payloadarchive.h"
#include "plan/besidename.h"
#include "plan/folderorder.h"
#include "plan/foldersabove.h"
#include "transaction/receiptfile.h"

#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <future>

namespace Entracte {

/// What a thread has of its own.
struct Comparison::Worker
{
    explicit Worker(const Directory &directory)
        : target(directory.duplicate())
    {
    }

    Directory target;
    std::optional<EntryReader> reader; ///< large, and not for payloads with an index
};

Comparison::Comparison(const QString &targetDirectory, InstalledProduct &installed,
                       WorkerJob::Context &context)
    : m_targetDirectory(targetDirectory)
    , m_installed(installed)
    , m_context(context)
{
}

Result<> Comparison::forEach(size_t count, const Look &look) const
{
    constexpr size_t batch = 64;
    const auto makeWorker = [&]() -> ItemWork {
        const auto worker = std::make_shared<Worker>(*m_target);
        return [this, count, &look, worker](qsizetype number) -> Result<> {
            const size_t first = size_t(number) * batch;
            for (size_t item = first; item < std::min(count, first + batch); ++item) {
                if (m_context.isCancelled())
                    return Cancellation::error();
                if (const Result<> looked = look(item, *worker); !looked)
                    return looked;
            }
            return {};
        };
    };
    return inParallel(qsizetype((count + batch - 1) / batch), makeWorker);
}

const QString &Comparison::pathOf(size_t place) const
{
    return isRecorded(place) ? files().at(qsizetype(place)).path
                             : *m_others[place - size_t(files().size())];
}

void Comparison::find(size_t place, Directory &target)
{
    const std::optional<FileStatus> status = target.status(pathOf(place));
    if (status)
        m_found[place] = {status->stamp, status->mode, status->kind, true, status->isImmutable};
}

// --- what is recorded
// -----------------------------------------------------------------------------------

Result<> Comparison::lookAtRecorded()
{
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(m_targetDirectory);
    if (!receipt)
        return receipt.error();
    m_installed.isInstalled = receipt->has_value();
    m_installed.receipt = receipt->value_or(Receipt());
    if (!QFileInfo(m_targetDirectory).isDir())
        return {};
    Result<Directory> opened = Directory::open(m_targetDirectory);
    if (!opened)
        return opened.error();
    m_target = *std::move(opened);

    const std::vector<quint32> places = folderOrder(
        size_t(files().size()), [this](size_t place) -> const QString & { return pathOf(place); });
    m_found.resize(places.size());
    return forEach(places.size(), [&](size_t item, Worker &worker) -> Result<> {
        find(places[item], worker.target);
        return {};
    });
}

// --- what is offered
// ------------------------------------------------------------------------------------

/// Both are sorted: the place of each entry is found by going through both.
void Comparison::addOffers(const PayloadArchive &archive)
{
    qsizetype recorded = 0;
    for (const PayloadEntry &entry : archive.entries()) {
        int order = 1;
        while (recorded < files().size()
               && (order = files().at(recorded).path.compare(entry.path)) < 0)
            ++recorded;
        if (order == 0) {
            m_offers.push_back({&archive, &entry, size_t(recorded)});
        } else {
            m_offers.push_back({&archive, &entry, size_t(files().size()) + m_others.size()});
            m_others.push_back(&entry.path);
        }
    }
}

Result<> Comparison::compareOffered(const QList<std::shared_ptr<const PayloadArchive>> &archives)
{
    qint64 total = 0;
    qsizetype offered = 0;
    for (const std::shared_ptr<const PayloadArchive> &archive : archives)
        offered += archive->entries().size();
    m_offers.reserve(size_t(offered));
    for (const std::shared_ptr<const PayloadArchive> &archive : archives)
        addOffers(*archive);
    for (const Offer &offer : m_offers)
        total += offer.entry->size;
    m_context.expect(total);
    m_found.resize(size_t(files().size()) + m_others.size());
    const auto compare = [&](size_t item, Worker &worker) -> Result<> {
        Offer &offer = m_offers[item];
        if (!isRecorded(offer.place))
            find(offer.place, worker.target);
        const Result<bool> isSame = isUnchanged(offer, worker);
        if (!isSame)
            return isSame.error();
        offer.isUnchanged = *isSame;
        m_context.advance(offer.entry->size);
        return {};
    };
    if (const Result<> compared = forEach(m_offers.size(), compare); !compared)
        return compared;
    for (const Offer &offer : m_offers) {
        if (offer.isUnchanged)
            m_found[offer.place].isUnchanged = true;
    }
    return {};
}

Result<bool> Comparison::isUnchanged(const Offer &offer, Worker &worker)
{
    const PayloadEntry &entry = *offer.entry;
    const Found &found = m_found[offer.place];
    if (!found.isThere)
        return false;
    switch (entry.kind) {
    case EntryKind::Directory:
        return found.kind == FileKind::Directory && found.mode == entry.mode;
    case EntryKind::SymbolicLink:
        return found.kind == FileKind::SymbolicLink
            && worker.target.linkTarget(entry.path) == QFile::encodeName(entry.linkTarget);
    case EntryKind::File:
        break;
    }
    if (found.kind != FileKind::File || found.mode != entry.mode || found.stamp.size != entry.size)
        return false;
    return hasOfferedBytes(offer, worker);
}

/// Of a file that looks like the offered one.
Result<bool> Comparison::hasOfferedBytes(const Offer &offer, Worker &worker)
{
    const PayloadEntry &entry = *offer.entry;
    if (!entry.sha256.isEmpty()) {
        if (isRecorded(offer.place)) {
            const InstalledFile &recorded = files().at(qsizetype(offer.place)).file;
            if (m_installed.receipt.isUntouched(recorded, m_found[offer.place].stamp))
                return recorded.sha256 == entry.sha256;
        }
        const Result<QByteArray> digest = FileDigest::of(absolute(entry.path), m_context);
        return digest && *digest == entry.sha256; // what we may not look at is not known to be it
    }
    if (!worker.reader)
        worker.reader.emplace(EntryReader::Verification::Crc);
    const Result<bool> hasSameBytes =
        worker.reader->hasSameBytes(*offer.archive, entry, absolute(entry.path));
    if (!hasSameBytes || !*hasSameBytes)
        return hasSameBytes;
    const Result<QByteArray> digest = FileDigest::of(absolute(entry.path), m_context);
    if (!digest)
        return digest.error();
    const std::lock_guard guard(m_mutex);
    m_installed.digests.insert(entry.path, *digest);
    return true;
}

// --- what was edited
// ------------------------------------------------------------------------------------

Result<> Comparison::conclude()
{
    std::vector<size_t> changed;
    for (size_t place = 0; place < m_found.size(); ++place) {
        if (m_found[place].isThere && !m_found[place].isUnchanged)
            changed.push_back(place);
    }
    std::vector<char> isChangedByOthers(changed.size()); // not <bool>: several threads write
    const auto look = [&](size_t item, Worker &worker) -> Result<> {
        const Result<bool> edited = isEdited(changed[item], worker);
        if (!edited)
            return edited.error();
        isChangedByOthers[item] = *edited;
        return {};
    };
    if (const Result<> looked = forEach(changed.size(), look); !looked)
        return looked;

    takeDown();
    QSet<QString> folders;
    for (size_t item = 0; item < changed.size(); ++item) {
        const QString &path = pathOf(changed[item]);
        // A folder is in the way only of a file: entries bring folders that may well be there.
        if (m_found[changed[item]].kind == FileKind::Directory) {
            if (folders.isEmpty())
                folders = knownFolders();
            isChangedByOthers[item] = !folders.contains(path);
        }
        if (isChangedByOthers[item])
            noteEdited(path);
    }
    return {};
}

/// Whether what stands there, no folder, is no more what the receipt recorded.
Result<bool> Comparison::isEdited(size_t place, Worker &worker) const
{
    if (!isRecorded(place))
        return true;
    const auto &[path, recorded] = files().at(qsizetype(place));
    const Found &found = m_found[place];
    switch (recorded.kind) {
    case EntryKind::Directory:
        return true;
    case EntryKind::SymbolicLink:
        return found.kind != FileKind::SymbolicLink
            || worker.target.linkTarget(path) != QFile::encodeName(recorded.linkTarget);
    case EntryKind::File:
        break;
    }
    if (found.kind != FileKind::File || found.stamp.size != recorded.size)
        return true;
    if (m_installed.receipt.isUntouched(recorded, found.stamp))
        return false;
    const Result<QByteArray> digest = FileDigest::of(absolute(path), m_context);
    if (!digest)
        return digest.error();
    return *digest != recorded.sha256;
}

/// Paths that the receipt knows as folders, named or not, or that are offered as such.
QSet<QString> Comparison::knownFolders() const
{
    FoldersAbove recorded;
    for (auto it = files().begin(); it != files().end(); ++it) {
        if (it->kind == EntryKind::Directory)
            recorded.addFolder(it.key());
        else
            recorded.add(it.key());
    }
    QSet<QString> folders = recorded.folders();
    for (const Offer &offer : m_offers) {
        if (offer.entry->kind == EntryKind::Directory)
            folders.insert(offer.entry->path);
    }
    return folders;
}

void Comparison::takeDown()
{
    // Two large tables, made beside each other.
    const std::future<void> unchanged = std::async(std::launch::async, [this] {
        m_installed.unchanged.reserve(qsizetype(m_offers.size()));
        for (const Offer &offer : m_offers) {
            if (offer.isUnchanged)
                m_installed.unchanged.insert(offer.entry->path);
        }
    });
    m_installed.present.reserve(qsizetype(m_found.size()));
    for (size_t place = 0; place < m_found.size(); ++place) {
        const Found &found = m_found[place];
        if (found.isThere)
            m_installed.present.insert(pathOf(place), found.stamp);
        if (found.isImmutable)
            m_installed.immutable.insert(pathOf(place));
    }
    unchanged.wait();
}

/// Also which names beside it are taken.
void Comparison::noteEdited(const QString &path)
{
    m_installed.edited.insert(path);
    for (const QLatin1StringView tag : {savedTag, newTag}) {
        for (int number = 1;; ++number) {
            const QString name = besideName(path, tag, number);
            if (!m_target->status(name))
                break;
            m_installed.besideEdited.insert(name);
        }
    }
}

} // namespace Entracte
