// SPDX-License-Identifier: MIT
#include "platform/linux/secondprocess.h"

#include "platform/unix/wordpointers.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace Entracte::SecondProcess {

// In the child. Only what is safe after fork() in a process with threads.
[[noreturn]] static void execute(int executable, int socket, int nothing, char *const *arguments,
                                 char *const *environment, const std::function<bool()> &prepare)
{
    ::setsid();
    // A second fork, so that nobody need wait for the new process and it is nobody's child.
    if (::fork() != 0)
        ::_exit(0);
    // Out of the way of the numbers that are to be taken.
    executable = ::fcntl(executable, F_DUPFD_CLOEXEC, 10);
    socket = ::fcntl(socket, F_DUPFD_CLOEXEC, 10);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(nothing, standard);
    ::dup2(socket, socketDescriptor);
    ::close_range(socketDescriptor + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    (void)!::chdir("/");
    if (prepare())
        ::fexecve(executable, arguments, environment);
    ::_exit(127);
}

Descriptor start(const Descriptor &executable, int socketType, QList<QByteArray> arguments,
                 char *const *environment, const std::function<bool()> &prepare)
{
    std::array<int, 2> ends{};
    if (!executable.isValid()
        || ::socketpair(AF_UNIX, socketType | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return Descriptor();
    Descriptor ours(ends[0]);
    const Descriptor theirs(ends[1]);
    const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const std::vector<char *> words = wordPointers(arguments);
    const pid_t child = nothing.isValid() ? ::fork() : -1;
    if (child == 0)
        execute(executable.get(), theirs.get(), nothing.get(), words.data(), environment, prepare);
    if (child < 0)
        return Descriptor();
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    return ours;
}

} // namespace Entracte::SecondProcess
