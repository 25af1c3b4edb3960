// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QString>

namespace Entracte {

/// The unit of systemd that a process belongs to, as its control group tells, without asking
/// anybody (linux-mechanisms 2, from systemd's conventions for desktops).
struct Unit
{
    enum class Kind {
        None,
        Service,      ///< of the system, or of a user's manager
        Application,  ///< an application's own scope or service: app-*, snap.*, flatpak-*
        Activated,    ///< started because somebody called its name on the bus; may be either
        LogonSession, ///< session-N.scope: somewhere in a login, which tells nothing more
        Terminal,     ///< what a terminal emulator, or tmux, runs in one of its tabs
        UserManager,  ///< the systemd of a user itself
        OtherScope,
    };

    Kind kind = Kind::None;
    QString name;                  ///< "redis-server.service"; empty if none
    bool isUserUnit = false;       ///< of a user's manager, not of the system's
    bool isInSessionSlice = false; ///< an essential part of the desktop itself
    QString applicationId;         ///< "org.kde.kate", the name of a desktop entry; may be empty
    int logonSession = -1;         ///< its number; -1 if it has none or no number

    bool isService() const { return name.endsWith(u".service"); }
    /// "redis-server"; empty unless a service.
    QString serviceName() const { return isService() ? name.chopped(8) : QString(); }
    /// True when all its processes belong together.
    bool isOneApplication() const
    {
        return kind == Kind::Service || kind == Kind::Application || kind == Kind::Activated;
    }
};

/// \a controlGroup: the path in /proc/PID/cgroup (controlGroupOf), of hostile content.
Unit unitIn(const QByteArray &controlGroup);

} // namespace Entracte
