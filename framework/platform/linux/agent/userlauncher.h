// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/useragents.h"
#include "platform/linux/relaunch/launchrecord.h"

#include <QObject>

#include <functional>

namespace Entracte {

/// Starts closed programs again, each by who may and should (linux-mechanisms 4.2, design 6): the
/// service manager of its user, else fork and exec; and if the program is not of the user we run
/// as, which only root can bring back, by the agent of its user.
class UserLauncher
{
public:
    /// Both outlive it.
    UserLauncher(UserAgents &agents, Clock &clock);

    using Done = std::function<void(Result<UniqueProcess>)>;

    /// \a done is called in the thread of \a context, with the process when the program runs; it
    /// may be called before this returns. \a unit: full name of the unit that the program ran in,
    /// which tells the name of its desktop entry; may be empty.
    void launch(const LaunchRecord &record, const QString &unit, QObject *context, Done done);

private:
    UserAgents &m_agents;
    Clock &m_clock;
};

} // namespace Entracte
