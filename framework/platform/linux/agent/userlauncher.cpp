// SPDX-License-Identifier: MIT
#include "platform/linux/agent/userlauncher.h"

#include "platform/linux/contact.h"
#include "platform/linux/identification/unitname.h"
#include "platform/linux/relaunch/userunit.h"

namespace Entracte {

UserLauncher::UserLauncher(UserAgents &agents, Clock &clock)
    : m_agents(agents)
    , m_clock(clock)
{
}

void UserLauncher::launch(const LaunchRecord &record, const QString &unit, QObject *context,
                          Done done)
{
    const QString application = unitIn(unit.toUtf8()).applicationId;
    if (!isOfAUser(qint64(record.traits().uid)))
        return startAsUser(record, application, m_clock, context, done);
    UserAgent *const agent = m_agents.agentFor(record);
    if (!agent)
        return record.start(context, done);
    agent->start(record, application, context,
                 [record, context, done](const UserAgent::Outcome &outcome) {
                     if (outcome)
                         done(*outcome);
                     else // with the rights of its user, but in our control group
                         record.start(context, done);
                 });
}

} // namespace Entracte
