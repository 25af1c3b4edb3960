// SPDX-License-Identifier: MIT
#include "transaction/transaction.h"

#include "core/logging.h"
#include "transaction/carryover.h"
#include "transaction/receiptfile.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QUuid>

#include <filesystem>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

namespace fs = std::filesystem;

constexpr qint64 slackBytes = 1024 * 1024;     // journal, receipt, directories
constexpr qint64 bytesPerOperation = 4 * 1024; // one block of bookkeeping each

fs::path nativePath(const QString &path)
{
    return fs::path(QFile::encodeName(path).toStdString());
}

fs::file_status statusOf(const QString &path)
{
    std::error_code ignored;
    return fs::symlink_status(nativePath(path), ignored);
}

bool isDirectory(const QString &path)
{
    return fs::is_directory(statusOf(path));
}

bool exists(const QString &path)
{
    return fs::exists(statusOf(path));
}

int setMode(const QString &path, int mode)
{
    std::error_code error;
    fs::permissions(nativePath(path), fs::perms(mode), error);
    return error.value();
}

QString parentOf(const QString &path)
{
    return QFileInfo(path).path();
}

QString stageIn(const QString &workDirectory)
{
    return workDirectory + "/new"_L1;
}

QString spareIn(const QString &workDirectory)
{
    return workDirectory + "/spare"_L1;
}

/// The directories that must be made before \a path can be, outermost first.
QStringList missingParents(const QString &path)
{
    QStringList missing;
    for (QString parent = parentOf(path); !exists(parent); parent = parentOf(parent))
        missing.prepend(parent);
    return missing;
}

void removeIfEmpty(const QStringList &createdParents)
{
    for (auto it = createdParents.rbegin(); it != createdParents.rend(); ++it)
        QDir().rmdir(*it);
}

QSet<QString> pathsOf(const Receipt &receipt)
{
    const QStringList paths = receipt.files.keys();
    return {paths.begin(), paths.end()};
}

/// The id in the receipt of \a directory; empty if there is none.
Result<QString> transactionIn(const QString &directory)
{
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(directory);
    if (!receipt)
        return receipt.error();
    return *receipt ? (*receipt)->transactionId : QString();
}

/// What the two trees on both sides of a swap own together.
Result<QSet<QString>> ownedByEither(const QString &first, const QString &second)
{
    QSet<QString> owned;
    for (const QString &directory : {first, second}) {
        const Result<std::optional<Receipt>> receipt = ReceiptFile::read(directory);
        if (!receipt)
            return receipt.error();
        if (*receipt)
            owned.unite(pathsOf(**receipt));
    }
    return owned;
}

/// Deletes the work directory: what is big first, the journal last, so that a second try knows as
/// much as the first.
Result<> removeWork(FileSystem &fileSystem, const QString &workDirectory)
{
    for (const QString &path : {stageIn(workDirectory), spareIn(workDirectory), workDirectory}) {
        if (const Result<> removed = fileSystem.removeTree(path); !removed)
            return removed.error();
    }
    return {};
}

} // namespace

struct Transaction::Private
{
    enum class State { Staging, Committed, Done };

    Private(std::shared_ptr<FileSystem> files, const InstallPlan &installPlan)
        : fileSystem(std::move(files))
        , plan(installPlan)
        , target(installPlan.targetDirectory)
        , work(workDirectoryFor(target))
        , stage(stageIn(work))
        , foreign(*fileSystem, plan.ownedPaths, spareIn(work))
    {
        receipt.productId = plan.productId;
        receipt.version = plan.version;
        receipt.transactionId = QUuid::createUuid().toString(QUuid::Id128);
    }

    QString staged(const QString &path) const { return stage + u'/' + path; }
    Result<> checkTarget() const;
    Result<> layOut();
    void abandon();
    Result<> makeParents(const QString &path);
    Result<> makeStagedDirectory(const QString &path, int mode);
    void own(const PayloadEntry &entry);
    Result<> applyModes() const;
    Result<> swapBack(const Error &reason);
    Result<> undoSwap();
    Result<> removeAll();

    std::shared_ptr<FileSystem> fileSystem;
    InstallPlan plan;
    QString target;
    QString work;
    QString stage; ///< the new tree; once swapped, the old one
    CarryOver foreign;
    QStringList createdParents;
    std::unique_ptr<FileLock> lock;
    std::unique_ptr<Journal> journal;
    Receipt receipt;
    QMap<QString, int> directoryModes; ///< of the new tree, set when nothing is added any more
    bool wasMoved = false;             ///< there was no old tree
    State state = State::Staging;
};

