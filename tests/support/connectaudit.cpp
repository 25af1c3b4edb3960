// SPDX-License-Identifier: MIT
#include "support/connectaudit.h"

#include <cstddef>
#include <mutex>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

std::mutex guard;
QList<QByteArray> connected;

void note(const sockaddr *address, socklen_t length)
{
    if (::geteuid() != 0 || !address || address->sa_family != AF_UNIX)
        return;
    const auto *place = reinterpret_cast<const sockaddr_un *>(address);
    const size_t size = length - offsetof(sockaddr_un, sun_path);
    QByteArray path(place->sun_path, qsizetype(size));
    if (path.startsWith('\0'))
        path[0] = '@';
    else if (path.contains('\0'))
        path.truncate(path.indexOf('\0'));
    const std::lock_guard lock(guard);
    connected.append(path);
}

} // namespace

extern "C" int connect(int descriptor, const sockaddr *address, socklen_t length)
{
    note(address, length);
    return int(::syscall(SYS_connect, descriptor, address, length));
}

namespace ConnectAudit {

QList<QByteArray> places()
{
    const std::lock_guard lock(guard);
    return connected;
}

void forget()
{
    const std::lock_guard lock(guard);
    connected.clear();
}

} // namespace ConnectAudit
