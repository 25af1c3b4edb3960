// SPDX-License-Identifier: MIT
#include "transaction/transaction.h"

#include "core/logging.h"
#include "core/parallel.h"
#include "plan/relativepath.h"
#include "transaction/deferredstage.h"
#include "transaction/deferredversion.h"
#include "transaction/fileswap.h"
#include "transaction/folders.h"
#include "transaction/journal.h"
#include "transaction/receiptfile.h"
#include "transaction/recovery.h"
#include "transaction/spacereserve.h"
#include "transaction/treeswap.h"
#include "transaction/workplace.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QUuid>

#include <algorithm>
#include <future>
#include <map>
#include <mutex>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr int usualFolderMode = 0755;
constexpr qint64 slackBytes = 1024 * 1024;     // journal, receipt, directories
constexpr qint64 bytesPerOperation = 4 * 1024; // one block of bookkeeping each
constexpr qsizetype mostGathered = 64 * 1024;  // of the journal, before it is written

/// Of an absolute path.
QString parentFolder(const QString &path)
{
    return QFileInfo(path).path();
}

/// The directories that must be made before \a path can be, outermost first.
QStringList missingParents(const QString &path)
{
    QStringList missing;
    for (QString parent = parentFolder(path); !QFileInfo::exists(parent);
         parent = parentFolder(parent))
        missing.prepend(parent);
    return missing;
}

Result<> makeAbsolute(const QString &directory)
{
    Result<Directory> parent = Directory::open(parentFolder(directory));
    return parent ? parent->makeDirectory(nameOf(directory), 0755) : parent.error();
}

InstalledFile recordOf(const PayloadEntry &entry)
{
    InstalledFile file;
    file.kind = entry.kind;
    file.size = entry.size;
    file.mode = entry.mode;
    file.sha256 = entry.sha256;
    file.linkTarget = entry.linkTarget;
    return file;
}

} // namespace

struct Transaction::Private
{
    enum class State { Staging, Committed, Done };

    explicit Private(const InstallPlan &installPlan)
        : plan(installPlan)
        , target(installPlan.targetDirectory)
    {
        header.transactionId = QUuid::createUuid().toString(QUuid::Id128);
        header.productId = plan.productId;
        header.version = plan.version;
        header.targetDirectory = target;
    }

    Result<> checkTarget() const;
    Result<> checkRoom(const Directory &volume) const;
    Result<> layOut();
    Result<> makePlace();
    Result<> chooseRoad();
    Result<> beginTreeSwap();
    Result<> takeFileRoad();
    Result<> stageFolders();
    Result<> makeLevel(QStringList &level) const;
    Result<> stageLinksAndBackUps();
    Result<> record(const QString &path, const InstalledFile &file);
    Result<> writeReceipt();
    Result<> applyModes();
    Result<> sync();
    void abandon();
    Result<> takeUp(DeferredStage waiting);
    Result<> wait(const Journal::Deferral &toRemember);
    enum class Ending { RemoveOldVersion, KeepOldVersion, GiveUp };
    Result<> removeAll(Ending ending);

    const InstallPlan plan;
    QString target;
    Durability durability = Durability::Synced;
    Journal::Header header;
    std::optional<WorkPlace> place;
    std::optional<FileLock> lock;
    std::optional<Journal> journal;
    std::optional<SpaceReserve> reserve;
    std::optional<Directory> stage;
    std::optional<Directory> old; ///< what is kept comes from here
    std::unique_ptr<CommitRoad> road;
    TreeSwap *treeSwap = nullptr; ///< the road, if it is that one
    bool canExchange = false;
    State state = State::Staging;
    std::optional<Journal::Deferral> deferral; ///< of one that has waited

    QHash<QString, int> unusualFolderModes;

    std::mutex mutex; ///< guards what follows, and the journal: Stagers add to it
    QHash<QString, InstalledFile> offeredForEdited; ///< by the path of the edited file
    bool isTreeSwapImpossible = false;
};

