// SPDX-License-Identifier: MIT
#include "platform/linux/abstractsocket.h"

#include "platform/unix/descriptor.h"

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

struct Question
{
    nlmsghdr header;
    unix_diag_req request;
};

bool ask(const Descriptor &kernel)
{
    Question question{};
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    question.request.sdiag_family = AF_UNIX;
    question.request.udiag_states = 1U << TCP_LISTEN;
    question.request.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_UID;
    return ::send(kernel.get(), &question, sizeof question, 0) == ssize_t(sizeof question);
}

/// Of one listening socket, if it has the name \a wanted.
std::optional<uid_t> ownerIn(nlmsghdr *message, const QByteArray &wanted)
{
    QByteArray name;
    std::optional<uid_t> owner;
    auto *facts = static_cast<unix_diag_msg *>(NLMSG_DATA(message));
    auto *attribute = reinterpret_cast<rtattr *>(facts + 1);
    auto length = int(message->nlmsg_len - NLMSG_LENGTH(sizeof *facts));
    for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length)) {
        const auto size = qsizetype(RTA_PAYLOAD(attribute));
        if (attribute->rta_type == UNIX_DIAG_NAME)
            name = QByteArray(static_cast<const char *>(RTA_DATA(attribute)), size);
        uid_t uid = 0;
        if (attribute->rta_type == UNIX_DIAG_UID && size >= qsizetype(sizeof uid)) {
            std::memcpy(&uid, RTA_DATA(attribute), sizeof uid);
            owner = uid;
        }
    }
    return name == wanted ? owner : std::nullopt;
}

} // namespace

std::optional<uid_t> listenerAtAbstract(const QByteArray &name)
{
    const Descriptor kernel(
        ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
    if (!kernel.isValid() || !ask(kernel))
        return std::nullopt;
    const QByteArray wanted = '\0' + name;
    alignas(nlmsghdr) std::array<char, 32 * 1024> buffer;
    // A dump is made while it is read, so it never keeps us waiting.
    for (;;) {
        auto size = ::recv(kernel.get(), buffer.data(), buffer.size(), 0);
        if (size <= 0)
            return std::nullopt;
        auto *message = reinterpret_cast<nlmsghdr *>(buffer.data());
        for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
            if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY)
                return std::nullopt;
            if (const std::optional<uid_t> owner = ownerIn(message, wanted))
                return owner;
        }
    }
}

} // namespace Entracte
