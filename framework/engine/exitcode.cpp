// SPDX-License-Identifier: MIT
#include "engine/exitcode.h"

#include <QtGlobal>

namespace Entracte {

ExitCode exitCodeFor(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Failed:
    case ErrorCode::CannotKeep:
        return ExitCode::Failed;
    case ErrorCode::Usage:
    case ErrorCode::BadManifest:
        return ExitCode::Usage;
    case ErrorCode::BadPayload:
        return ExitCode::VerificationFailed;
    case ErrorCode::NoSpace:
        return ExitCode::NoSpace;
    case ErrorCode::PermissionDenied:
        return ExitCode::PermissionDenied;
    case ErrorCode::AlreadyRunning:
        return ExitCode::AlreadyRunning;
    case ErrorCode::DowngradeRefused:
        return ExitCode::DowngradeRefused;
    case ErrorCode::FilesInUse:
        return ExitCode::FilesInUse;
    case ErrorCode::PrerequisiteMissing:
        return ExitCode::PrerequisiteMissing;
    case ErrorCode::Cancelled:
        return ExitCode::Cancelled;
    case ErrorCode::RollbackIncomplete:
        return ExitCode::RollbackIncomplete;
    }
    Q_UNREACHABLE();
}

const char *symbolicName(ExitCode code)
{
    switch (code) {
    case ExitCode::Done:
        return "done";
    case ExitCode::Failed:
        return "failed";
    case ExitCode::Usage:
        return "usage";
    case ExitCode::Cancelled:
        return "cancelled";
    case ExitCode::CancelledRolledBack:
        return "cancelled-rolled-back";
    case ExitCode::DoneRestartNeeded:
        return "done-restart-needed";
    case ExitCode::FilesInUse:
        return "files-in-use";
    case ExitCode::Deferred:
        return "deferred";
    case ExitCode::DoneSomeNotReopened:
        return "done-some-not-reopened";
    case ExitCode::NoSpace:
        return "no-space";
    case ExitCode::VerificationFailed:
        return "verification-failed";
    case ExitCode::AlreadyRunning:
        return "already-running";
    case ExitCode::DowngradeRefused:
        return "downgrade-refused";
    case ExitCode::PrerequisiteMissing:
        return "prerequisite-missing";
    case ExitCode::PermissionDenied:
        return "permission-denied";
    case ExitCode::RollbackIncomplete:
        return "rollback-incomplete";
    case ExitCode::DifferencesFound:
        return "differences-found";
    }
    Q_UNREACHABLE();
}

} // namespace Entracte
