// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace Entracte {

/// What kind of outside failure happened. Callers branch on the code; people read the sentence.
/// engine/exitcode.h maps every code to the exit status of design section 7.
enum class ErrorCode {
    Failed,           ///< anything without a better word: the system refused an operation
    Usage,            ///< a wrong command line
    BadManifest,      ///< the manifest cannot be read or says something wrong
    BadPayload,       ///< an archive is missing, damaged, hostile or not the one that was promised
    NoSpace,          ///< the volume has not enough room
    PermissionDenied, ///< this user may not do that
    AlreadyRunning,   ///< another installation of the same product holds the journal
    DowngradeRefused, ///< a newer version is installed
    FilesInUse,       ///< the policy forbids closing the applications that use the files
    PrerequisiteMissing, ///< something that had to be installed first was not
    Cancelled,           ///< the person said stop
    CannotKeep,          ///< a file cannot be kept under a second name as it is
    RollbackIncomplete,  ///< the old version could not be restored; the journal was kept
};

/// An outside failure: one whole, translated sentence that says what we were doing, to which file,
/// and what the system replied. Made where it happens, shown unchanged.
struct Error
{
    ErrorCode code = ErrorCode::Failed;
    QString message;
    /// The number that a restart manager's caller in any language knows it by (RestartCode); else
    /// 0.
    int restartCode = 0;

    /// The error for a failed system call: the code follows from \a errorNumber (EACCES, EPERM and
    /// EROFS → PermissionDenied; ENOSPC and EDQUOT → NoSpace; EBUSY and ETXTBSY → FilesInUse), \a
    /// message is the finished sentence.
    static Error fromErrno(int errorNumber, const QString &message);
};

/// The system's own words for \a errorNumber, for the last placeholder of an error sentence.
QString systemReply(int errorNumber);

} // namespace Entracte