Result<> Transaction::Private::checkTarget() const
{
    const fs::file_status status = statusOf(target);
    if (fs::exists(status) && !fs::is_directory(status))
        return Error{
            ErrorCode::Failed,
            tr("Could not install into “%1”: it is not a folder.", "error message").arg(target)};

    const QStringList missing = missingParents(target);
    const QString folder = missing.isEmpty() ? parentOf(target) : parentOf(missing.first());
    for (const QString &needed : {folder, target}) {
        const QFileInfo info(needed);
        if (exists(needed) && !(info.isWritable() && info.isExecutable()))
            return Error{ErrorCode::PermissionDenied,
                         tr("Could not install into “%1”: you may not write in the folder “%2”.",
                            "error message")
                             .arg(target, needed)};
    }

    const Result<qint64> available = fileSystem->availableBytes(folder);
    if (!available)
        return available.error();
    const qint64 needed =
        plan.bytesToWrite + slackBytes + bytesPerOperation * plan.operations.size();
    if (*available < needed) {
        const QLocale locale;
        return Error{ErrorCode::NoSpace,
                     tr("Could not install into “%1”: %2 are needed there, %3 are free.",
                        "error message; %2 and %3: sizes")
                         .arg(target, locale.formattedDataSize(needed),
                              locale.formattedDataSize(*available))};
    }
    return {};
}

Result<> Transaction::Private::layOut()
{
    const QStringList missing = missingParents(target);
    for (const QString &parent : missing) {
        if (const Result<> made = fileSystem->makeDirectory(parent, 0755); !made)
            return made.error();
        createdParents.append(parent);
    }
    if (const Result<> made = fileSystem->makeDirectory(work, 0700); !made)
        return made.error();
    Result<std::unique_ptr<FileLock>> locked = fileSystem->lock(work + "/lock"_L1);
    if (!locked)
        return locked.error();
    lock = *std::move(locked);

    Result<std::unique_ptr<Journal>> created =
        Journal::create(work, {receipt.transactionId, plan.productId, target, createdParents});
    if (!created)
        return created.error();
    journal = *std::move(created);

    foreign.watchOwned(target);
    return isDirectory(target) ? fileSystem->makeDirectoryLike(stage, target)
                               : fileSystem->makeDirectory(stage, 0755);
}

/// Leaves nothing behind of a begin() that failed.
void Transaction::Private::abandon()
{
    journal.reset();
    // Without the lock the directory is somebody else's, or only just made.
    const Result<> removed = lock ? removeWork(*fileSystem, work) : Result<>();
    if (!removed)
        qCWarning(lcTransaction) << removed.error().message;
    lock.reset();
    QDir().rmdir(work);
    removeIfEmpty(createdParents);
    state = State::Done;
}

Result<> Transaction::Private::makeParents(const QString &path)
{
    const qsizetype slash = path.lastIndexOf(u'/');
    if (slash < 0 || isDirectory(staged(path.left(slash))))
        return {};
    const QString parent = path.left(slash);
    if (const Result<> made = makeParents(parent); !made)
        return made.error();
    return makeStagedDirectory(parent, 0755);
}

Result<> Transaction::Private::makeStagedDirectory(const QString &path, int mode)
{
    directoryModes.insert(path, mode & 0777);
    return isDirectory(staged(path)) ? Result<>() : fileSystem->makeDirectory(staged(path), 0700);
}

void Transaction::Private::own(const PayloadEntry &entry)
{
    InstalledFile &file = receipt.files[entry.path];
    file.kind = entry.kind;
    file.size = entry.size;
    file.mode = entry.mode;
    file.linkTarget = entry.linkTarget;
}

/// Innermost first: an outer directory may be closed to its owner.
Result<> Transaction::Private::applyModes() const
{
    const QStringList paths = directoryModes.keys();
    for (auto it = paths.rbegin(); it != paths.rend(); ++it) {
        if (const int error = setMode(staged(*it), directoryModes.value(*it)); error != 0)
            return Error::fromErrno(
                error, tr("Could not set the permissions of “%1”: %2.", "error message; %2: system")
                           .arg(staged(*it), systemReply(error)));
    }
    // Made for its owner to write in; the old one may have been stricter.
    if (isDirectory(target)) {
        if (const int error = setMode(stage, int(statusOf(target).permissions())); error != 0)
            return Error::fromErrno(
                error, tr("Could not set the permissions of “%1”: %2.", "error message; %2: system")
                           .arg(stage, systemReply(error)));
    }
    return {};
}

/// The swap undone by the same call; what people saved in the new tree meanwhile comes back too.
Result<> Transaction::Private::undoSwap()
{
    const Result<> undone =
        wasMoved ? fileSystem->moveNoReplace(target, stage) : fileSystem->exchange(stage, target);
    if (!undone)
        return undone.error();

    CarryOver late = foreign;
    late.addOwned(pathsOf(receipt));
    if (!wasMoved)
        return late.runBack(stage, target);
    if (!late.findsForeign(stage))
        return {};
    if (const Result<> made = fileSystem->makeDirectoryLike(target, stage); !made)
        return made.error();
    return late.runBack(stage, target);
}

