// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/surroundings.h"

#include "platform/linux/detection/fileidentity.h"
#include "platform/linux/process.h"

#include <QByteArrayList>
#include <QFile>

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

static constexpr char separator = ' ';

QByteArray surroundingsOf(pid_t pid)
{
    static constexpr std::array namespaces{"cgroup", "ipc",  "mnt",  "net",
                                           "pid",    "time", "user", "uts"};
    const QByteArray folder = "/proc/" + QByteArray::number(pid);
    QByteArrayList parts;
    for (const char *name : namespaces)
        parts.append(linkAt(AT_FDCWD, (folder + "/ns/" + name).constData()));
    const auto root = identityAt(AT_FDCWD, (folder + "/root").constData());
    parts.append(root ? QByteArray::number(root->device) + ':' + QByteArray::number(root->inode)
                      : QByteArray());
    return parts.join(separator);
}

bool areSameSurroundings(const QByteArray &one, const QByteArray &other)
{
    const QByteArrayList left = one.split(separator);
    const QByteArrayList right = other.split(separator);
    for (qsizetype part = 0; part < std::min(left.size(), right.size()); ++part)
        if (!left[part].isEmpty() && !right[part].isEmpty() && left[part] != right[part])
            return false;
    return true;
}

std::optional<pid_t> userManagerOf(uid_t uid)
{
    const QString group =
        u"/user.slice/user-%1.slice/user@%1.service/init.scope/cgroup.procs"_s.arg(uid);
    // The unified hierarchy, that of a hybrid set-up, and systemd's own before.
    for (const char *mount :
         {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"}) {
        QFile members(QLatin1StringView(mount) + group);
        if (!members.open(QIODevice::ReadOnly))
            continue;
        for (const QByteArray &line : members.read(4096).split('\n'))
            if (const pid_t pid = line.toInt();
                pid > 0 && ownerOf(pid) == uid && commandName(pid) == u"systemd"_s)
                return pid;
    }
    return std::nullopt;
}

} // namespace Entracte