// --- staging
// ------------------------------------------------------------------------------------------

struct Transaction::Stager::Private
{
    Transaction::Private &transaction;
    Directory stage;
    std::optional<Directory> old;
    QByteArray lines; ///< for the journal
    QHash<QString, InstalledFile> offeredForEdited;
    std::optional<OutputFile> file;
    const PayloadEntry *entry = nullptr; ///< whose file it is …
    QString path;                        ///< … and where
};

Transaction::Stager::Stager(std::unique_ptr<Private> made)
    : d(std::move(made))
{
}

Transaction::Stager::~Stager()
{
    const std::lock_guard guard(d->transaction.mutex);
    d->transaction.journal->addLines(d->lines);
    d->transaction.offeredForEdited.insert(d->offeredForEdited);
}

Result<> Transaction::Stager::begin(const PayloadEntry &entry)
{
    d->path = d->transaction.plan.placeFor(entry.path);
    Result<OutputFile> made = d->stage.createFile(d->path, entry.mode);
    if (!made)
        return made.error();
    d->file = *std::move(made);
    d->entry = &entry;
    return {};
}

Result<> Transaction::Stager::write(QByteArrayView block)
{
    if (const Result<> released = d->transaction.reserve->release(block.size()); !released)
        return released;
    return d->file->write(block);
}

Result<> Transaction::Stager::end(const QByteArray &sha256)
{
    InstalledFile file = recordOf(*d->entry);
    file.sha256 = sha256;
    file.modified = d->file->stamp().modified;
    d->file.reset();
    const QString &offered = d->entry->path;
    if (!d->transaction.plan.edited.contains(offered))
        return record(d->path, file);
    // Of a merged one, the receipt tells only what was offered.
    d->offeredForEdited.insert(offered, file);
    return d->path == offered ? Result<>() : record(d->path, file);
}

Result<> Transaction::Stager::record(const QString &path, const InstalledFile &file)
{
    Journal::appendLine(d->lines, path, file);
    if (d->lines.size() < mostGathered)
        return {};
    const std::lock_guard guard(d->transaction.mutex);
    d->transaction.journal->addLines(d->lines);
    d->lines.resize(0); // keeps its room
    return d->transaction.journal->write();
}

Result<> Transaction::Stager::keep(const PayloadEntry &entry)
{
    // The receipt says what the product put there: an edit from now on shows against it.
    InstalledFile file = recordOf(entry);
    file.modified = d->transaction.plan.seen.value(entry.path).modified;
    if (const Result<> recorded = record(entry.path, file); !recorded)
        return recorded;
    if (!d->transaction.treeSwap)
        return {}; // it stays where it is
    const Result<> kept = d->stage.keep(*d->old, entry.path, entry.path);
    if (kept || kept.error().code != ErrorCode::CannotKeep)
        return kept;
    const std::lock_guard guard(d->transaction.mutex);
    d->transaction.isTreeSwapImpossible = true;
    return {};
}

// --- beginning
// ----------------------------------------------------------------------------------------

Result<> Transaction::Private::checkTarget() const
{
    const QFileInfo info(target);
    if (info.exists() && !info.isDir())
        return Error{
            ErrorCode::Failed,
            tr("Could not install into “%1”: it is not a folder.", "error message").arg(target)};

    // One writable folder is enough: the target's own, or the one above it.
    const QStringList missing = missingParents(target);
    const QString folder = missing.isEmpty() ? parentFolder(target) : parentFolder(missing.first());
    const QString needed = info.isDir() ? target : folder;
    const Result<Directory> directory = Directory::open(needed);
    if (!directory)
        return directory.error();
    if (!directory->isWritable())
        return Error{ErrorCode::PermissionDenied,
                     tr("Could not install into “%1”: you may not write in the folder “%2”.",
                        "error message")
                         .arg(target, needed)};
    return checkRoom(*directory);
}

