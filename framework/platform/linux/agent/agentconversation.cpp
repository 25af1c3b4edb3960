// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentconversation.h"

#include "platform/linux/agent/useragent.h"
#include "platform/linux/identification/identification.h"

namespace Entracte {

AgentConversation::AgentConversation(const AffectedApplication &application, UserAgent *agent)
    : m_application(application)
    , m_agent(agent)
{
    if (agent)
        agent->query(application, this,
                     [this](Answer answer, const QString &reason) { settle(answer, reason); });
    else
        settle(Answer::Silence, Identification::belongsToAnother());
}

// As an end of the connection says.
AgentConversation::~AgentConversation()
{
    tellOff();
}

bool AgentConversation::isOpen() const
{
    return m_agent && answer() != Answer::Silence;
}

void AgentConversation::tellOff()
{
    if (UserAgent *const agent = std::exchange(m_agent, nullptr))
        agent->callOff(m_application);
}

} // namespace Entracte

#include "moc_agentconversation.cpp"
