// SPDX-License-Identifier: MIT
#include "platform/linux/contact.h"

#include "platform/linux/process.h"

#include <algorithm>

#include <unistd.h>

namespace Entracte {

bool isOfAUser(qint64 owner)
{
    return ::geteuid() == 0 && owner > 0;
}

QSet<pid_t> oursAmong(const QSet<pid_t> &pids)
{
    if (::geteuid() != 0)
        return pids;
    QSet<pid_t> ours;
    for (const pid_t pid : pids)
        if (ownerOf(pid) == uid_t(0))
            ours.insert(pid);
    return ours;
}

bool areOnADisplay(const QSet<pid_t> &pids)
{
    return std::any_of(pids.cbegin(), pids.cend(), [](pid_t pid) {
        const QList<QByteArray> environment = environmentOf(pid);
        return !environmentValue(environment, "DISPLAY").isEmpty()
            || !environmentValue(environment, "WAYLAND_DISPLAY").isEmpty();
    });
}

bool isDisplayOurs(const QSet<pid_t> &pids)
{
    return ::geteuid() != 0 || areOnADisplay(oursAmong(pids));
}

} // namespace Entracte