Result<> Transaction::Private::checkRoom(const Directory &volume) const
{
    const Result<qint64> available = volume.availableBytes();
    if (!available)
        return available.error();
    const qint64 needed =
        plan.bytesToWrite + slackBytes + bytesPerOperation * plan.operations.size();
    if (*available >= needed)
        return {};
    const QLocale locale;
    return Error{
        ErrorCode::NoSpace,
        tr("Could not install into “%1”: %2 are needed there, %3 are free.",
           "error message; %2 and %3: sizes")
            .arg(target, locale.formattedDataSize(needed), locale.formattedDataSize(*available))};
}

Result<> Transaction::Private::layOut()
{
    const QStringList missing = missingParents(target);
    for (const QString &parent : missing) {
        if (const Result<> made = makeAbsolute(parent); !made)
            return made;
        header.createdParents.append(parent);
    }
    if (const Result<> made = makePlace(); !made)
        return made;
    Result<FileLock> locked = place->directory().lock(WorkPlace::lockName());
    if (!locked)
        return locked.error();
    lock = *std::move(locked);
    header.isRemoval = plan.isRemoval;
    Result<Journal> created = Journal::create(place->directory(), WorkPlace::journalName(), header);
    if (!created)
        return created.error();
    journal = *std::move(created);
    reserve.emplace(place->directory().duplicate(), WorkPlace::reserveName());
    if (const Result<> held = reserve->hold(plan.bytesToWrite); !held)
        return held;

    if (QFileInfo(target).isDir()) {
        Result<Directory> installed = Directory::open(target);
        if (!installed)
            return installed.error();
        old = *std::move(installed);
    }
    const QString stageName = WorkPlace::stageName();
    const Result<> made = old ? place->directory().makeDirectoryLike(stageName, *old, QString())
                              : place->directory().makeDirectory(stageName, 0755);
    if (!made)
        return made;
    Result<Directory> staged = place->directory().below(stageName);
    if (!staged)
        return staged.error();
    stage = *std::move(staged);
    if (const Result<> chosen = chooseRoad(); !chosen)
        return chosen;
    if (const Result<> laidOut = stageFolders(); !laidOut)
        return laidOut;
    if (const Result<> begun = beginTreeSwap(); !begun)
        return begun;
    return stageLinksAndBackUps();
}

Result<> Transaction::Private::beginTreeSwap()
{
    const Result<> begun = treeSwap ? treeSwap->begin() : Result<>();
    if (begun || begun.error().code != ErrorCode::CannotKeep)
        return begun;
    isTreeSwapImpossible = true;
    return {};
}

/// Beside the target, or inside where the parent is not to be had.
Result<> Transaction::Private::makePlace()
{
    Result<Directory> parent = Directory::open(parentFolder(target));
    const std::optional<FileStatus> above = parent ? parent->status(QString()) : std::nullopt;
    const std::optional<FileStatus> there = parent ? parent->status(nameOf(target)) : std::nullopt;
    const bool isBeside = parent && parent->isWritable()
                       && (!there || (there->device == above->device && !there->isMountPoint));
    Result<WorkPlace> made =
        WorkPlace::make(isBeside ? WorkPlace::Kind::Beside : WorkPlace::Kind::Inside, target);
    if (!made)
        return made.error();
    place = *std::move(made);
    return {};
}

Result<> Transaction::Private::chooseRoad()
{
    canExchange = TreeSwap::isPossible(place->directory());
    if (place->kind() == WorkPlace::Kind::Beside) {
        Result<Directory> parent = Directory::open(parentFolder(target));
        if (!parent)
            return parent.error();
        if (!old || (canExchange && TreeSwap::isAllowed(*parent, nameOf(target)))) {
            auto swap =
                std::make_unique<TreeSwap>(plan, *std::move(parent), nameOf(target),
                                           place->directory().duplicate(), WorkPlace::stageName());
            treeSwap = swap.get();
            road = std::move(swap);
            return {};
        }
    }
    return takeFileRoad();
}

