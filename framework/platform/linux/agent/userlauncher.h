// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/useragent.h"
#include "platform/linux/relaunch/launchrecord.h"

#include <QObject>

#include <functional>
#include <map>
#include <memory>

namespace Entracte {

/// Starts closed programs again, each by who may and should (linux-mechanisms 4.2, design 6): the
/// service manager of its user, else fork and exec; and if the program is not of the user we run
/// as, which only root can bring back, by the agent of its user.
class UserLauncher
{
public:
    explicit UserLauncher(Clock &clock);
    ~UserLauncher();

    using Done = std::function<void(Result<UniqueProcess>)>;

    /// \a done is called in the thread of \a context, with the process when the program runs; it
    /// may be called before this returns. \a unit: full name of the unit that the program ran in,
    /// which tells the name of its desktop entry; may be empty.
    void launch(const LaunchRecord &record, const QString &unit, QObject *context, Done done);

    /// Ends the agents; the programs that they started stay.
    void dismissAgents();

private:
    UserAgent &agentFor(const LaunchRecord &record);

    Clock &m_clock;
    std::map<UserIdentity, std::unique_ptr<UserAgent>> m_agents;
};

} // namespace Entracte
