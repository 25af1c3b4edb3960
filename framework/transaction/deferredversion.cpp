// SPDX-License-Identifier: MIT
#include "transaction/deferredversion.h"

#include "core/logging.h"
#include "transaction/fileswap.h"
#include "transaction/journalreader.h"
#include "transaction/receiptfile.h"
#include "transaction/workplace.h"

#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

Result<Receipt> receiptIn(const Directory &target)
{
    const Result<std::optional<Receipt>> receipt = ReceiptFile::read(target);
    return receipt ? receipt->value_or(Receipt()) : Result<Receipt>(receipt.error());
}

PayloadEntry entryFor(const QString &path, const InstalledFile &file)
{
    PayloadEntry entry;
    entry.path = path;
    entry.kind = file.kind;
    entry.size = file.size;
    entry.mode = file.mode;
    entry.linkTarget = file.linkTarget;
    entry.sha256 = file.sha256;
    return entry;
}

/// How the files of the installed version look where nobody changed them, and how they looked where
/// somebody had.
QHash<QString, FileStamp> seenBy(const Journal::Deferral &deferral, const Receipt &installed,
                                 const Directory &target)
{
    QHash<QString, FileStamp> seen;
    for (auto it = installed.files.cbegin(); it != installed.files.cend(); ++it) {
        if (it->kind == EntryKind::File) {
            seen.insert(it.key(), {it->size, it->modified, 0});
        } else if (it->kind == EntryKind::SymbolicLink
                   && target.linkTarget(it.key()) == it->linkTarget.toUtf8()) {
            if (const std::optional<FileStatus> link = target.status(it.key()))
                seen.insert(it.key(), link->stamp);
        }
    }
    seen.insert(deferral.seen);
    return seen;
}

bool isSameFile(const std::optional<FileStatus> &one, const std::optional<FileStatus> &other)
{
    return one && other && one->device == other->device && one->inode == other->inode;
}

/// Whether the waiting version and the installed one have the same bytes at a path.
bool isSameContent(const InstalledFile &waiting, const InstalledFile &installed)
{
    return waiting.kind == installed.kind && waiting.modified != 0 && installed.modified != 0
        && waiting.sha256 == installed.sha256 && waiting.linkTarget == installed.linkTarget
        && waiting.mode == installed.mode;
}

Error missing(const InstallPlan &plan, const QString &path)
{
    return {ErrorCode::Failed,
            DeferredVersion::tr("Could not go on with the version that waits for “%1”: “%2” is "
                                "missing from it.",
                                "error message")
                .arg(plan.targetDirectory, path)};
}

} // namespace

Result<InstallPlan> DeferredVersion::planOf(const Journal::Record &record, const Directory &target,
                                            const Directory &stage)
{
    const Result<Receipt> installed = receiptIn(target);
    if (!installed)
        return installed.error();
    const Journal::Deferral deferral = record.deferral.value_or(Journal::Deferral());
    const bool isPerFile = !record.steps.isEmpty();
    InstallPlan plan;
    plan.productId = record.header.productId;
    plan.version = record.header.version;
    plan.targetDirectory = record.header.targetDirectory;
    plan.isUpdate = true;
    plan.seen = seenBy(deferral, *installed, target);

    for (auto it = record.files.cbegin(); it != record.files.cend(); ++it) {
        const QString &path = it.key();
        if (deferral.theirs.contains(path))
            continue;
        if (it->kind == EntryKind::Directory) {
            plan.createDirectory(entryFor(path, *it));
            continue;
        }
        const std::optional<FileStatus> draft = stage.status(path);
        const bool isKept = isPerFile ? !draft
                                      : isSameFile(draft, target.status(path))
                                            || isSameContent(*it, installed->files.value(path));
        if (!draft && !isPerFile)
            return missing(plan, path);
        if (isKept)
            plan.keep(entryFor(path, *it));
        else
            plan.place(entryFor(path, *it));
    }
    for (auto it = installed->files.cbegin(); it != installed->files.cend(); ++it) {
        if (deferral.theirs.contains(it.key()))
            continue;
        if (record.files.contains(it.key()))
            continue;
        plan.formerPaths.insert(it.key());
        if (it->kind != EntryKind::Directory)
            plan.remove(it.key());
    }
    for (const FileStep &step : record.steps) {
        const bool isDraft = step.kind == FileStep::Kind::Swap || step.kind == FileStep::Kind::Add;
        const std::optional<FileStatus> draft =
            step.other.isEmpty() ? stage.status(step.path) : target.status(step.other);
        if (isDraft && (!draft || draft->inode != step.inode))
            return missing(plan, step.path);
    }
    for (auto it = deferral.backUps.cbegin(); it != deferral.backUps.cend(); ++it)
        plan.backUp(it.key(), it.value());
    return plan;
}

