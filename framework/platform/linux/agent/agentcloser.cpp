// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentcloser.h"

#include "platform/linux/agent/useragent.h"
#include "platform/linux/closing/applicationcloser.h"

using namespace std::chrono_literals;

namespace Entracte {

/// Between the agent's word that it has closed and the end of its processes.
static constexpr auto endLimit = 5s;

AgentCloser::AgentCloser(const AffectedApplication &application, bool mayBeForced, UserAgent &agent,
                         Clock &clock, const UniqueProcess &installer)
    : m_application(application)
    , m_mayBeForced(mayBeForced)
    , m_agent(&agent)
    , m_clock(clock)
    , m_end(m_members, clock, installer)
{
    m_application.status.setFlag(ApplicationStatus::ErrorOnStop, false);
    if (m_application.restartability == Restartability::Cannot)
        m_standingReason = m_application.reason;
    m_application.reason.clear();
    connect(&m_members, &ClosingMembers::allEnded, this, &AgentCloser::allEnded);
    connect(&m_end, &ForcedEnd::failed, this, [this](const QString &why) {
        m_application.canBeForced = false;
        settle(ClosingState::Refused, why);
    });
}

AgentCloser::~AgentCloser()
{
    abandon();
}

void AgentCloser::start()
{
    m_members.watch(m_application.processes);
    if (m_members.isEmpty()) {
        m_application.status.setFlag(ApplicationStatus::Running, false);
        m_application.status |= ApplicationStatus::StoppedOther;
        m_isSettled = true;
        return become(ClosingState::Closed);
    }
    become(ClosingState::Asked);
    waitFor(silenceLimit);
    if (m_mayBeForced)
        m_clock.callAfter(forcedLimit, this, [this] {
            if (!m_isSettled && !isEnding())
                agentLost();
        });
    m_isAsking = true;
    m_agent->close(m_application, m_mayBeForced, this,
                   [this](const std::optional<AgentProgress> &progress, const QString &reason) {
                       m_isAsking = progress && !progress->isSettled;
                       if (m_isSettled || isEnding())
                           return;
                       if (progress)
                           heard(*progress, reason);
                       else
                           agentLost();
                   });
}

void AgentCloser::lookNow()
{
    m_members.lookNow();
    abandon();
}

void AgentCloser::abandon()
{
    if (std::exchange(m_isAsking, false) && m_agent)
        m_agent->abandon(m_application);
}

void AgentCloser::allEnded()
{
    if (m_isSettled)
        return;
    m_isSettled = true;
    m_application.status.setFlag(ApplicationStatus::Running, false);
    m_application.status.setFlag(ApplicationStatus::ErrorOnStop, false);
    m_application.status |= ApplicationStatus::Stopped;
    become(ClosingState::Closed, m_standingReason);
}

void AgentCloser::heard(const AgentProgress &progress, const QString &reason)
{
    m_wasTerminated |= progress.wasTerminated;
    switch (progress.closing) {
    case ClosingState::Closed:
        return waitFor(endLimit);
    case ClosingState::WaitingForUser:
        ++m_happenings; // no limit while a person is deciding
        break;
    case ClosingState::Asked:
    case ClosingState::NotResponding:
    case ClosingState::Refused:
        waitFor(silenceLimit);
        break;
    default: // is not its to say
        return agentLost();
    }
    if (progress.isSettled)
        return refuse(progress.closing, reason);
    become(progress.closing, reason);
}

void AgentCloser::agentLost()
{
    refuse(ClosingState::NotResponding,
           UserAgent::tr("The helper process of user %1 does not answer.", "error message")
               .arg(m_application.owner));
}

void AgentCloser::refuse(ClosingState state, const QString &reason)
{
    abandon();
    if (!m_mayBeForced)
        return settle(state == ClosingState::NotResponding ? state : ClosingState::Refused, reason);
    ++m_happenings;
    become(ClosingState::Ending, reason);
    m_end.begin(m_application, reason, m_wasTerminated);
}

void AgentCloser::settle(ClosingState state, const QString &reason)
{
    m_isSettled = true;
    m_application.status |= ApplicationStatus::ErrorOnStop;
    become(state, reason);
}

void AgentCloser::become(ClosingState state, const QString &reason)
{
    m_application.closing = state;
    m_application.reason = reason;
    emit changed();
}

void AgentCloser::waitFor(std::chrono::milliseconds limit)
{
    m_clock.callAfter(limit, this, [this, before = ++m_happenings] {
        if (m_happenings == before && !m_isSettled)
            agentLost();
    });
}

std::chrono::milliseconds AgentCloser::patience() const
{
    return ApplicationCloser::reactionLimit;
}

} // namespace Entracte
