// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/launchobstacle.h"

#include "platform/linux/process.h"
#include "platform/linux/relaunch/surroundings.h"

#include <QFile>
#include <QSet>

#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace Entracte {

namespace {

QByteArray pathOf(pid_t pid, const QByteArray &name)
{
    return "/proc/" + QByteArray::number(pid) + '/' + name;
}

/// Who can start a program where process \a pid is; nullopt if nobody can.
std::optional<pid_t> starterFor(pid_t pid)
{
    const QByteArray surroundings = surroundingsOf(pid);
    if (areSameSurroundings(surroundings, surroundingsOf(getpid())))
        return getpid();
    const std::optional<uid_t> owner = ownerOf(pid);
    const std::optional<pid_t> manager = owner ? userManagerOf(*owner) : std::nullopt;
    const bool isThere = manager && areSameSurroundings(surroundings, surroundingsOf(*manager));
    return isThere ? manager : std::nullopt;
}

/// The same user in every respect, or a program whose file says whose rights it runs with.
bool hasOneIdentity(pid_t pid)
{
    struct statx program;
    if (statx(AT_FDCWD, pathOf(pid, "exe").constData(), AT_STATX_DONT_SYNC, STATX_MODE, &program)
            == 0
        && (program.stx_mode & (S_ISUID | S_ISGID)))
        return true;
    for (const char *field : {"Uid", "Gid"}) {
        const QList<QByteArray> ids = statusField(pid, field).split('\t');
        if (QSet(ids.cbegin(), ids.cend()).size() > 1)
            return false;
    }
    return true;
}

quint64 capabilities(pid_t pid, QByteArrayView field)
{
    return statusField(pid, field).toULongLong(nullptr, 16);
}

bool hasRightsByItself(pid_t pid, pid_t starter)
{
    // Logins are given this one nowadays; without it a program cannot wake the computer up.
    constexpr quint64 wakeAlarm = quint64(1) << 35;
    const bool isRoot = statusField(pid, "Uid").startsWith("0\t");
    // By becoming another user.
    const bool losesOwn = statusField(starter, "Uid").startsWith("0\t") && !isRoot;
    const quint64 bounding = capabilities(starter, "CapBnd");
    const quint64 ambient = losesOwn ? 0 : capabilities(starter, "CapAmb");
    return (bounding & ~capabilities(pid, "CapBnd")) == 0
        && ((ambient ^ capabilities(pid, "CapAmb")) & ~wakeAlarm) == 0
        && (!isRoot || (bounding & ~capabilities(pid, "CapPrm")) == 0);
}

int systemCallFilters(pid_t pid)
{
    const QByteArray count = statusField(pid, "Seccomp_filters"); // since Linux 5.9
    return (count.isEmpty() ? statusField(pid, "Seccomp") : count).toInt();
}

QByteArray labelOf(pid_t pid)
{
    QFile file(QFile::decodeName(pathOf(pid, "attr/current")));
    QByteArray label = file.open(QIODevice::ReadOnly) ? file.read(4096) : QByteArray();
    while (label.endsWith('\0') || label.endsWith('\n'))
        label.chop(1);
    return label;
}

} // namespace

bool LaunchObstacle::labelComesByItself(const QByteArray &label, const QByteArray &own,
                                        const QByteArray &program)
{
    if (label == own)
        return true;
    const auto mode = label.indexOf(" ("); // "/usr/bin/evince (enforce)"
    const bool restrictsNothing = label.endsWith(" (unconfined)") || label.endsWith(" (complain)");
    return own == "unconfined" && mode > 0 && (restrictsNothing || label.left(mode) == program);
}

QString LaunchObstacle::of(const UniqueProcess &process)
{
    const pid_t pid = pid_t(process.pid);
    const QByteArray program = linkAt(AT_FDCWD, pathOf(pid, "exe").constData());
    if (program.isEmpty())
        return tr("How it was started cannot be read, so it cannot be opened again for you.",
                  "state of an application");
    if (!program.startsWith('/') || program.startsWith("/memfd:"))
        return tr("Its program exists in memory only and cannot be opened again for you.",
                  "state of an application");
    const std::optional<pid_t> starter = starterFor(pid);
    if (!starter)
        return tr("Runs in a sandbox or container and cannot be opened again for you.",
                  "state of an application");
    if (!hasOneIdentity(pid) || !hasRightsByItself(pid, *starter)
        || systemCallFilters(pid) > systemCallFilters(*starter)
        || !labelComesByItself(labelOf(pid), labelOf(*starter), program))
        return tr("Runs with rights of its own and cannot be opened again for you.",
                  "state of an application");
    return {};
}

} // namespace Entracte
