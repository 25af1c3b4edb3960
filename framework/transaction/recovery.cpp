// SPDX-License-Identifier: MIT
#include "transaction/recovery.h"

#include "core/logging.h"
#include "transaction/carryover.h"
#include "transaction/deferredversion.h"
#include "transaction/directory.h"
#include "transaction/fileswap.h"
#include "transaction/folders.h"
#include "transaction/journal.h"
#include "transaction/journalreader.h"
#include "transaction/receiptfile.h"
#include "transaction/workplace.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

std::optional<Directory> opened(const QString &path)
{
    if (!QFileInfo(path).isDir())
        return std::nullopt;
    Result<Directory> directory = Directory::open(path);
    return directory ? std::optional(*std::move(directory)) : std::nullopt;
}

QSet<QString> pathsOf(const InstalledFiles &files)
{
    const QStringList paths = files.keys();
    return {paths.begin(), paths.end()};
}

/// Whether the trees were exchanged: then the target's receipt is the one of this transaction. A
/// removal leaves none there.
Result<bool> wasExchanged(const std::optional<Directory> &target, const Journal::Record &record)
{
    if (!target)
        return record.header.isRemoval;
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(*target);
    if (!receipt)
        return receipt.error();
    if (record.header.isRemoval)
        return !*receipt;
    return *receipt && (*receipt)->transactionId == record.header.transactionId;
}

/// How the files of an old version look if nobody changed them.
QHash<QString, FileStamp> untouched(const Directory &old, const InstalledFiles &files)
{
    QHash<QString, FileStamp> stamps;
    for (auto it = files.cbegin(); it != files.cend(); ++it) {
        if (it->kind == EntryKind::File)
            stamps.insert(it.key(), {it->size, it->modified, 0});
        else if (it->kind == EntryKind::SymbolicLink
                 && old.linkTarget(it.key()) == QFile::encodeName(it->linkTarget))
            stamps.insert(it.key(), old.status(it.key())->stamp);
    }
    return stamps;
}

Result<> finishExchange(WorkPlace &place, std::optional<Directory> &target,
                        const Journal::Record &record)
{
    const Result<Directory> old = place.directory().below(WorkPlace::stageName());
    if (!old || !target)
        return {};
    // Somebody may have saved in the old tree just before the exchange.
    const Result<std::optional<Receipt>> replaced = ReceiptFile::read(*old);
    if (!replaced)
        return replaced.error();
    QSet<QString> owned = pathsOf(record.files);
    QHash<QString, FileStamp> installed;
    if (*replaced) {
        owned.unite(pathsOf((*replaced)->files));
        installed = untouched(*old, (*replaced)->files);
    }
    CarryOver foreign(place.directory().duplicate(), WorkPlace::spareName(), owned);
    foreign.expectOwned(installed);
    foreign.assumeHasRun();
    return foreign.run(*old, *target);
}

/// The exchange was taken back, or never came: somebody may have saved in the new tree between.
Result<> undoExchange(WorkPlace &place, std::optional<Directory> &target,
                      const Journal::Record &record)
{
    const Result<Directory> made = place.directory().below(WorkPlace::stageName());
    if (!record.isUndoing || !made || !target)
        return {};
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(*target);
    if (!receipt)
        return receipt.error();
    QSet<QString> owned = pathsOf(record.files);
    if (*receipt)
        owned.unite(pathsOf((*receipt)->files));
    CarryOver foreign(place.directory().duplicate(), WorkPlace::spareName(), owned);
    return foreign.run(*made, *target);
}

/// It was being put in place, file by file, after it had waited: that goes on, because nobody would
/// begin it again.
bool hadWaited(const Journal::Record &record)
{
    return record.deferral && record.isSwapping;
}

/// \a isCommitted: what the journal wants, and what came of it.
Result<> finishOrUndoSteps(WorkPlace &place, Directory &target, const Journal::Record &record,
                           bool &isCommitted)
{
    if (!place.directory().status(WorkPlace::stageName()))
        return {}; // that was done, and it was being deleted
    Result<Directory> stage = place.directory().below(WorkPlace::stageName());
    Result<Journal> journal = Journal::resume(place.directory(), WorkPlace::journalName());
    if (!stage || !journal)
        return stage ? journal.error() : stage.error();
    FileSwap swap(record.steps, target.duplicate(), *std::move(stage), *journal);
    Result<> done = isCommitted ? swap.finish() : record.isSwapping ? swap.undo() : swap.forget();
    if (!done && isCommitted && !record.isCommitted) {
        // What had waited was to go on, and cannot.
        qCWarning(lcTransaction) << done.error().message;
        isCommitted = false;
        journal->add(Journal::Mark::Undoing);
        done = journal->sync();
        if (done)
            done = swap.undo();
    }
    return done ? target.syncVolume() : done;
}

} // namespace

Result<> Recovery::run(const QString &targetDirectory, Waiting waiting)
{
    Result<std::vector<WorkPlace>> places = WorkPlace::existing(targetDirectory);
    if (!places)
        return places.error();
    for (WorkPlace &place : *places) {
        if (const Result<> done = runIn(place, targetDirectory, waiting); !done)
            return done;
    }
    return {};
}

Result<> Recovery::runIn(WorkPlace &place, const QString &targetDirectory, Waiting waiting)
{
    const QString lockName = WorkPlace::lockName();
    const Result<FileLock> lock = waiting == Waiting::UntilFree
                                    ? place.directory().awaitLock(lockName)
                                    : place.directory().lock(lockName);
    // While we waited, its owner may have ended well and taken everything away, or left it to wait.
    if (!place.isStillThere())
        return {};
    if (!lock)
        return lock.error();
    const Result<std::optional<Journal::Record>> read =
        JournalReader::read(place.directory(), WorkPlace::journalName());
    if (!read)
        return read.error();
    if (!*read)
        return place.remove(WorkPlace::Holds::Drafts);

    const Journal::Record &record = **read;
    std::optional<Directory> target = opened(targetDirectory);
    const bool isPerFile = !record.steps.isEmpty() || record.isSwapping;
    bool isCommitted = (record.isCommitted || hadWaited(record)) && !record.isUndoing;
    if (!isPerFile && record.isStaged) {
        const Result<bool> exchanged = wasExchanged(target, record);
        if (!exchanged)
            return exchanged.error();
        isCommitted = *exchanged;
    }
    if (record.deferral && !isCommitted && !record.isUndoing)
        return DeferredVersion::settle(place, targetDirectory);
    qCInfo(lcTransaction) << "An earlier installation into" << targetDirectory
                          << "was interrupted:" << (isCommitted ? "finishing it" : "undoing it");
    Result<> done;
    if (isPerFile && target)
        done = finishOrUndoSteps(place, *target, record, isCommitted);
    else if (isCommitted)
        done = finishExchange(place, target, record);
    else
        done = undoExchange(place, target, record);
    if (!done)
        return done;
    if (isCommitted) {
        if (const Result<> synced = place.directory().syncVolume(); !synced)
            return synced;
        // The receipt is this file: it says so for whoever reads it later.
        Result<Journal> journal = Journal::resume(place.directory(), WorkPlace::journalName());
        if (!journal)
            return journal.error();
        journal->add(Journal::Mark::Committed);
        if (const Result<> synced = journal->sync(); !synced)
            return synced;
    }
    const auto holds = isCommitted ? WorkPlace::Holds::OldVersion : WorkPlace::Holds::Drafts;
    if (const Result<> removed = place.remove(holds); !removed)
        return removed;
    if (!isCommitted)
        removeIfEmpty(record.header.createdParents);
    return {};
}

} // namespace Entracte
