// SPDX-License-Identifier: MIT
#include "platform/linux/closing/closingladder.h"

#include "platform/linux/closing/signalrequest.h"

namespace Entracte {

QList<ClosingWay> waysToClose(const AffectedApplication &application, bool speaksHandshake)
{
    if (speaksHandshake)
        return {ClosingWay::Handshake};
    switch (application.type) {
    case ApplicationType::Critical:
        return {};
    case ApplicationType::Service:
        return {ClosingWay::Terminate};
    case ApplicationType::Console:
        if (isInteractiveShell(pid_t(application.process.pid)))
            return {ClosingWay::HangUp};
        return {ClosingWay::Interrupt, ClosingWay::Terminate};
    case ApplicationType::Unknown:
    case ApplicationType::MainWindow:
    case ApplicationType::OtherWindow:
    case ApplicationType::Shell:
        break;
    }
    return {ClosingWay::Windows, ClosingWay::Bus, ClosingWay::Terminate};
}

} // namespace Entracte
