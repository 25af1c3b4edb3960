// SPDX-License-Identifier: MIT
#include "guardian/guardian.h"

#include "guardian/rescue.h"
#include "guardian/seethrough.h"
#include "platform/linux/agent/agentprocess.h"
#include "platform/linux/ownscope.h"
#include "platform/linux/privatecopy.h"
#include "platform/linux/secondprocess.h"
#include "platform/unix/descriptor.h"

#include <QFile>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace Entracte {

namespace {

constexpr char guardWord[] = "--entracte-guardian";
constexpr int watchDescriptor = SecondProcess::socketDescriptor;
constexpr char ready = 'r';

/// What the installer tells its guardian: one letter and what it is about, a packet each. Whatever
/// was sent before it died arrives.
enum class Word : char {
    Target = 't',
    Session = 's',
    ReleaseSession = 'S',
    SeeThrough = 'w',
    Dismiss = 'x',
};

/// Waits for the other side to say something or to die: then it is empty.
QByteArray heardOn(int descriptor)
{
    std::array<char, 8192> packet;
    ssize_t got = 0;
    do {
        got = ::recv(descriptor, packet.data(), packet.size(), 0);
    } while (got < 0 && errno == EINTR);
    return QByteArray(packet.data(), std::max<ssize_t>(0, got));
}

bool say(int descriptor, Word word, const QString &about = {})
{
    const QByteArray packet = char(word) + QFile::encodeName(about);
    return ::send(descriptor, packet.constData(), size_t(packet.size()), MSG_NOSIGNAL)
        == packet.size();
}

/// What there is to do once the installer has died.
struct Orders
{
    Duties duties;
    QStringList waiting; ///< targets for which a version waits
};

/// Listens until the installer dies; nullopt if it dismissed us before.
std::optional<Orders> ordersOnceOrphaned()
{
    Orders orders;
    Duties &duties = orders.duties;
    for (;;) {
        const QByteArray packet = heardOn(watchDescriptor);
        if (packet.isEmpty())
            return orders;
        const QString about = QFile::decodeName(packet.mid(1));
        switch (Word(packet.front())) {
        case Word::Target:
            duties.targets.append(about);
            break;
        case Word::Session:
            duties.sessions.append(about);
            break;
        case Word::ReleaseSession:
            duties.sessions.removeAll(about);
            break;
        case Word::SeeThrough:
            orders.waiting.append(about);
            break;
        case Word::Dismiss:
            return std::nullopt;
        }
    }
}

/// Renaming files is not to be interrupted; waiting is, or a shutdown would wait for us.
void heedSignals(bool heeds)
{
    for (const int number : {SIGHUP, SIGINT, SIGTERM})
        ::signal(number, heeds ? SIG_DFL : SIG_IGN);
}

Result<> finish(const QString &target, DeferredSwap::Patience patience)
{
    return seeThrough(
        target, patience, [] { heedSignals(false); }, [] { heedSignals(true); });
}

[[noreturn]] void beFinisher(int argc, char **argv)
{
    if (argc < 3)
        ::_exit(0);
    ::signal(SIGPIPE, SIG_IGN);
    QCoreApplication app(argc, argv);
    const bool onlyOnce = argc > 3 && std::strcmp(argv[3], "once") == 0;
    const Result<> done =
        finish(QFile::decodeName(argv[2]),
               onlyOnce ? DeferredSwap::Patience::Once : DeferredSwap::Patience::UntilFree);
    ::_exit(done ? 0 : 1);
}

[[noreturn]] void standGuard(int argc, char **argv)
{
    heedSignals(false);
    ::signal(SIGPIPE, SIG_IGN);
    ::close_range(watchDescriptor + 1, ~0u, 0);
    ::fcntl(watchDescriptor, F_SETFD, FD_CLOEXEC); // not for the programs that we start
    QCoreApplication app(argc, argv);
    moveIntoOwnScope(Guardian::tr("Guardian of an installation", "description of a systemd unit"));
    (void)!::send(watchDescriptor, &ready, 1, MSG_NOSIGNAL);
    const std::optional<Orders> orders = ordersOnceOrphaned();
    if (!orders)
        ::_exit(0);
    Result<> done = rescue(orders->duties);
    for (const QString &target : orders->waiting) {
        if (const Result<> finished = finish(target, DeferredSwap::Patience::UntilFree); !finished)
            done = finished;
    }
    ::_exit(done ? 0 : 1);
}

/// Our end of the conversation with a guardian that stands and runs from \a executable; invalid if
/// none does.
Descriptor launch(const Descriptor &executable)
{
    Descriptor watch = SecondProcess::start(
        executable, SOCK_SEQPACKET, {"entracte-guardian", guardWord}, environ, [] { return true; });
    return watch.isValid() && heardOn(watch.get()).startsWith(ready) ? std::move(watch)
                                                                     : Descriptor();
}

} // namespace

struct Guardian::Private
{
    Descriptor watch; ///< our end of the socket

    Result<> tell(Word word, const QString &about) const
    {
        if (say(watch.get(), word, about))
            return {};
        const int error = errno;
        return Error::fromErrno(
            error, tr("The process that would tidy up if this one died does not answer: %1.",
                      "error message; %1: system")
                       .arg(systemReply(error)));
    }
};

Guardian::Starter Guardian::takeUp(int argc, char **argv)
{
    if (argc == 2 && std::strcmp(argv[1], guardWord) == 0)
        standGuard(argc, argv);
    if (argc >= 2 && std::strcmp(argv[1], finishWord) == 0)
        beFinisher(argc, argv);
    AgentProcess::takeUp(argc, argv);
    return &Guardian::start;
}

Result<std::unique_ptr<Guardian>> Guardian::start()
{
    // Where the copy cannot run (libraries that are looked for beside the executable, a system that
    // does not execute memory), the file itself does.
    Descriptor watch = launch(copyOfOurselves("entracte-guardian"));
    if (!watch.isValid())
        watch = launch(ourExecutable());
    if (watch.isValid()) {
        auto made = std::make_unique<Private>();
        made->watch = std::move(watch);
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

Result<> Guardian::guardTarget(const QString &target)
{
    return d->tell(Word::Target, target);
}

Result<> Guardian::guardSession(const QString &id)
{
    return d->tell(Word::Session, id);
}

void Guardian::releaseSession(const QString &id)
{
    say(d->watch.get(), Word::ReleaseSession, id);
}

Result<> Guardian::seeThrough(const QString &target)
{
    return d->tell(Word::SeeThrough, target);
}

void Guardian::dismiss()
{
    say(d->watch.get(), Word::Dismiss);
    d->watch = Descriptor();
}

} // namespace Entracte
