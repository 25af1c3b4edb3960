// SPDX-License-Identifier: MIT
#include "platform/linux/closing/closingladder.h"

#include "platform/linux/closing/signalrequest.h"
#include "platform/linux/contact.h"

namespace Entracte {

static bool mayShowWindows(const AffectedApplication &application)
{
    const bool isKnown = application.type == ApplicationType::Service
                      || application.type == ApplicationType::Console;
    QSet<pid_t> pids;
    for (const UniqueProcess &process : application.processes)
        pids.insert(pid_t(process.pid));
    return !isKnown && areOnADisplay(pids);
}

QList<ClosingWay> waysToClose(const AffectedApplication &application, bool speaksHandshake)
{
    if (speaksHandshake)
        return {ClosingWay::Handshake};
    if (isOfAUser(application.ownerUid) && mayShowWindows(application))
        return {}; // nobody is there to ask them
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
