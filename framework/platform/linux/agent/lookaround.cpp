// SPDX-License-Identifier: MIT
#include "platform/linux/agent/lookaround.h"

namespace Entracte {

LookAround::LookAround(UserAgents &agents, const QList<LaunchRecord> &programs, Clock &clock)
{
    for (const LaunchRecord &program : programs)
        if (UserAgent *const agent = agents.agentFor(program))
            m_unanswered.insert(agent);
    if (m_unanswered.isEmpty()) {
        giveUp();
        return;
    }
    clock.callAfter(limit, this, [this] { finish(); });
    const QSet<UserAgent *> asked = m_unanswered;
    for (UserAgent *const agent : asked)
        agent->lookAround(this, [this, agent](const DesktopFacts &facts) {
            m_facts.unite(facts);
            m_unanswered.remove(agent);
            if (m_unanswered.isEmpty())
                giveUp();
        });
}

void LookAround::giveUp()
{
    QMetaObject::invokeMethod(this, &LookAround::finish, Qt::QueuedConnection);
}

void LookAround::finish()
{
    if (!std::exchange(m_isFinished, true))
        emit finished();
}

} // namespace Entracte

#include "moc_lookaround.cpp"
