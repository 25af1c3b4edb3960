// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentprocess.h"

#include "core/translators.h"
#include "platform/linux/agent/agentwork.h"
#include "platform/linux/secondprocess.h"
#include "platform/unix/wordpointers.h"

#include <QCoreApplication>
#include <QLocale>

#include <array>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace Entracte::AgentProcess {

using SecondProcess::socketDescriptor;

namespace {

constexpr char agentWord[] = "--entracte-agent";

// A fact about the executable, known once, before there are threads.
bool hasTakenUp = false;

using Capabilities = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

bool dropCapabilities()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const Capabilities none{};
    return ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0
        && ::syscall(SYS_capset, &header, none.data()) == 0;
}

bool hasCapabilities()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    Capabilities held{};
    if (::syscall(SYS_capget, &header, held.data()) != 0)
        return true;
    for (const __user_cap_data_struct &part : held)
        if (part.effective != 0 || part.permitted != 0 || part.inheritable != 0)
            return true;
    return false;
}

/// Whether there is no way back: for the user that we are now, and for the group.
bool isWithoutPrivileges()
{
    std::array<uid_t, 3> user{};
    std::array<gid_t, 3> group{};
    if (::getresuid(&user[0], &user[1], &user[2]) != 0
        || ::getresgid(&group[0], &group[1], &group[2]) != 0)
        return false;
    const bool isOne =
        user[0] == user[1] && user[1] == user[2] && group[0] == group[1] && group[1] == group[2];
    return isOne && user[0] != 0 && !hasCapabilities() && ::setresuid(0, 0, 0) != 0
        && ::seteuid(0) != 0 && (group[0] == 0 || ::setresgid(0, 0, 0) != 0);
}

/// For good. Only what is safe after fork() in a process with threads.
bool become(const UserIdentity &identity)
{
    return ::setgroups(identity.groups.size(), identity.groups.data()) == 0
        && ::setresgid(identity.gid, identity.gid, identity.gid) == 0
        && ::setresuid(identity.uid, identity.uid, identity.uid) == 0 && dropCapabilities()
        && isWithoutPrivileges();
}

/// In the child: leaves everything of ours behind but the socket.
bool becomeAgent(const UserIdentity &identity)
{
    ::umask(077);
    for (int number = 1; number < NSIG; ++number)
        ::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    // What is in our keyring is for us.
    ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
    return become(identity);
}

bool isSocket(int descriptor)
{
    struct stat status;
    return ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

[[noreturn]] void beAgent(int argc, char **argv)
{
    if (!isWithoutPrivileges() || !isSocket(socketDescriptor))
        ::_exit(1);
    ::close_range(socketDescriptor + 1, ~0U, 0);
    ::fcntl(socketDescriptor, F_SETFD, FD_CLOEXEC); // not for the programs that we start
    ::signal(SIGPIPE, SIG_IGN);
    QCoreApplication app(argc, argv);
    installTranslators(argc > 2 ? QString::fromLatin1(argv[2]) : QString());
    AgentWork work{Descriptor(socketDescriptor)};
    QObject::connect(&work, &AgentWork::ended, &app, &QCoreApplication::quit);
    QCoreApplication::exec();
    ::_exit(0);
}

} // namespace

void takeUp(int argc, char **argv)
{
    if (argc > 1 && std::strcmp(argv[1], agentWord) == 0)
        beAgent(argc, argv);
    hasTakenUp = true;
}

bool isPossible()
{
    return hasTakenUp;
}

Descriptor start(const Descriptor &executable, const UserIdentity &identity,
                 const QList<QByteArray> &environment)
{
    QList<QByteArray> words = environment;
    const std::vector<char *> variables = wordPointers(words);
    const QByteArray language = QLocale().bcp47Name().toLatin1();
    return SecondProcess::start(executable, SOCK_STREAM, {"entracte-agent", agentWord, language},
                                variables.data(), [&identity] { return becomeAgent(identity); });
}

} // namespace Entracte::AgentProcess
