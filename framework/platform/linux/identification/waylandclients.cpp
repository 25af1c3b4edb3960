// SPDX-License-Identifier: MIT
#include "platform/linux/identification/waylandclients.h"

#include "platform/linux/x11connection.h"
#include "platform/unix/descriptor.h"

#include <QByteArray>

#include <array>
#include <cstring>
#include <filesystem>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
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

/// The other end of the connection that \a message tells of, if this end was accepted at \a path.
quint64 clientIn(const nlmsghdr *message, const QByteArray &path)
{
    const auto *const facts = static_cast<const unix_diag_msg *>(NLMSG_DATA(message));
    int left = int(NLMSG_PAYLOAD(message, sizeof *facts));
    QByteArray name;
    quint32 peer = 0;
    for (auto *one = reinterpret_cast<const rtattr *>(facts + 1); RTA_OK(one, left);
         one = RTA_NEXT(one, left)) {
        if (one->rta_type == UNIX_DIAG_NAME)
            name = QByteArray::fromRawData(static_cast<const char *>(RTA_DATA(one)),
                                           qsizetype(RTA_PAYLOAD(one)));
        else if (one->rta_type == UNIX_DIAG_PEER && RTA_PAYLOAD(one) == sizeof peer)
            std::memcpy(&peer, RTA_DATA(one), sizeof peer);
    }
    while (name.endsWith('\0'))
        name.chop(1);
    return name == path ? peer : 0;
}

/// The clients' ends of all connections that were accepted at \a path.
QSet<quint64> clientsAt(const QByteArray &path)
{
    const Descriptor kernel(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    struct
    {
        nlmsghdr header;
        unix_diag_req request;
    } question{};
    constexpr unsigned established = 1; // TCP_ESTABLISHED, which unix sockets use too
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    question.request.sdiag_family = AF_UNIX;
    question.request.udiag_states = 1u << established;
    question.request.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER;
    QSet<quint64> clients;
    if (::send(kernel.get(), &question, sizeof question, 0) != ssize_t(sizeof question))
        return clients;
    alignas(nlmsghdr) std::array<char, 32 * 1024> answer;
    for (;;) {
        const ssize_t received = ::recv(kernel.get(), answer.data(), answer.size(), 0);
        auto left = unsigned(std::max<ssize_t>(received, 0));
        if (left == 0)
            return clients;
        for (auto *message = reinterpret_cast<const nlmsghdr *>(answer.data());
             NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
            if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY) // done, or an error
                return clients;
            if (const quint64 client = clientIn(message, path))
                clients.insert(client);
        }
    }
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
            text.startsWith("socket:[") && m_sockets.contains(text.mid(8).chopped(1).toULongLong()))
            return true;
    }
    return false;
}

} // namespace Entracte
