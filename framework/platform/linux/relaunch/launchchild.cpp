// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/launchchild.h"

#include "platform/linux/relaunch/iopriority.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace Entracte {

namespace {

void tell(const PreparedLaunch &launch, LaunchStep step, int value, int detail = 0)
{
    const LaunchMessage message{step, value, detail};
    [[maybe_unused]] const ssize_t written = write(launch.report, &message, sizeof message);
}

[[noreturn]] void giveUp(const PreparedLaunch &launch, LaunchStep step)
{
    tell(launch, step, errno);
    _exit(1);
}

void tellLossUnless(bool isDone, const PreparedLaunch &launch, LaunchStep step, int detail = 0)
{
    if (!isDone)
        tell(launch, step, errno, detail);
}

/// Nothing of ours is open in the program. It closes at execve and not before: the lock of our
/// session is among it, and says to a rescuer that something is half started.
bool detachStreams()
{
    const int nothing = open("/dev/null", O_RDWR);
    if (nothing < 0)
        return false;
    for (int stream = 0; stream < 3; ++stream)
        if (dup2(nothing, stream) < 0)
            return false;
    return close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

void resetSignals()
{
    for (int signal = 1; signal < NSIG; ++signal)
        ::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool adjustOutOfMemory(const char *adjustment)
{
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    return file >= 0 && write(file, adjustment, std::strlen(adjustment)) >= 0 && close(file) == 0;
}

/// False if the limit could not be had; then the nearest is set.
bool setLimit(int resource, const rlimit &wanted)
{
    const auto which = __rlimit_resource(resource);
    rlimit ours;
    if (getrlimit(which, &ours) != 0)
        return false;
    if (ours.rlim_cur == wanted.rlim_cur && ours.rlim_max == wanted.rlim_max)
        return true;
    if (setrlimit(which, &wanted) == 0)
        return true;
    const int reply = errno;
    const rlimit nearest{std::min(wanted.rlim_cur, ours.rlim_max),
                         std::min(wanted.rlim_max, ours.rlim_max)};
    setrlimit(which, &nearest);
    errno = reply;
    return false;
}

void restoreShare(const PreparedLaunch &launch)
{
    if (launch.oomAdjustment)
        tellLossUnless(adjustOutOfMemory(launch.oomAdjustment), launch, LaunchStep::OutOfMemory);
    if (!launch.processors.empty())
        tellLossUnless(
            sched_setaffinity(0, launch.processors.size(),
                              reinterpret_cast<const cpu_set_t *>(launch.processors.data()))
                == 0,
            launch, LaunchStep::Processors);
    tellLossUnless(setpriority(PRIO_PROCESS, 0, launch.niceness) == 0, launch,
                   LaunchStep::Niceness);
    if (launch.ioPriority >= 0)
        tellLossUnless(setOwnIoPriority(launch.ioPriority), launch, LaunchStep::IoPriority);
    for (size_t resource = 0; resource < launch.limits.size(); ++resource)
        tellLossUnless(setLimit(int(resource), launch.limits[resource]), launch, LaunchStep::Limit,
                       int(resource));
}

/// For good: who is another user now must not find the way back.
bool becomeUser(const PreparedLaunch &launch)
{
    if (setgroups(launch.groups.size(), launch.groups.data()) != 0
        || setresgid(launch.gid, launch.gid, launch.gid) != 0
        || setresuid(launch.uid, launch.uid, launch.uid) != 0)
        return false;
    errno = EPERM;
    return launch.uid == 0 || setresuid(0, 0, 0) != 0;
}

/// Without root nobody becomes another user, and each has the groups that it has.
bool remainUser(const PreparedLaunch &launch)
{
    errno = EPERM;
    if (launch.uid != getuid() || launch.uid != geteuid())
        return false;
    tellLossUnless(!launch.hasOtherGroups, launch, LaunchStep::Groups);
    return true;
}

void enterDirectory(const PreparedLaunch &launch)
{
    int reply = 0;
    for (size_t number = 0; number < launch.directories.size(); ++number) {
        if (chdir(launch.directories[number]) == 0) {
            if (number > 0)
                tell(launch, LaunchStep::WorkingDirectory, reply, int(number));
            return;
        }
        if (number == 0)
            reply = errno;
    }
}

[[noreturn]] void runProgram(const PreparedLaunch &launch)
{
    setsid();
    if (!detachStreams())
        giveUp(launch, LaunchStep::StandardStreams);
    resetSignals();
    restoreShare(launch);
    ::umask(launch.umask);
    if (!(geteuid() == 0 ? becomeUser(launch) : remainUser(launch)))
        giveUp(launch, LaunchStep::Identity);
    if (launch.hasNoNewPrivileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        giveUp(launch, LaunchStep::Privileges);
    enterDirectory(launch); // as the user: root may be locked out of it, or see more
    execve(launch.program, launch.arguments.data(), launch.environment.data());
    giveUp(launch, LaunchStep::Execute);
}

} // namespace

void runPrepared(const PreparedLaunch &launch)
{
    const pid_t program = fork();
    if (program == 0)
        runProgram(launch);
    if (program < 0)
        tell(launch, LaunchStep::Fork, errno);
    else
        tell(launch, LaunchStep::Started, program);
    _exit(0);
}

} // namespace Entracte
