// SPDX-License-Identifier: MIT
#pragma once

#include <QSet>

#include <sys/types.h>

namespace Entracte {

/// The compositor of $WAYLAND_DISPLAY and who is connected to it. Wayland tells no client of
/// another, but the kernel knows both ends of every socket (sock_diag(7)). Windows and titles stay
/// unknown. Without a compositor of our own user, or a kernel that answers, it is empty.
class WaylandClients
{
public:
    /// Blocks for about a millisecond; in any thread.
    static WaylandClients take();

    /// 0 without one.
    pid_t compositor() const { return m_compositor; }
    /// Reads the descriptors of \a pid, which nobody but its user and root may.
    bool contains(pid_t pid) const;
    bool isEmpty() const { return m_sockets.isEmpty(); }

private:
    pid_t m_compositor = 0;
    QSet<quint32> m_sockets; ///< the clients' ends, by inode
};

} // namespace Entracte
