// SPDX-License-Identifier: MIT
#include "transaction/transactionstate.h"

#include "core/logging.h"
#include "plan/relativepath.h"
#include "transaction/deferredversion.h"
#include "transaction/fileswap.h"
#include "transaction/folders.h"
#include "transaction/keptfiles.h"
#include "transaction/receiptfile.h"
#include "transaction/recovery.h"

#include <QDir>
#include <QFileInfo>
#include <QUuid>

#include <algorithm>
#include <future>

namespace Entracte {

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

Transaction::Private::Private(const InstallPlan &installPlan)
    : plan(installPlan)
    , target(installPlan.targetDirectory)
{
    header.transactionId = QUuid::createUuid().toString(QUuid::Id128);
    header.productId = plan.productId;
    header.version = plan.version;
    header.targetDirectory = target;
}

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

Result<std::unique_ptr<Transaction>>
Transaction::begin(const InstallPlan &plan, Durability durability, const MayGoOn &mayGoOn)
{
    if (const Result<> recovered = recover(plan.targetDirectory); !recovered)
        return recovered.error();
    std::unique_ptr<Transaction> transaction(new Transaction(plan));
    transaction->d->durability = durability;
    Private &d = *transaction->d;
    // Large, and not needed before the folders are there.
    std::future<KeptFiles> kept =
        std::async(std::launch::async, [&d] { return KeptFiles(d.plan); });
    Result<> begun = d.checkTarget();
    if (begun)
        begun = d.layOut();
    if (begun)
        begun = d.keepInstalled(kept.get(), mayGoOn);
    if (begun)
        return transaction;
    d.abandon();
    return begun.error();
}

Result<NameFolding> Transaction::nameFolding()
{
    return d->place->directory().nameFolding();
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
    Result<Directory> parent = Directory::open(QFileInfo(tree).path());
    return parent ? parent->removeTree(nameOf(tree), Directory::Urgency::Whenever) : parent.error();
}

} // namespace Entracte
