// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QString>

namespace Entracte {

/// The outcome of every restart manager operation, one to one with the codes that the Windows
/// functions return (spec 1.7), so that a caller in any language and on any system tests one
/// number.
enum class RestartCode {
    Success = 0,
    FileNotFound = 2,  ///< no such filter
    AccessDenied = 5,  ///< a directory was registered under rules that do not know directories
    InvalidHandle = 6, ///< never issued, or ended
    OutOfMemory = 14,
    WriteFault = 29,    ///< the session's state could not be stored; what was stored is intact
    SemTimeout = 121,   ///< another process held the session store for too long
    BadArguments = 160, ///< nothing of the call took effect
    Busy = 170,         ///< a task of this session is running (spec 1.6)
    MoreData = 234,     ///< the caller's buffer is too small
    FailNoActionReboot = 350,         ///< somebody cannot be closed at all; nobody was asked
    FailShutdown = 351,               ///< somebody was asked and stayed open
    FailRestart = 352,                ///< somebody could not be brought back
    MaxSessionsReached = 353,         ///< 64 sessions and memberships of this user are open
    RequestOutOfSequence = 776,       ///< restart without a shutdown before it
    SessionCredentialConflict = 1219, ///< no such session, not yours, or not your right
    Cancelled = 1223,
};

/// One whole translated sentence for \a code.
QString sentenceFor(RestartCode code);

/// The Windows name of \a code, for logs and scripts: "ERROR_FAIL_SHUTDOWN".
QString nameOf(RestartCode code);

/// False for a number that no operation returns.
bool isRestartCode(qint64 number);

/// An Error that carries \a code; \a message, when given, says more than sentenceFor().
Error restartError(RestartCode code, const QString &message = {});

/// The code that \a error carries; errors from elsewhere are mapped to the nearest.
RestartCode restartCodeOf(const Error &error);

template <typename T>
RestartCode restartCodeOf(const Result<T> &result)
{
    return result ? RestartCode::Success : restartCodeOf(result.error());
}

} // namespace Entracte