Result<> Transaction::Private::takeFileRoad()
{
    Q_ASSERT(old); // a target that is not there yet is moved in as a whole
    qCInfo(lcTransaction) << target << "goes file by file";
    treeSwap = nullptr;
    road = std::make_unique<FileSwap>(plan, old->duplicate(), stage->duplicate(), *journal,
                                      canExchange);
    return {};
}

/// Of what no Stager makes.
Result<> Transaction::Private::record(const QString &path, const InstalledFile &file)
{
    journal->add(path, file);
    return journal->gathered() < mostGathered ? Result<>() : journal->write();
}

Result<> Transaction::Private::makeLevel(QStringList &level) const
{
    constexpr qsizetype batch = 64; // neighbours share the folder they lie in
    std::sort(level.begin(), level.end());
    return inParallel((level.size() + batch - 1) / batch, [&]() -> ItemWork {
        const auto directory = std::make_shared<Directory>(stage->duplicate());
        return [this, directory, &level](qsizetype item) -> Result<> {
            const qsizetype end = qMin(level.size(), (item + 1) * batch);
            for (qsizetype i = item * batch; i < end; ++i) {
                const int mode = unusualFolderModes.value(level.at(i), usualFolderMode);
                const Result<> made = directory->makeDirectory(level.at(i), mode | 0700);
                if (!made)
                    return made;
            }
            return {};
        };
    });
}

/// First, so that Stagers find every folder there.
Result<> Transaction::Private::stageFolders()
{
    for (const Operation &operation : plan.operations) {
        if (const auto *made = std::get_if<CreateDirectory>(&operation)) {
            const PayloadEntry &folder = plan.of(*made);
            if (const Result<> recorded = record(folder.path, recordOf(folder)); !recorded)
                return recorded;
            if (folder.mode != usualFolderMode)
                unusualFolderModes.insert(folder.path, folder.mode);
        }
    }
    QStringList folders;
    if (treeSwap) {
        const QSet<QString> offered = plan.offeredFolders();
        folders = QStringList(offered.begin(), offered.end());
    } else {
        const QSet<QString> needed = plan.foldersOfPlaced();
        folders = QStringList(needed.begin(), needed.end());
    }
    std::map<qsizetype, QStringList> levels; // outer ones first; inside one, all beside each other
    for (const QString &folder : std::as_const(folders))
        levels[folder.count(u'/')].append(folder);
    for (auto &[depth, level] : levels) {
        if (const Result<> made = makeLevel(level); !made)
            return made;
    }
    const QString own = QLatin1StringView(ownDirectoryName);
    return plan.isRemoval ? Result<>() : stage->makeDirectory(own, 0755);
}

Result<> Transaction::Private::stageLinksAndBackUps()
{
    for (const Operation &operation : plan.operations) {
        if (const auto *placed = std::get_if<PlaceEntry>(&operation);
            placed && plan.of(*placed).kind == EntryKind::SymbolicLink) {
            const PayloadEntry &entry = plan.of(*placed);
            const QString path = plan.pathOf(*placed);
            if (path != entry.path)
                offeredForEdited.insert(entry.path, recordOf(entry));
            if (const Result<> recorded = record(path, recordOf(entry)); !recorded)
                return recorded;
            const Result<> made =
                stage->makeSymbolicLink(path, QFile::encodeName(entry.linkTarget));
            if (!made)
                return made;
        } else if (const auto *backUp = std::get_if<BackUpFile>(&operation); backUp && treeSwap) {
            // A folder in the way is not ours: what it holds is carried over.
            const auto &[path, backupPath] = plan.of(*backUp);
            const std::optional<FileStatus> there = old ? old->status(path) : std::nullopt;
            if (!there || there->isDirectory())
                continue;
            Result<> kept = makeFoldersLike(*stage, *old, parentOf(backupPath));
            if (kept)
                kept = stage->keep(*old, path, backupPath);
            if (!kept && kept.error().code != ErrorCode::CannotKeep)
                return kept;
            isTreeSwapImpossible = isTreeSwapImpossible || !kept;
        }
    }
    return {};
}

