// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>

#include <optional>

#include <sys/types.h>

namespace Entracte {

// What the kernel knows of sockets of this machine, without contact with anybody.

/// One end of a socket.
struct UnixSocket
{
    QByteArray name;            ///< a path, or an abstract name with its leading zero
    quint32 peer = 0;           ///< inode of the other end; 0 without one
    std::optional<uid_t> owner; ///< whose process made it; since Linux 5.3
};

enum class SocketState { Connected, Listening };

/// All that have a name and are in this state, in our network namespace; none if the kernel does
/// not tell (sock_diag(7)). An end that was accepted has the name of where it was. Blocks for about
/// a millisecond; any thread.
QList<UnixSocket> unixSockets(SocketState state);

/// The process at the other end of the connected \a socket; 0 if it is not known.
pid_t peerOf(int socket);

} // namespace Entracte