Result<Journal::Deferral> DeferredVersion::remember(const InstallPlan &plan)
{
    const Result<std::optional<Receipt>> installed = ReceiptFile::read(plan.targetDirectory);
    if (!installed)
        return installed.error();
    const Receipt receipt = installed->value_or(Receipt());
    Journal::Deferral deferral;
    deferral.base = receipt.transactionId;
    for (auto it = plan.seen.cbegin(); it != plan.seen.cend(); ++it) {
        const InstalledFile file = receipt.files.value(it.key());
        if (!it->hasSameContent({file.size, file.modified, 0}))
            deferral.seen.insert(it.key(), *it);
    }
    const QSet<QString> owned = plan.ownedPaths();
    for (const QString &path : receipt.files.keys() + plan.edited.keys()) {
        if (!owned.contains(path))
            deferral.theirs.insert(path);
    }
    for (const Operation &operation : plan.operations) {
        if (const auto *backUp = std::get_if<BackUpFile>(&operation))
            deferral.backUps.insert(plan.of(*backUp).path, plan.of(*backUp).backupPath);
    }
    return deferral;
}

bool DeferredVersion::isPresent(const QString &targetDirectory)
{
    const Result<std::vector<WorkPlace>> places =
        WorkPlace::existing(targetDirectory, WorkPlace::Standing::Deferred);
    return !places || !places->empty();
}

Result<std::optional<DeferredVersion>> DeferredVersion::of(const QString &targetDirectory)
{
    Result<std::vector<WorkPlace>> places =
        WorkPlace::existing(targetDirectory, WorkPlace::Standing::Deferred);
    if (!places)
        return places.error();
    for (WorkPlace &place : *places) {
        const Result<std::optional<Journal::Record>> record =
            JournalReader::read(place.directory(), WorkPlace::journalName());
        if (!record)
            return record.error();
        if (!*record || !(*record)->isStaged || !(*record)->deferral)
            continue; // it is being dropped
        const Result<Directory> stage = place.directory().below(WorkPlace::stageName());
        if (!stage)
            continue;
        DeferredVersion waiting;
        waiting.productId = (*record)->header.productId;
        waiting.version = (*record)->header.version;
        waiting.transactionId = (*record)->header.transactionId;
        const Result<Directory> target = Directory::open(targetDirectory);
        const Result<Receipt> installed = target ? receiptIn(*target) : target.error();
        const Result<InstallPlan> plan =
            installed ? planOf(**record, *target, *stage) : Result<InstallPlan>(installed.error());
        waiting.isObsolete = !plan || installed->transactionId != (*record)->deferral->base;
        if (plan)
            waiting.filesInTheWay = plan->filesInTheWay();
        // The plan takes what its receipt tells for what it saw; it may be gone by now.
        waiting.filesInTheWay.removeIf([](const QString &file) {
            const QFileInfo there(file);
            return there.isSymLink() || !there.isFile();
        });
        return std::optional(waiting);
    }
    return std::optional<DeferredVersion>();
}

Result<> DeferredVersion::drop(const QString &targetDirectory)
{
    Result<std::vector<WorkPlace>> places =
        WorkPlace::existing(targetDirectory, WorkPlace::Standing::Deferred);
    if (!places)
        return places.error();
    for (WorkPlace &place : *places) {
        const Result<FileLock> lock = place.directory().lock(WorkPlace::lockName());
        if (!place.isStillThere())
            continue; // somebody was quicker
        if (!lock)
            return lock.error();
        if (const Result<> dropped = dropIn(place, targetDirectory); !dropped)
            return dropped;
    }
    return {};
}

/// File by file, drafts may lie on volumes of their own.
Result<> DeferredVersion::dropIn(WorkPlace &place, const QString &targetDirectory)
{
    const Result<std::optional<Journal::Record>> record =
        JournalReader::read(place.directory(), WorkPlace::journalName());
    if (record && *record && !(*record)->steps.isEmpty()) {
        Result<Directory> target = Directory::open(targetDirectory);
        Result<Directory> stage = place.directory().below(WorkPlace::stageName());
        Result<Journal> journal = Journal::resume(place.directory(), WorkPlace::journalName());
        if (target && stage && journal) {
            FileSwap swap((*record)->steps, *std::move(target), *std::move(stage), *journal);
            if (const Result<> forgotten = swap.forget(); !forgotten)
                return forgotten;
        }
    }
    // As an old version goes: renamed first, because half of a stage must not be taken for one.
    return place.remove(WorkPlace::Holds::OldVersion);
}

Result<> DeferredVersion::settle(WorkPlace &place, const QString &targetDirectory)
{
    // A working place is always the newer one: what waits leaves its name to be worked on.
    if (const Result<> dropped = drop(targetDirectory); !dropped)
        return dropped;
    return place.become(WorkPlace::Standing::Deferred);
}

} // namespace Entracte
