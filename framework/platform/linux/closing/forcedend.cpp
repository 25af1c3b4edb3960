// SPDX-License-Identifier: MIT
#include "platform/linux/closing/forcedend.h"

#include "platform/linux/closing/forcedclose.h"
#include "platform/linux/closing/signalrequest.h"

#include <csignal>

using namespace std::chrono_literals;

namespace Entracte {

static constexpr auto signalLimit = 5s;

ForcedEnd::ForcedEnd(ClosingMembers &members, Clock &clock, const UniqueProcess &installer)
    : m_members(members)
    , m_clock(clock)
    , m_installer(installer)
{
}

void ForcedEnd::begin(const AffectedApplication &application, const QString &reason,
                      bool wasTerminated)
{
    m_application = application;
    m_reason = reason;
    send(wasTerminated ? SIGKILL : SIGTERM);
}

void ForcedEnd::send(int signal)
{
    m_wasKilled = signal == SIGKILL;
    if (m_wasKilled || !catchesSignal(pid_t(m_members.representative().pid), SIGTERM))
        record({m_application, signal, m_installer, m_reason});
    m_members.signalAll(signal);
    m_clock.callAfter(signalLimit, this, [this] { limitReached(); });
}

void ForcedEnd::limitReached()
{
    if (m_members.isEmpty())
        return;
    if (!m_wasKilled)
        return send(SIGKILL);
    emit failed(
        isUninterruptible(pid_t(m_members.representative().pid))
            ? tr("Cannot be ended: the system keeps it, waiting for a "
                 "device or a network.",
                 "state of an application")
            : tr("Cannot be ended: the system does not let it go.", "state of an application"));
}

} // namespace Entracte

#include "moc_forcedend.cpp"
