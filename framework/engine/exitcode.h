// SPDX-License-Identifier: MIT
#pragma once

#include "core/error.h"

namespace Entracte {

/// The exit statuses of every built installer (design section 7). Part of the public interface:
/// numbers never change their meaning.
enum class ExitCode {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Cancelled = 3,
    CancelledRolledBack = 4,
    DoneRestartNeeded = 5,
    FilesInUse = 6,
    Deferred = 7,
    DoneSomeNotReopened = 8,
    NoSpace = 9,
    VerificationFailed = 10,
    AlreadyRunning = 11,
    DowngradeRefused = 12,
    PrerequisiteMissing = 13,
    PermissionDenied = 14,
    RollbackIncomplete = 15,
    DifferencesFound = 16,
};

ExitCode exitCodeFor(ErrorCode code);

/// The name that stands beside the number in logs and on the terminal: "files-in-use".
const char *symbolicName(ExitCode code);

} // namespace Entracte
