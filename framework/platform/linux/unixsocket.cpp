// SPDX-License-Identifier: MIT
#include "platform/linux/unixsocket.h"

#include "platform/unix/descriptor.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace Entracte {

namespace {

bool ask(const Descriptor &kernel, SocketState state)
{
    struct
    {
        nlmsghdr header;
        unix_diag_req request;
    } question{};
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    question.request.sdiag_family = AF_UNIX;
    question.request.udiag_states =
        1U << (state == SocketState::Listening ? TCP_LISTEN : TCP_ESTABLISHED);
    question.request.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_UID;
    return ::send(kernel.get(), &question, sizeof question, 0) == ssize_t(sizeof question);
}

template <typename Number>
void read(const rtattr *attribute, Number &number)
{
    if (RTA_PAYLOAD(attribute) >= sizeof number)
        std::memcpy(&number, RTA_DATA(attribute), sizeof number);
}

UnixSocket socketIn(const nlmsghdr *message)
{
    const auto *const facts = static_cast<const unix_diag_msg *>(NLMSG_DATA(message));
    auto left = int(NLMSG_PAYLOAD(message, sizeof *facts));
    UnixSocket found;
    for (auto *one = reinterpret_cast<const rtattr *>(facts + 1); RTA_OK(one, left);
         one = RTA_NEXT(one, left)) {
        if (one->rta_type == UNIX_DIAG_NAME)
            found.name =
                QByteArray(static_cast<const char *>(RTA_DATA(one)), qsizetype(RTA_PAYLOAD(one)));
        else if (one->rta_type == UNIX_DIAG_PEER)
            read(one, found.peer);
        else if (one->rta_type == UNIX_DIAG_UID)
            read(one, found.owner.emplace());
    }
    while (!found.name.startsWith('\0') && found.name.endsWith('\0'))
        found.name.chop(1); // of a path its end may be told too
    return found;
}

} // namespace

QList<UnixSocket> unixSockets(SocketState state)
{
    QList<UnixSocket> sockets;
    const Descriptor kernel(
        ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
    if (!kernel.isValid() || !ask(kernel, state))
        return sockets;
    alignas(nlmsghdr) std::array<char, 32 * 1024> answer;
    // A dump is made while it is read, so it never keeps us waiting.
    for (;;) {
        auto left = std::max<ssize_t>(::recv(kernel.get(), answer.data(), answer.size(), 0), 0);
        if (left == 0)
            return sockets;
        for (auto *message = reinterpret_cast<const nlmsghdr *>(answer.data());
             NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
            if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY) // done, or an error
                return sockets;
            if (const UnixSocket found = socketIn(message); !found.name.isEmpty())
                sockets.append(found);
        }
    }
}

pid_t peerOf(int socket)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

} // namespace Entracte