/// Ends a commit() that went wrong after the swap.
Result<> Transaction::Private::swapBack(const Error &reason)
{
    const Result<> undone = undoSwap();
    if (undone)
        return reason;
    state = State::Done; // the journal stays for recover()
    return Error{ErrorCode::RollbackIncomplete,
                 tr("Could not bring back what was in “%1”: %2", "error message; %2: a sentence")
                     .arg(target, undone.error().message)};
}

Result<> Transaction::Private::removeAll()
{
    journal.reset();
    const Result<> removed = removeWork(*fileSystem, work);
    lock.reset();
    state = State::Done;
    return removed;
}

Transaction::Transaction(std::shared_ptr<FileSystem> fileSystem, const InstallPlan &plan)
    : d(std::make_unique<Private>(std::move(fileSystem), plan))
{
}

Transaction::~Transaction()
{
    if (d->state != Private::State::Staging)
        return;
    if (const Result<> undone = rollBack(); !undone)
        qCWarning(lcTransaction) << undone.error().message;
}

QString Transaction::workDirectoryFor(const QString &targetDirectory)
{
    const QFileInfo info(targetDirectory);
    return QDir(info.path()).filePath(u'.' + info.fileName() + ".entracte"_L1);
}

Result<std::unique_ptr<Transaction>> Transaction::begin(std::shared_ptr<FileSystem> fileSystem,
                                                        const InstallPlan &plan)
{
    if (const Result<> recovered = recover(*fileSystem, plan.targetDirectory); !recovered)
        return recovered.error();
    std::unique_ptr<Transaction> transaction(new Transaction(std::move(fileSystem), plan));
    Result<> begun = transaction->d->checkTarget();
    if (begun)
        begun = transaction->d->layOut();
    else
        transaction->d->state = Private::State::Done;
    if (begun)
        return transaction;
    if (transaction->d->state != Private::State::Done)
        transaction->d->abandon();
    return begun.error();
}

Result<> Transaction::createDirectory(const CreateDirectory &operation)
{
    if (const Result<> made = d->makeParents(operation.path); !made)
        return made.error();
    d->receipt.files.insert(operation.path, {EntryKind::Directory, 0, operation.mode, {}, {}});
    return d->makeStagedDirectory(operation.path, operation.mode);
}

Result<std::unique_ptr<QFileDevice>> Transaction::createFile(const PayloadEntry &entry)
{
    if (const Result<> made = d->makeParents(entry.path); !made)
        return made.error();
    d->own(entry);
    return d->fileSystem->createFile(d->staged(entry.path), entry.mode);
}

Result<> Transaction::createSymbolicLink(const PayloadEntry &entry)
{
    if (const Result<> made = d->makeParents(entry.path); !made)
        return made.error();
    d->own(entry);
    return d->fileSystem->makeSymbolicLink(d->staged(entry.path), entry.linkTarget);
}

Result<> Transaction::keep(const PayloadEntry &entry)
{
    if (const Result<> made = d->makeParents(entry.path); !made)
        return made.error();
    d->own(entry);
    return d->fileSystem->linkOrCopy(d->target + u'/' + entry.path, d->staged(entry.path));
}

Result<> Transaction::backUp(const BackUpFile &operation)
{
    // A folder in the way is not ours: commit() carries over what it holds.
    const QString original = d->target + u'/' + operation.path;
    if (!exists(original) || isDirectory(original))
        return {};
    if (const Result<> made = d->makeParents(operation.backupPath); !made)
        return made.error();
    d->foreign.noteBackUp(operation.path, operation.backupPath);
    return d->fileSystem->linkOrCopy(original, d->staged(operation.backupPath));
}

void Transaction::recordDigest(const QString &path, const QByteArray &sha256)
{
    d->receipt.files[path].sha256 = sha256;
}

Result<> Transaction::finishStaging()
{
    const QString own = d->staged(QLatin1StringView(ownDirectoryName));
    if (const Result<> made = d->fileSystem->makeDirectory(own, 0755); !made)
        return made.error();
    const Result<std::unique_ptr<QFileDevice>> file =
        d->fileSystem->createFile(own + "/receipt.json"_L1, 0644);
    if (!file)
        return file.error();
    const QByteArray bytes = ReceiptFile::serialize(d->receipt);
    if ((*file)->write(bytes) != bytes.size() || !(*file)->flush())
        return Error{(*file)->error() == QFileDevice::ResourceError ? ErrorCode::NoSpace
                                                                    : ErrorCode::Failed,
                     tr("Could not write “%1”: %2.", "error message; %2: system")
                         .arg((*file)->fileName(), (*file)->errorString())};
    (*file)->close();
    if (const Result<> synced = d->fileSystem->syncVolume(d->stage); !synced)
        return synced.error();
    return d->journal->write(Journal::Step::Staged);
}

