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
    : Closer(application)
    , m_mayBeForced(mayBeForced)
    , m_agent(&agent)
    , m_clock(clock)
    , m_end(m_members, clock, installer)
{
    connect(&m_members, &ClosingMembers::allEnded, this, &AgentCloser::allEnded);
    connect(&m_end, &ForcedEnd::failed, this, [this](const QString &why) {
        forbidForce();
        staysOpen(ClosingState::Refused, why);
    });
}

AgentCloser::~AgentCloser()
{
    abandon();
}

void AgentCloser::start()
{
    m_members.watch(application().processes);
    if (m_members.isEmpty())
        return closed(ApplicationStatus::StoppedOther);
    become(ClosingState::Asked);
    waitFor(silenceLimit);
    if (m_mayBeForced)
        m_clock.callAfter(forcedLimit, this, [this] {
            if (!isSettled() && !isEnding())
                agentLost();
        });
    m_isAsking = true;
    m_agent->close(application(), m_mayBeForced, this,
                   [this](const std::optional<AgentProgress> &progress, const QString &reason) {
                       m_isAsking = progress && !progress->isSettled;
                       if (isSettled() || isEnding())
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
        m_agent->abandon(application());
}

void AgentCloser::allEnded()
{
    if (!isSettled())
        closed();
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
    refuse(ClosingState::NotResponding, UserAgent::silenceOf(application().owner));
}

void AgentCloser::refuse(ClosingState state, const QString &reason)
{
    abandon();
    if (!m_mayBeForced)
        return staysOpen(state == ClosingState::NotResponding ? state : ClosingState::Refused,
                         reason);
    ++m_happenings;
    become(ClosingState::Ending, reason);
    m_end.begin(application(), reason, m_wasTerminated);
}

void AgentCloser::waitFor(std::chrono::milliseconds limit)
{
    m_clock.callAfter(limit, this, [this, before = ++m_happenings] {
        if (m_happenings == before && !isSettled())
            agentLost();
    });
}

std::chrono::milliseconds AgentCloser::patience() const
{
    return ApplicationCloser::reactionLimit;
}

} // namespace Entracte

#include "moc_agentcloser.cpp"
