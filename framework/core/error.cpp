// SPDX-License-Identifier: MIT
#include "core/error.h"

#include <cerrno>
#include <cstring>

namespace Entracte {

Error Error::fromErrno(int errorNumber, const QString &message)
{
    switch (errorNumber) {
    case EACCES:
    case EPERM:
    case EROFS:
        return {ErrorCode::PermissionDenied, message};
    case EBUSY:
    case ETXTBSY:
        return {ErrorCode::FilesInUse, message};
    case ENOSPC:
    case EDQUOT:
        return {ErrorCode::NoSpace, message};
    default:
        return {ErrorCode::Failed, message};
    }
}

QString systemReply(int errorNumber)
{
    return QString::fromLocal8Bit(std::strerror(errorNumber));
}

} // namespace Entracte
