// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/identification/waylandclients.h"

#include <QList>
#include <QSet>
#include <QString>

#include <sys/types.h>

namespace Entracte {

/// A window that its window manager manages, and what it tells of its program.
struct ClientWindow
{
    enum class Kind {
        Main,    ///< normal or dialog
        Utility, ///< palettes, panels, notifications
        Desktop, ///< the background of the desktop
    };

    pid_t pid = 0;
    pid_t leader = 0; ///< whose WM_CLIENT_LEADER is; 0 if nobody's
    Kind kind = Kind::Main;
    QString title;
    QString instance;      ///< first part of WM_CLASS
    QString windowClass;   ///< second part
    QString applicationId; ///< _GTK_APPLICATION_ID
};

/// Who is on the display named by $DISPLAY at one moment. Taken over a connection of its own, so it
/// may be taken in a worker (X11Display lives in one thread and watches). Without a display server
/// everything is empty.
struct DisplayClients
{
    QList<ClientWindow> windows;
    QSet<pid_t> clients; ///< everybody connected by X11, with a window to see or not
    WaylandClients wayland;
    QSet<pid_t> servers; ///< the display server, and the Wayland compositor of $WAYLAND_DISPLAY
    pid_t manager = 0;   ///< the window manager; 0 if there is none

    /// Whose a window is, is asked of the server, which knows it from the socket; what a window
    /// says of itself counts only where the server cannot tell. Blocks for some milliseconds.
    /// \a isX11Ours: whether we may connect to the server named by $DISPLAY (contact.h).
    static DisplayClients take(bool isX11Ours = true);

    bool isClient(pid_t pid) const; ///< by X11 or Wayland

private:
    void takeX11();
};

} // namespace Entracte