// --- the end of staging
// -------------------------------------------------------------------------------

/// Innermost first: an outer directory may be closed to its owner.
Result<> Transaction::Private::applyModes()
{
    QStringList folders = unusualFolderModes.keys();
    std::sort(folders.begin(), folders.end(), std::greater<>());
    for (const QString &folder : std::as_const(folders)) {
        const int mode = unusualFolderModes.value(folder);
        if ((mode & 0700) == 0700 || !stage->status(folder))
            continue;
        if (const Result<> set = stage->setMode(folder, mode); !set)
            return set;
    }
    return {};
}

/// The journal, up to here, is what the product owns: it gets a second name in the new version.
Result<> Transaction::Private::writeReceipt()
{
    for (auto it = plan.edited.cbegin(); it != plan.edited.cend(); ++it) {
        InstalledFile offered = offeredForEdited.value(it.key());
        offered.modified = 0; // so that what stands there is compared, whatever its size and time
        journal->add(it.key(), offered);
    }
    journal->add(Journal::Mark::Staged);
    if (const Result<> written = journal->write(); !written)
        return written;
    if (plan.isRemoval
        || place->directory().link(WorkPlace::journalName(), *stage, ReceiptFile::path()))
        return {};
    // A volume without hard links.
    const Result<std::optional<QByteArray>> text =
        place->directory().read(WorkPlace::journalName());
    Result<OutputFile> receipt = stage->createFile(ReceiptFile::path(), 0644);
    if (!text || !receipt)
        return text ? receipt.error() : text.error();
    return receipt->write(text->value_or(QByteArray()));
}

Result<> Transaction::Private::sync()
{
    return durability == Durability::Synced ? place->directory().syncVolume() : Result<>();
}

Result<> Transaction::Private::removeAll(Ending ending)
{
    // Thousands of watches end slowly, and beside everything else.
    const std::future<void> ended =
        std::async(std::launch::async, [gone = std::move(road)]() mutable { gone.reset(); });
    treeSwap = nullptr;
    journal.reset();
    reserve.reset();
    const Result<> removed = ending == Ending::KeepOldVersion ? place->removeButKeepTree()
                           : ending == Ending::GiveUp ? place->remove(WorkPlace::Holds::Drafts)
                                                      : place->remove(WorkPlace::Holds::OldVersion,
                                                                      Directory::Urgency::Whenever);
    lock.reset();
    state = State::Done;
    return removed;
}

/// Leaves nothing behind of a begin() that failed.
void Transaction::Private::abandon()
{
    // Without the lock the directory is somebody else's, or only just made.
    if (place) {
        const Result<> removed = removeAll(Ending::GiveUp);
        if (!removed)
            qCWarning(lcTransaction) << removed.error().message;
    }
    state = State::Done;
    removeIfEmpty(header.createdParents);
}

// --- the transaction
// ----------------------------------------------------------------------------------

Transaction::Transaction(const InstallPlan &plan)
    : d(std::make_unique<Private>(plan))
{
}

Transaction::~Transaction()
{
    if (d->state != Private::State::Staging)
        return;
    // The journal has the rest of what is to be remembered already.
    const Result<> left = d->deferral ? d->wait({d->deferral->base, {}, {}, {}}) : rollBack();
    if (!left)
        qCWarning(lcTransaction) << left.error().message;
}

Result<std::unique_ptr<Transaction>> Transaction::begin(const InstallPlan &plan,
                                                        Durability durability)
{
    if (const Result<> recovered = recover(plan.targetDirectory); !recovered)
        return recovered.error();
    std::unique_ptr<Transaction> transaction(new Transaction(plan));
    transaction->d->durability = durability;
    Result<> begun = transaction->d->checkTarget();
    if (begun)
        begun = transaction->d->layOut();
    if (begun)
        return transaction;
    transaction->d->abandon();
    return begun.error();
}

