// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/launchcapture.h"

#include "platform/linux/relaunch/iopriority.h"
#include "platform/linux/relaunch/relaunchmarks.h"
#include "platform/linux/relaunch/surroundings.h"

#include <QRandomGenerator>

#include <array>
#include <climits>

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace Entracte {

namespace {

/// More than the kernel lets a program have at its start; a process can make /proc show more.
constexpr qsizetype longestBlock = 6 * 1024 * 1024;

QByteArray pathOf(pid_t pid, const char *name)
{
    return "/proc/" + QByteArray::number(pid) + '/' + name;
}

/// What /proc/PID/\a name says; empty if it cannot be read or is longer than \a longest.
QByteArray readBounded(pid_t pid, const char *name, qsizetype longest = longestBlock)
{
    const Descriptor file(open(pathOf(pid, name).constData(), O_RDONLY | O_CLOEXEC));
    if (!file.isValid())
        return {};
    QByteArray text;
    std::array<char, 16384> block;
    ssize_t length = 0;
    while ((length = read(file.get(), block.data(), block.size())) > 0) {
        text.append(block.data(), length);
        if (text.size() > longest)
            return {};
    }
    return length == 0 ? text : QByteArray();
}

QList<QByteArray> wordsIn(const QByteArray &block)
{
    QList<QByteArray> words = block.split('\0');
    if (!words.isEmpty() && words.last().isEmpty())
        words.removeLast(); // what follows the last terminator; an empty last argument stays
    return words;
}

/// Where the link /proc/PID/\a name leads, byte for byte, without the mark that the kernel adds
/// when what lay there was deleted or replaced.
QByteArray placeOf(pid_t pid, const char *name)
{
    static constexpr QByteArrayView mark = " (deleted)";
    std::array<char, PATH_MAX> target;
    const QByteArray link = pathOf(pid, name);
    const ssize_t length = readlink(link.constData(), target.data(), target.size());
    if (length <= 0 || size_t(length) == target.size() || target[0] != '/')
        return {};
    QByteArray place(target.data(), length);
    // A name may really end like that.
    if (place.endsWith(mark.toByteArray())
        && rememberedIdentity(place.constData()) != identityAt(AT_FDCWD, link.constData()))
        place.chop(mark.size());
    return place;
}

/// What belongs to one start of a program and must not reach the next (design section 6).
bool isOfOneStartOnly(const QByteArray &variable)
{
    static constexpr std::array prefixes{
        "NOTIFY_SOCKET=",      "LISTEN_",   "INVOCATION_ID=",
        "JOURNAL_STREAM=",     "ENTRACTE_", "XDG_ACTIVATION_TOKEN=",
        "DESKTOP_STARTUP_ID=",
    };
    for (const char *prefix : prefixes)
        if (variable.startsWith(prefix))
            return true;
    return false;
}

/// The first of the four numbers behind "Uid:" or "Gid:".
std::optional<uint> realId(pid_t pid, QByteArrayView field)
{
    bool isNumber = false;
    const uint id = statusField(pid, field).split('\t').value(0).toUInt(&isNumber);
    return isNumber ? std::optional(id) : std::nullopt;
}

QList<gid_t> groupsOf(pid_t pid)
{
    QList<gid_t> groups;
    for (const QByteArray &group : statusField(pid, "Groups").split(' '))
        if (!group.isEmpty())
            groups.append(gid_t(group.toUInt()));
    return groups;
}

QByteArray processorsOf(pid_t pid)
{
    // The kernel wants room for every processor that it could have, and says only that it lacks.
    for (qsizetype size = 128; size <= 4096; size *= 2) {
        QByteArray mask(size, '\0');
        if (sched_getaffinity(pid, size_t(size), reinterpret_cast<cpu_set_t *>(mask.data())) == 0)
            return mask;
        if (errno != EINVAL)
            break;
    }
    return {};
}

QList<ResourceLimit> limitsOf(pid_t pid)
{
    QList<ResourceLimit> limits;
    for (int resource = 0; resource < RLIM_NLIMITS; ++resource) {
        rlimit limit;
        if (prlimit(pid, __rlimit_resource(resource), nullptr, &limit) != 0)
            return limitsInTable(pid);
        limits.append({limit.rlim_cur, limit.rlim_max});
    }
    return limits;
}

std::optional<int> oomAdjustmentOf(pid_t pid)
{
    bool isNumber = false;
    const int adjustment = readBounded(pid, "oom_score_adj", 64).trimmed().toInt(&isNumber);
    return isNumber ? std::optional(adjustment) : std::nullopt;
}

std::optional<quint64> limitFrom(const QByteArray &word)
{
    if (word == "unlimited")
        return RLIM_INFINITY;
    bool isNumber = false;
    const quint64 value = word.toULongLong(&isNumber);
    return isNumber ? std::optional(value) : std::nullopt;
}

} // namespace

QList<ResourceLimit> limitsInTable(pid_t pid)
{
    constexpr int widthOfName = 26; // and a space; the lines are in the order of the numbers
    QList<QByteArray> lines = readBounded(pid, "limits", 16384).split('\n');
    lines.removeFirst();
    QList<ResourceLimit> limits;
    for (const QByteArray &line : lines) {
        const QList<QByteArray> columns = line.mid(widthOfName).simplified().split(' ');
        const std::optional<quint64> soft = limitFrom(columns.value(0));
        const std::optional<quint64> hard = limitFrom(columns.value(1));
        if (!line.isEmpty() && (!soft || !hard || *soft > *hard))
            return {};
        if (soft && hard)
            limits.append({*soft, *hard});
    }
    return limits.size() == RLIM_NLIMITS ? limits : QList<ResourceLimit>();
}

static std::optional<LaunchTraits> traitsOf(pid_t pid)
{
    LaunchTraits traits;
    const std::optional<uint> uid = realId(pid, "Uid");
    const std::optional<uint> gid = realId(pid, "Gid");
    bool hasUmask = false;
    traits.umask = mode_t(statusField(pid, "Umask").toUInt(&hasUmask, 8));
    if (!uid || !gid || !hasUmask)
        return std::nullopt;
    traits.uid = *uid;
    traits.gid = *gid;
    traits.groups = groupsOf(pid);
    traits.niceness = getpriority(PRIO_PROCESS, id_t(pid));
    traits.ioPriority = ioPriorityOf(pid);
    traits.processors = processorsOf(pid);
    traits.limits = limitsOf(pid);
    traits.oomAdjustment = oomAdjustmentOf(pid);
    traits.hasNoNewPrivileges = statusField(pid, "NoNewPrivs") == "1";
    traits.surroundings = surroundingsOf(pid);
    return traits;
}

LaunchRecord captureLaunch(const UniqueProcess &process)
{
    const pid_t pid = pid_t(process.pid);
    const QByteArray programLink = pathOf(pid, "exe");
    const std::optional<FileIdentity> program = identityAt(AT_FDCWD, programLink.constData());
    const std::optional<LaunchTraits> traits = traitsOf(pid);
    if (!program || !traits)
        return {};

    LaunchRecord record;
    record.m_program = placeOf(pid, "exe");
    record.m_programFile = *program;
    record.m_arguments = wordsIn(readBounded(pid, "cmdline"));
    record.m_environment = wordsIn(readBounded(pid, "environ"));
    record.m_environment.removeIf(isOfOneStartOnly);
    record.m_workingDirectory = placeOf(pid, "cwd");
    record.m_traits = *traits;
    record.m_mark =
        relaunchVariable + QByteArray::number(QRandomGenerator::system()->generate64(), 16);

    // All of it was read of one process, running one program.
    const bool isSame = identityAt(AT_FDCWD, programLink.constData()) == program;
    return isSame && openProcess(process).isValid() ? record : LaunchRecord();
}

} // namespace Entracte
