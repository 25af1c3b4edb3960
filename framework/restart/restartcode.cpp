// SPDX-License-Identifier: MIT
#include "restart/restartcode.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

class RestartCodes
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::RestartCodes)
};

} // namespace

QString sentenceFor(RestartCode code)
{
    switch (code) {
    case RestartCode::Success:
        return RestartCodes::tr("Done.", "restart manager result");
    case RestartCode::FileNotFound:
        return RestartCodes::tr("There is no such filter.", "restart manager result");
    case RestartCode::AccessDenied:
        return RestartCodes::tr("A folder cannot be registered under the Windows rules.",
                                "restart manager result");
    case RestartCode::InvalidHandle:
        return RestartCodes::tr("This session does not exist, or it has ended.",
                                "restart manager result");
    case RestartCode::OutOfMemory:
        return RestartCodes::tr("There is not enough memory.", "restart manager result");
    case RestartCode::WriteFault:
        return RestartCodes::tr("The session could not be stored.", "restart manager result");
    case RestartCode::SemTimeout:
        return RestartCodes::tr("Another installation held the session store for too long.",
                                "restart manager result");
    case RestartCode::BadArguments:
        return RestartCodes::tr("The request is not valid; nothing was changed.",
                                "restart manager result");
    case RestartCode::Busy:
        return RestartCodes::tr("The session is still busy with another task.",
                                "restart manager result");
    case RestartCode::MoreData:
        return RestartCodes::tr("There is more to tell than there is room for.",
                                "restart manager result");
    case RestartCode::FailNoActionReboot:
        return RestartCodes::tr("Some applications cannot be closed at all, so none was asked.",
                                "restart manager result");
    case RestartCode::FailShutdown:
        return RestartCodes::tr("Some applications stayed open.", "restart manager result");
    case RestartCode::FailRestart:
        return RestartCodes::tr("Some applications could not be opened again.",
                                "restart manager result");
    case RestartCode::MaxSessionsReached:
        return RestartCodes::tr("Too many installations are open at the same time.",
                                "restart manager result");
    case RestartCode::RequestOutOfSequence:
        return RestartCodes::tr("Nothing was closed yet, so nothing can be opened again.",
                                "restart manager result");
    case RestartCode::SessionCredentialConflict:
        return RestartCodes::tr("There is no such session, or you may not do this in it.",
                                "restart manager result");
    case RestartCode::Cancelled:
        return RestartCodes::tr("It was cancelled.", "restart manager result");
    }
    Q_UNREACHABLE();
}

static constexpr std::array names{
    std::pair(RestartCode::Success, "ERROR_SUCCESS"),
    std::pair(RestartCode::FileNotFound, "ERROR_FILE_NOT_FOUND"),
    std::pair(RestartCode::AccessDenied, "ERROR_ACCESS_DENIED"),
    std::pair(RestartCode::InvalidHandle, "ERROR_INVALID_HANDLE"),
    std::pair(RestartCode::OutOfMemory, "ERROR_OUTOFMEMORY"),
    std::pair(RestartCode::WriteFault, "ERROR_WRITE_FAULT"),
    std::pair(RestartCode::SemTimeout, "ERROR_SEM_TIMEOUT"),
    std::pair(RestartCode::BadArguments, "ERROR_BAD_ARGUMENTS"),
    std::pair(RestartCode::Busy, "ERROR_BUSY"),
    std::pair(RestartCode::MoreData, "ERROR_MORE_DATA"),
    std::pair(RestartCode::FailNoActionReboot, "ERROR_FAIL_NOACTION_REBOOT"),
    std::pair(RestartCode::FailShutdown, "ERROR_FAIL_SHUTDOWN"),
    std::pair(RestartCode::FailRestart, "ERROR_FAIL_RESTART"),
    std::pair(RestartCode::MaxSessionsReached, "ERROR_MAX_SESSIONS_REACHED"),
    std::pair(RestartCode::RequestOutOfSequence, "ERROR_REQUEST_OUT_OF_SEQUENCE"),
    std::pair(RestartCode::SessionCredentialConflict, "ERROR_SESSION_CREDENTIAL_CONFLICT"),
    std::pair(RestartCode::Cancelled, "ERROR_CANCELLED"),
};

QString nameOf(RestartCode code)
{
    const auto found = std::find_if(names.cbegin(), names.cend(),
                                    [code](const auto &each) { return each.first == code; });
    Q_ASSERT(found != names.cend());
    return QLatin1StringView(found->second);
}

bool isRestartCode(qint64 number)
{
    return std::any_of(names.cbegin(), names.cend(),
                       [number](const auto &each) { return qint64(each.first) == number; });
}

Error restartError(RestartCode code, const QString &message)
{
    return {code == RestartCode::Cancelled ? ErrorCode::Cancelled : ErrorCode::Failed,
            message.isEmpty() ? sentenceFor(code) : message, static_cast<int>(code)};
}

RestartCode restartCodeOf(const Error &error)
{
    if (error.restartCode != 0)
        return static_cast<RestartCode>(error.restartCode);
    switch (error.code) {
    case ErrorCode::Cancelled:
        return RestartCode::Cancelled;
    case ErrorCode::PermissionDenied:
        return RestartCode::AccessDenied;
    default:
        return RestartCode::WriteFault;
    }
}

} // namespace Entracte
