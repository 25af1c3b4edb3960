// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/identification/processtable.h"
#include "restart/affectedapplication.h"

#include <QSet>

#include <sys/types.h>

namespace Entracte {

/// What stands against closing something.
struct Obstacles
{
    RebootReasons reasons; ///< all that apply, together (spec 48)
    RestartLevel level = RestartLevel::Application;

    explicit operator bool() const { return reasons != RebootReasons(); }
    void add(RebootReason reason, RestartLevel atLeast);
    void unite(const Obstacles &other);
};

/// Who must never be closed or offered for it: ourselves and our ancestors, what the desktop stands
/// on, what the system stands on (linux-mechanisms 2, spec 3.9 and 9.4).
///
/// Facts come first: who is at the other end of the display's socket, who owns the bus, what
/// systemd says. Names count only for programs that root installed, or for units of the system:
/// nobody becomes critical by calling itself so.
class CriticalProcesses
{
public:
    /// \a installer: who counts as the installer beside this process; may be nobody.
    explicit CriticalProcesses(const UniqueProcess &installer);

    /// The end of these ends the desktop: the display server, its window manager, the session bus,
    /// the leaders of logon sessions.
    void addDesktop(const QSet<pid_t> &pids) { m_desktop += pids; }
    /// The system bus.
    void addSystem(pid_t pid) { m_system.insert(pid); }

    Obstacles obstaclesOf(const ProcessFacts &process) const;

    /// This process and the one it acts for, without their ancestors.
    bool isInstaller(pid_t pid) const { return m_installers.contains(pid); }
    /// The installer or one of its ancestors.
    bool isOurs(pid_t pid) const { return m_ourselves.contains(pid); }
    /// A unit that holds ourselves as well, and hence tells nothing about others in it.
    bool isOurUnit(const Unit &unit) const;

private:
    QSet<pid_t> m_installers;
    QSet<pid_t> m_ourselves;
    QSet<pid_t> m_desktop;
    QSet<pid_t> m_system;
    QString m_ourUnit;
    bool m_ourUnitIsUsers = false;
    int m_ourLogonSession = -1;
};

} // namespace Entracte
