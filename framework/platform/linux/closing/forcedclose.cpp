// SPDX-License-Identifier: MIT
#include "platform/linux/closing/forcedclose.h"

#include "core/logging.h"
#include "platform/linux/process.h"

#include <csignal>

namespace Entracte {

void record(const ForcedClose &close)
{
    const AffectedApplication &ended = close.application;
    qCWarning(lcRestart).noquote().nospace()
        << "forced close PROGRAM=" << plainText(ended.executable)
        << " NAME=" << plainText(ended.name) << " PID=" << ended.process.pid
        << " USER=" << plainText(ended.owner) << " UID=" << ended.ownerUid
        << " SESSION=" << ended.logonSession
        << " SIGNAL=" << (close.signal == SIGKILL ? "KILL" : "TERM")
        << " INSTALLER=" << plainText(executableOf(pid_t(close.installer.pid)))
        << " INSTALLER_PID=" << close.installer.pid << " REASON=" << plainText(close.reason);
}

} // namespace Entracte
