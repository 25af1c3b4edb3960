// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/identification/busnames.h"
#include "platform/linux/identification/displayclients.h"

#include <sys/types.h>

namespace Entracte {

class BusConnection;

/// Who is on the display and on the session bus at one moment.
struct DesktopFacts
{
    DisplayClients display;
    BusNames bus;
    QSet<pid_t> pillars; ///< what the desktop stands on: display server, window manager, bus

    /// On the display that the environment names, if \a isDisplayOurs, and on \a bus, if there is
    /// one. Blocks; any thread.
    static DesktopFacts take(bool isDisplayOurs, const BusConnection *bus);

    /// Puts Wayland's clients among the others, for somebody who has not the kernel's answer. Reads
    /// the descriptors of every process that we may look into.
    void nameWaylandClients();

    /// What of this is about processes of user \a uid: nobody is believed more than that about
    /// their desktop.
    DesktopFacts about(uid_t uid) const;

    void unite(const DesktopFacts &other);
};

} // namespace Entracte