Result<NameFolding> Transaction::nameFolding()
{
    return d->place->directory().nameFolding();
}

std::unique_ptr<Transaction::Stager> Transaction::stager()
{
    auto made = std::make_unique<Stager::Private>(
        Stager::Private{*d, d->stage->duplicate(), {}, {}, {}, {}, {}, {}});
    if (d->old)
        made->old = d->old->duplicate();
    return std::unique_ptr<Stager>(new Stager(std::move(made)));
}

Result<> Transaction::finishStaging()
{
    if (const Result<> released = d->reserve->releaseAll(); !released)
        return released;
    if (const Result<> set = d->applyModes(); !set)
        return set;
    if (const Result<> written = d->writeReceipt(); !written)
        return written;
    Result<> prepared;
    if (d->treeSwap && !d->isTreeSwapImpossible)
        prepared = d->road->prepare();
    if (d->treeSwap
        && (d->isTreeSwapImpossible
            || (!prepared && prepared.error().code == ErrorCode::CannotKeep)))
        prepared = d->takeFileRoad();
    if (!prepared)
        return prepared;
    if (const Result<> synced = d->sync(); !synced)
        return synced;
    // Steps speak of drafts: those must be on the disk before.
    return d->treeSwap ? Result<>() : d->road->prepare();
}

Result<> Transaction::commit()
{
    Q_ASSERT(d->state == Private::State::Staging);
    Result<> committed = d->road->commit();
    if (!committed && d->treeSwap && committed.error().code != ErrorCode::RollbackIncomplete
        && d->old) {
        // It looked possible and is not: file by file, then.
        qCInfo(lcTransaction) << committed.error().message;
        Result<> perFile = d->takeFileRoad();
        if (perFile)
            perFile = d->road->prepare();
        if (perFile)
            perFile = d->road->commit();
        // What kept the trees from being exchanged says more than what kept the files.
        if (perFile || perFile.error().code == ErrorCode::RollbackIncomplete)
            committed = perFile;
    }
    if (committed)
        d->state = Private::State::Committed;
    else if (committed.error().code == ErrorCode::RollbackIncomplete)
        d->state = Private::State::Done; // the journal stays for recover()
    return committed;
}

Result<> Transaction::rollBack()
{
    if (d->state == Private::State::Done)
        return {};
    const bool isPerFile = !d->treeSwap && d->road;
    if (d->state == Private::State::Committed) {
        d->journal->add(Journal::Mark::Undoing);
        // File by file, the steps alone do not tell which way they were going.
        Result<> undone = isPerFile ? d->journal->sync() : d->journal->write();
        if (undone)
            undone = d->road->undo();
        if (!undone) {
            d->state = Private::State::Done; // the journal stays for recover()
            return undone;
        }
        if (isPerFile) {
            if (const Result<> synced = d->sync(); !synced)
                return synced;
        }
    } else if (isPerFile) {
        const Result<> forgotten = static_cast<FileSwap &>(*d->road).forget();
        if (!forgotten)
            return forgotten;
    }
    d->old.reset();
    const Result<> removed = d->removeAll(Private::Ending::GiveUp);
    removeIfEmpty(d->header.createdParents);
    return removed;
}

Result<> Transaction::close(OldVersion oldVersion)
{
    Q_ASSERT(d->state == Private::State::Committed);
    if (const Result<> finished = d->road->finish(); !finished)
        return finished;
    // The old bytes go only when the new ones cannot be lost any more.
    d->journal->add(Journal::Mark::Committed);
    if (const Result<> written = d->journal->write(); !written)
        return written;
    if (const Result<> synced = d->sync(); !synced)
        return synced;
    const bool wasPerFile = isPerFile();
    if (const Result<> dropped = DeferredVersion::drop(d->target); !dropped)
        qCWarning(lcTransaction) << dropped.error().message; // it is obsolete, and will be found so
    d->old.reset();
    const auto ending = oldVersion == OldVersion::Keep ? Private::Ending::KeepOldVersion
                                                       : Private::Ending::RemoveOldVersion;
    if (const Result<> removed = d->removeAll(ending); !removed)
        return removed;
    if (d->plan.isRemoval) {
        if (wasPerFile)
            QDir().rmdir(d->target); // goes only if nothing foreign is in it
        return {};
    }
    Result<Directory> installed = Directory::open(d->target);
    return installed ? ReceiptFile::seal(*installed) : installed.error();
}

