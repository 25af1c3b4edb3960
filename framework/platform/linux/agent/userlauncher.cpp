// SPDX-License-Identifier: MIT
#include "platform/linux/agent/userlauncher.h"

#include "platform/linux/agent/agentenvironment.h"
#include "platform/linux/agent/agentprocess.h"
#include "platform/linux/identification/unitname.h"
#include "platform/linux/relaunch/userunit.h"

#include <unistd.h>

namespace Entracte {

UserLauncher::UserLauncher(Clock &clock)
    : m_clock(clock)
{
}

UserLauncher::~UserLauncher() = default;

void UserLauncher::launch(const LaunchRecord &record, const QString &unit, QObject *context,
                          Done done)
{
    const QString application = unitIn(unit.toUtf8()).applicationId;
    const bool isOfAnother = ::geteuid() == 0 && record.traits().uid != 0;
    if (!isOfAnother)
        return startAsUser(record, application, m_clock, context, done);
    if (!AgentProcess::isPossible())
        return record.start(context, done);
    agentFor(record).start(record, application, context,
                           [record, context, done](const UserAgent::Outcome &outcome) {
                               if (outcome)
                                   done(*outcome);
                               else // with the rights of its user, but in our control group
                                   record.start(context, done);
                           });
}

UserAgent &UserLauncher::agentFor(const LaunchRecord &record)
{
    const UserIdentity identity(record);
    std::unique_ptr<UserAgent> &agent = m_agents[identity];
    if (!agent)
        agent = std::make_unique<UserAgent>(
            identity, agentEnvironment(identity.uid, record.environment()), m_clock);
    return *agent;
}

void UserLauncher::dismissAgents()
{
    m_agents.clear();
}

} // namespace Entracte
