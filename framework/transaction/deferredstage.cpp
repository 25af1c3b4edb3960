// SPDX-License-Identifier: MIT
#include "transaction/deferredstage.h"

#include "transaction/deferredversion.h"
#include "transaction/journalreader.h"

namespace Entracte {

Result<std::optional<DeferredStage>> DeferredStage::take(const QString &targetDirectory)
{
    Result<std::vector<WorkPlace>> places =
        WorkPlace::existing(targetDirectory, WorkPlace::Standing::Deferred);
    if (!places)
        return places.error();
    for (WorkPlace &place : *places) {
        Result<FileLock> lock = place.directory().lock(WorkPlace::lockName());
        if (!place.isStillThere())
            continue; // somebody was quicker
        if (!lock)
            return lock.error();
        const Result<std::optional<Journal::Record>> record =
            JournalReader::read(place.directory(), WorkPlace::journalName());
        if (!record)
            return record.error();
        const Result<bool> isWhole = fits(place, targetDirectory);
        if (!isWhole)
            return isWhole.error();
        if (*isWhole)
            return open(std::move(place), *std::move(lock), **record, targetDirectory);
    }
    return std::optional<DeferredStage>();
}

/// False if half of it had gone before; the rest has now.
Result<bool> DeferredStage::fits(WorkPlace &place, const QString &targetDirectory)
{
    const Result<std::optional<DeferredVersion>> waiting = DeferredVersion::of(targetDirectory);
    if (!waiting)
        return waiting.error();
    if (*waiting && !(*waiting)->isObsolete)
        return true;
    if (const Result<> dropped = DeferredVersion::dropIn(place, targetDirectory); !dropped)
        return dropped.error();
    if (!*waiting)
        return false;
    return Error{ErrorCode::Failed,
                 tr("Version %1, which waited for “%2”, does not fit any more what is "
                    "installed there; it was dropped.",
                    "error message")
                     .arg((*waiting)->version.toString(), targetDirectory)};
}

Result<std::optional<DeferredStage>> DeferredStage::open(WorkPlace place, FileLock lock,
                                                         const Journal::Record &record,
                                                         const QString &targetDirectory)
{
    if (const Result<> moved = place.become(WorkPlace::Standing::Working); !moved)
        return moved.error();
    Result<Directory> target = Directory::open(targetDirectory);
    Result<Directory> stage = place.directory().below(WorkPlace::stageName());
    const Result<InstallPlan> plan = !target ? Result<InstallPlan>(target.error())
                                   : !stage  ? Result<InstallPlan>(stage.error())
                                             : DeferredVersion::planOf(record, *target, *stage);
    if (!plan) {
        (void)place.become(WorkPlace::Standing::Deferred);
        return plan.error();
    }
    return std::optional(DeferredStage{std::move(place), std::move(lock), *std::move(target),
                                       *std::move(stage), record, *plan});
}

} // namespace Entracte
