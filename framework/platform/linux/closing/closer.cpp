// SPDX-License-Identifier: MIT
#include "platform/linux/closing/closer.h"

namespace Entracte {

Closer::Closer(const AffectedApplication &application)
    : m_application(application)
{
    m_application.status.setFlag(ApplicationStatus::ErrorOnStop, false);
    if (m_application.restartability == Restartability::Cannot)
        m_standingReason = m_application.reason;
    m_application.reason.clear();
}

void Closer::become(ClosingState state, const QString &reason)
{
    m_application.closing = state;
    m_application.reason = reason;
    emit changed();
}

void Closer::closed(ApplicationStatus how)
{
    m_application.status.setFlag(ApplicationStatus::Running, false);
    m_application.status.setFlag(ApplicationStatus::ErrorOnStop, false);
    m_application.status |= how;
    settle(ClosingState::Closed, m_standingReason);
}

void Closer::staysOpen(ClosingState state, const QString &reason)
{
    m_application.status |= ApplicationStatus::ErrorOnStop;
    settle(state, reason);
}

void Closer::settle(ClosingState state, const QString &reason)
{
    m_isSettled = true;
    become(state, reason);
}

} // namespace Entracte

#include "moc_closer.cpp"