Result<> Transaction::commit()
{
    Q_ASSERT(d->state == Private::State::Staging);
    d->wasMoved = !exists(d->target);
    if (!d->wasMoved) {
        if (const Result<> carried = d->foreign.run(d->target, d->stage); !carried)
            return carried.error();
    }
    if (const Result<> set = d->applyModes(); !set)
        return set.error();

    const Journal::Step step = d->wasMoved ? Journal::Step::Moving : Journal::Step::Exchanging;
    if (const Result<> written = d->journal->write(step); !written)
        return written.error();
    const Result<> swapped = d->wasMoved ? d->fileSystem->moveNoReplace(d->stage, d->target)
                                         : d->fileSystem->exchange(d->stage, d->target);
    if (!swapped)
        return swapped.error();

    if (!d->wasMoved) {
        if (const Result<> carried = d->foreign.run(d->stage, d->target); !carried)
            return d->swapBack(carried.error());
    }
    if (const Result<> written = d->journal->write(Journal::Step::Committed); !written)
        return d->swapBack(written.error());
    d->state = Private::State::Committed;
    return {};
}

Result<> Transaction::rollBack()
{
    if (d->state == Private::State::Done)
        return {};
    if (d->state == Private::State::Committed) {
        if (const Result<> undone = d->undoSwap(); !undone) {
            d->state = Private::State::Done; // the journal stays for recover()
            return Error{
                ErrorCode::RollbackIncomplete,
                tr("Could not bring back what was in “%1”: %2", "error message; %2: a sentence")
                    .arg(d->target, undone.error().message)};
        }
    }
    const Result<> removed = d->removeAll();
    removeIfEmpty(d->createdParents);
    return removed;
}

Result<> Transaction::close()
{
    Q_ASSERT(d->state == Private::State::Committed);
    // A program that still runs in the old tree may have saved something there.
    if (!d->wasMoved) {
        if (const Result<> carried = d->foreign.run(d->stage, d->target); !carried)
            return carried.error();
    }
    // The old bytes go only when the new ones cannot be lost any more.
    if (const Result<> synced = d->fileSystem->syncVolume(parentOf(d->target)); !synced)
        return synced.error();
    return d->removeAll();
}

Result<> Transaction::recover(FileSystem &fileSystem, const QString &targetDirectory)
{
    const QString work = workDirectoryFor(targetDirectory);
    const QString stage = stageIn(work);
    if (!exists(work))
        return {};
    if (!isDirectory(work))
        return Error{
            ErrorCode::Failed,
            tr("Could not work on “%1”: “%2” is in the way and is not a folder.", "error message")
                .arg(targetDirectory, work)};
    const Result<std::unique_ptr<FileLock>> lock = fileSystem.lock(work + "/lock"_L1);
    if (!lock)
        return lock.error();
    const Result<std::optional<Journal::Record>> read = Journal::read(work);
    if (!read)
        return read.error();
    if (!*read)
        return removeWork(fileSystem, work);

    const Journal::Record &record = **read;
    const Result<QString> installed = transactionIn(targetDirectory);
    if (!installed)
        return installed.error();
    const bool isCommitted = *installed == record.header.transactionId;
    qCInfo(lcTransaction) << "An earlier installation into" << targetDirectory
                          << "was interrupted:" << (isCommitted ? "finishing it" : "undoing it");

    // Somebody may have saved in the tree that is about to go: just before the swap that made the
    // other one current, or (Committed, yet not current) just before it was swapped back.
    const bool mayHoldLateFiles = isCommitted || record.lastStep == Journal::Step::Committed;
    if (mayHoldLateFiles && isDirectory(stage) && isDirectory(targetDirectory)) {
        const Result<QSet<QString>> owned = ownedByEither(stage, targetDirectory);
        if (!owned)
            return owned.error();
        CarryOver foreign(fileSystem, *owned, spareIn(work));
        if (const Result<> carried = foreign.run(stage, targetDirectory); !carried)
            return carried.error();
    }
    if (isCommitted) {
        if (const Result<> synced = fileSystem.syncVolume(parentOf(targetDirectory)); !synced)
            return synced.error();
    }
    if (const Result<> removed = removeWork(fileSystem, work); !removed)
        return removed.error();
    if (!isCommitted)
        removeIfEmpty(record.header.createdParents);
    return {};
}

} // namespace Entracte