// --- waiting
// ------------------------------------------------------------------------------------------

Result<> Transaction::defer()
{
    Q_ASSERT(d->state == Private::State::Staging);
    const Result<Journal::Deferral> toRemember = DeferredVersion::remember(d->plan);
    return toRemember ? d->wait(*toRemember) : toRemember.error();
}

Result<> Transaction::Private::wait(const Journal::Deferral &toRemember)
{
    // From the last line of this on, a recovery goes on with it, instead of undoing it.
    Result<> settled;
    if (journal) {
        journal->add(toRemember);
        settled = journal->sync();
    }
    if (settled)
        settled = DeferredVersion::settle(*place, target);
    if (!settled)
        return settled;
    road.reset();
    treeSwap = nullptr;
    journal.reset();
    lock.reset();
    state = State::Done;
    return {};
}

Result<std::unique_ptr<Transaction>> Transaction::reopen(const QString &targetDirectory)
{
    if (const Result<> recovered = recover(targetDirectory); !recovered)
        return recovered.error();
    Result<std::optional<DeferredStage>> taken = DeferredStage::take(targetDirectory);
    if (!taken)
        return taken.error();
    if (!*taken)
        return std::unique_ptr<Transaction>();
    std::unique_ptr<Transaction> transaction(new Transaction((*taken)->plan));
    if (const Result<> goesOn = transaction->d->takeUp(**std::move(taken)); !goesOn)
        return goesOn.error(); // it waits on
    return transaction;
}

Result<> Transaction::Private::takeUp(DeferredStage waiting)
{
    const Journal::Record &record = waiting.record;
    header = record.header;
    deferral = record.deferral;
    place = std::move(waiting.place);
    lock = std::move(waiting.lock);
    old = std::move(waiting.target);
    stage = std::move(waiting.stage);
    Result<Journal> resumed = Journal::resume(place->directory(), WorkPlace::journalName());
    if (!resumed)
        return resumed.error();
    journal = *std::move(resumed);
    if (!record.steps.isEmpty()) {
        auto swap = std::make_unique<FileSwap>(record.steps, old->duplicate(), stage->duplicate(),
                                               *journal);
        swap->resume(plan.replaced());
        road = std::move(swap);
        return {};
    }
    if (const Result<> chosen = chooseRoad(); !chosen)
        return chosen;
    if (!treeSwap)
        return road->prepare();
    const Result<> begun = treeSwap->resume();
    if (!begun && begun.error().code != ErrorCode::CannotKeep)
        return begun;
    if (begun) {
        if (const Result<> prepared = road->prepare(); prepared)
            return sync();
    }
    const Result<> taken = takeFileRoad();
    return taken ? road->prepare() : taken;
}

bool Transaction::isPerFile() const
{
    return !d->treeSwap;
}

Result<> Transaction::recover(const QString &targetDirectory)
{
    return Recovery::run(targetDirectory, Recovery::Waiting::No);
}

Result<> Transaction::recoverWhenFree(const QString &targetDirectory)
{
    return Recovery::run(targetDirectory, Recovery::Waiting::UntilFree);
}

QStringList Transaction::keptTrees(const QString &targetDirectory)
{
    return WorkPlace::keptTrees(targetDirectory);
}

Result<> Transaction::removeKeptTree(const QString &tree)
{
    Result<Directory> parent = Directory::open(parentFolder(tree));
    return parent ? parent->removeTree(nameOf(tree), Directory::Urgency::Whenever) : parent.error();
}

} // namespace Entracte
