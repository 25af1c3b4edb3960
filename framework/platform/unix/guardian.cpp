// SPDX-License-Identifier: MIT
#include "transaction/guardian.h"

#include "core/logging.h"
#include "platform/unix/descriptor.h"
#include "transaction/transaction.h"

#include <QFile>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace Entracte {

namespace {

constexpr char guardWord[] = "--entracte-guardian";
constexpr int watchDescriptor = 3; // where the guardian finds its end of the pipe
constexpr int readyDescriptor = 4;
constexpr char dismissed = 'x';

/// Waits for the other side to say something or to die; returns what it said, 0 if it died.
char heardOn(int descriptor)
{
    char said = 0;
    ssize_t got = 0;
    do {
        got = ::read(descriptor, &said, 1);
    } while (got < 0 && errno == EINTR);
    return got == 1 ? said : 0;
}

[[noreturn]] void standGuard(const char *target)
{
    for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGPIPE})
        ::signal(number, SIG_IGN);
    ::close_range(readyDescriptor + 1, ~0u, 0);
    if (::write(readyDescriptor, &dismissed, 1) == 1)
        ::close(readyDescriptor);
    if (heardOn(watchDescriptor) == dismissed)
        ::_exit(0);
    const Result<> done = Transaction::recoverWhenFree(QFile::decodeName(target));
    if (!done)
        qCWarning(lcTransaction) << done.error().message;
    ::_exit(done ? 0 : 1);
}

/// A private copy of this executable: the file itself may be about to be replaced.
Descriptor copyOfOurselves()
{
    const Descriptor original(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    Descriptor copy(::memfd_create("entracte-guardian", MFD_CLOEXEC));
    struct stat status;
    if (!original.isValid() || !copy.isValid() || ::fstat(original.get(), &status) != 0)
        return Descriptor();
    for (off_t done = 0; done < status.st_size;) {
        if (::sendfile(copy.get(), original.get(), &done, size_t(status.st_size - done)) <= 0)
            return Descriptor();
    }
    return copy;
}

struct Pipe
{
    static std::optional<Pipe> make()
    {
        std::array<int, 2> ends;
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            return std::nullopt;
        return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    }
    Descriptor out;
    Descriptor in;
};

/// Becomes the guardian, in the child. Only what is safe after fork() in a process with threads.
[[noreturn]] void become(int executable, int watch, int ready, int nothing, char *const *argv)
{
    ::setsid();
    // A second fork, so that nobody need wait for the guardian and it is nobody's child.
    if (::fork() != 0)
        ::_exit(0);
    // Out of the way of the numbers that are to be taken.
    executable = ::fcntl(executable, F_DUPFD_CLOEXEC, 10);
    watch = ::fcntl(watch, F_DUPFD_CLOEXEC, 10);
    ready = ::fcntl(ready, F_DUPFD_CLOEXEC, 10);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(nothing, standard);
    ::dup2(watch, watchDescriptor);
    ::dup2(ready, readyDescriptor);
    (void)!::chdir("/");
    ::fexecve(executable, argv, environ);
    ::_exit(127);
}

/// True if a guardian stands that runs from \a executable.
bool launch(const Descriptor &executable, const Pipe &watch, const QString &target)
{
    std::optional<Pipe> ready = Pipe::make();
    const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!ready || !nothing.isValid() || !executable.isValid())
        return false;
    QByteArray name = "entracte-guardian";
    QByteArray word = guardWord;
    QByteArray path = QFile::encodeName(target);
    const std::array<char *, 4> argv{name.data(), word.data(), path.data(), nullptr};
    const pid_t child = ::fork();
    if (child == 0)
        become(executable.get(), watch.out.get(), ready->in.get(), nothing.get(), argv.data());
    if (child < 0)
        return false;
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    ready->in = Descriptor();
    return heardOn(ready->out.get()) == dismissed;
}

} // namespace

struct Guardian::Private
{
    Descriptor watch; ///< our end of the pipe
};

Guardian::Starter Guardian::takeUp(int argc, char **argv)
{
    if (argc == 3 && std::strcmp(argv[1], guardWord) == 0)
        standGuard(argv[2]);
    return &Guardian::start;
}

Result<std::unique_ptr<Guardian>> Guardian::start(const QString &target)
{
    std::optional<Pipe> watch = Pipe::make();
    // Where the copy cannot run (libraries that are looked for beside the executable, a system that
    // does not execute memory), the file itself does.
    if (watch
        && (launch(copyOfOurselves(), *watch, target)
            || launch(Descriptor(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)), *watch,
                      target))) {
        auto made = std::make_unique<Private>();
        made->watch = std::move(watch->in);
        return std::unique_ptr<Guardian>(new Guardian(std::move(made)));
    }
    const int error = errno;
    return Error::fromErrno(
        error, tr("Could not start the process that would tidy up if this one died: %1.",
                  "error message; %1: system")
                   .arg(systemReply(error)));
}

Guardian::Guardian(std::unique_ptr<Private> made)
    : d(std::move(made))
{
}

Guardian::~Guardian() = default;

void Guardian::dismiss()
{
    (void)!::write(d->watch.get(), &dismissed, 1);
    d->watch = Descriptor();
}

} // namespace Entracte
