// SPDX-License-Identifier: MIT
#include "platform/linux/busaddress.h"

#include "platform/linux/unixsocket.h"
#include "platform/unix/descriptor.h"

#include <QByteArray>

#include <QFile>
#include <algorithm>

#include <cstring>
#include <optional>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace Entracte {

namespace {

constexpr int greetingLimit = 500; // milliseconds

/// The value of \a key in an address like "unix:path=/run/bus,guid=…".
QByteArray valueOf(const QByteArray &address, const QByteArray &key)
{
    for (const QByteArray &part : address.mid(address.indexOf(':') + 1).split(','))
        if (part.startsWith(key + '='))
            return QByteArray::fromPercentEncoding(part.mid(key.size() + 1));
    return {};
}

bool isListenedAtBy(uid_t owner, const QByteArray &name)
{
    const QList<UnixSocket> sockets = unixSockets(SocketState::Listening);
    return std::any_of(sockets.cbegin(), sockets.cend(), [&](const UnixSocket &socket) {
        return socket.name == name && socket.owner == owner;
    });
}

/// Root has the right to write to everybody's socket, but nothing to say there: what belongs to a
/// user is that user's agent's to do. A user cannot be mistaken so.
bool isOwnedBy(uid_t owner, const QByteArray &name)
{
    if (name.startsWith('\0'))
        return ::geteuid() != 0 || isListenedAtBy(owner, name);
    struct stat status;
    return ::stat(name.constData(), &status) == 0 && status.st_uid == owner;
}

bool isServedBy(uid_t owner, const Descriptor &descriptor)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(descriptor.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
        && peer.uid == owner;
}

Descriptor connectTo(const QByteArray &address, std::optional<uid_t> owner)
{
    const QByteArray path = valueOf(address, "path");
    const QByteArray name = path.isEmpty() ? '\0' + valueOf(address, "abstract") : path;
    sockaddr_un place{};
    if (!address.startsWith("unix:") || name.size() < 2
        || name.size() >= qsizetype(sizeof place.sun_path) || (owner && !isOwnedBy(*owner, name)))
        return Descriptor();
    place.sun_family = AF_UNIX;
    std::memcpy(place.sun_path, name.constData(), size_t(name.size()));
    const size_t length = offsetof(sockaddr_un, sun_path) + size_t(name.size());
    Descriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(descriptor.get(), reinterpret_cast<const sockaddr *>(&place), socklen_t(length))
            != 0
        || (owner && !isServedBy(*owner, descriptor)))
        return Descriptor();
    return descriptor;
}

// A stopped one takes the connection and does not answer.
bool isAwake(const QByteArray &address, std::optional<uid_t> owner)
{
    const Descriptor descriptor = connectTo(address, owner);
    if (!descriptor.isValid())
        return false;
    const QByteArray greeting =
        QByteArray(1, '\0') + "AUTH EXTERNAL " + QByteArray::number(::geteuid()).toHex() + "\r\n";
    if (::send(descriptor.get(), greeting.constData(), size_t(greeting.size()), MSG_NOSIGNAL)
        != greeting.size())
        return false;
    pollfd waiting{descriptor.get(), POLLIN, 0};
    char answer[3] = {};
    return ::poll(&waiting, 1, greetingLimit) == 1 && ::recv(descriptor.get(), answer, 2, 0) == 2
        && std::strcmp(answer, "OK") == 0;
}

/// The first of \a addresses if there is one to be had, and \a owner serves it.
QString ifAwake(const QByteArray &addresses, std::optional<uid_t> owner)
{
    const QByteArray first = addresses.split(';').first();
    return isAwake(first, owner) ? QFile::decodeName(first) : QString();
}

} // namespace

static QByteArray runtimeFolder()
{
    const QByteArray told = qgetenv("XDG_RUNTIME_DIR");
    return told.isEmpty() ? "/run/user/" + QByteArray::number(::geteuid()) : told;
}

QString sessionBusAddress()
{
    const QByteArray told = qgetenv("DBUS_SESSION_BUS_ADDRESS");
    return ifAwake(told.isEmpty() ? "unix:path=" + runtimeFolder() + "/bus" : told, ::geteuid());
}

QString userManagerBusAddress()
{
    const QString own = ifAwake("unix:path=" + runtimeFolder() + "/bus", ::geteuid());
    return own.isEmpty() ? sessionBusAddress() : own;
}

QString systemBusAddress()
{
    const QByteArray told = qgetenv("DBUS_SYSTEM_BUS_ADDRESS");
    return ifAwake(told.isEmpty() ? QByteArray("unix:path=/run/dbus/system_bus_socket") : told,
                   std::nullopt);
}

} // namespace Entracte
