// SPDX-License-Identifier: MIT
#include "platform/linux/identification/waylandclients.h"

#include "platform/linux/unixsocket.h"
#include "platform/unix/descriptor.h"

#include <QByteArray>

#include <cstring>
#include <filesystem>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace Entracte {

namespace {

QByteArray socketPath()
{
    const QByteArray name = qgetenv("WAYLAND_DISPLAY");
    return name.isEmpty() || name.startsWith('/') ? name : qgetenv("XDG_RUNTIME_DIR") + '/' + name;
}

/// Who listens at \a path, if it is ours.
pid_t listenerAt(const QByteArray &path)
{
    sockaddr_un address{};
    struct stat status;
    if (path.isEmpty() || path.size() >= qsizetype(sizeof address.sun_path)
        || ::stat(path.constData(), &status) != 0 || status.st_uid != ::geteuid())
        return 0;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.constData(), size_t(path.size()));
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const bool isConnected =
        ::connect(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    return isConnected ? peerOf(socket.get()) : 0;
}

/// The clients' ends of all connections that were accepted at \a path.
QSet<quint32> clientsAt(const QByteArray &path)
{
    QSet<quint32> clients;
    for (const UnixSocket &accepted : unixSockets(SocketState::Connected))
        if (accepted.name == path && accepted.peer != 0)
            clients.insert(accepted.peer);
    return clients;
}

} // namespace

WaylandClients WaylandClients::take()
{
    WaylandClients found;
    const QByteArray path = socketPath();
    found.m_compositor = listenerAt(path);
    if (found.m_compositor > 0)
        found.m_sockets = clientsAt(path);
    return found;
}

bool WaylandClients::contains(pid_t pid) const
{
    if (m_sockets.isEmpty())
        return false;
    std::error_code error;
    const std::filesystem::path folder = "/proc/" + std::to_string(pid) + "/fd";
    for (std::filesystem::directory_iterator one(folder, error), end; !error && one != end;
         one.increment(error)) {
        const std::string target = std::filesystem::read_symlink(one->path(), error).string();
        error.clear(); // it was closed meanwhile
        if (const QByteArray text = QByteArray::fromStdString(target);
            text.startsWith("socket:[") && m_sockets.contains(text.mid(8).chopped(1).toUInt()))
            return true;
    }
    return false;
}

} // namespace Entracte
