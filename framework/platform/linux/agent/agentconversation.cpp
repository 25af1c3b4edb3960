// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentconversation.h"

#include "platform/linux/agent/useragent.h"

namespace Entracte {

AgentConversation::AgentConversation(const AffectedApplication &application, UserAgent *agent)
    : m_application(application)
    , m_agent(agent)
{
    if (agent)
        agent->query(application, this,
                     [this](Answer answer, const QString &reason) { settle(answer, reason); });
    else
        settle(Answer::Silence, tr("It belongs to another user and cannot be asked from here.",
                                   "state of an application"));
}

AgentConversation::~AgentConversation() = default;

bool AgentConversation::isOpen() const
{
    return m_agent && answer() != Answer::Silence;
}

void AgentConversation::tellOff()
{
    if (m_agent)
        m_agent->callOff(m_application);
}

} // namespace Entracte
