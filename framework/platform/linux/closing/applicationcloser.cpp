// SPDX-License-Identifier: MIT
#include "platform/linux/closing/applicationcloser.h"

#include "core/logging.h"
#include "platform/linux/closing/conversation.h"

#include <QSocketNotifier>

#include <algorithm>
#include <csignal>

#include <sys/syscall.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace Entracte {

static constexpr auto afterAnswerLimit = 3s;
static constexpr auto signalLimit = 5s;

ApplicationCloser::ApplicationCloser(const AffectedApplication &application, bool mayBeForced,
                                     Conversation *conversation, X11Display &display, Clock &clock)
    : m_application(application)
    , m_mayBeForced(mayBeForced)
    , m_conversation(conversation)
    , m_display(display)
    , m_clock(clock)
{
    m_application.status.setFlag(ApplicationStatus::ErrorOnStop, false);
    if (m_application.restartability == Restartability::Cannot)
        m_standingReason = m_application.reason;
    m_application.reason.clear();
    connect(&m_display, &X11Display::changed, this, &ApplicationCloser::lookAtWindows);
}

ApplicationCloser::~ApplicationCloser() = default;

bool ApplicationCloser::isSettled() const
{
    return m_isSettled;
}

void ApplicationCloser::start()
{
    for (const UniqueProcess &process : std::as_const(m_application.processes))
        watch(process);
    if (m_members.empty()) {
        m_application.status =
            (m_application.status & ~ApplicationStatuses(ApplicationStatus::Running))
            | ApplicationStatus::StoppedOther;
        m_isSettled = true;
        return become(ClosingState::Closed);
    }
    become(ClosingState::Asked);
    askPolitely();
}

void ApplicationCloser::watch(const UniqueProcess &process)
{
    Descriptor descriptor = openProcess(process);
    if (!descriptor.isValid() || hasEnded(descriptor))
        return;
    auto notifier = std::make_unique<QSocketNotifier>(descriptor.get(), QSocketNotifier::Read);
    connect(notifier.get(), &QSocketNotifier::activated, this, &ApplicationCloser::memberEnded);
    m_members.push_back({process, std::move(descriptor), std::move(notifier)});
}

QSet<pid_t> ApplicationCloser::pids() const
{
    QSet<pid_t> pids;
    for (const Member &member : m_members)
        pids.insert(pid_t(member.process.pid));
    return pids;
}

void ApplicationCloser::askPolitely()
{
    if (askByHandshake() || askWindows() || askBySignal())
        return ifNothingHappens(reactionLimit, &ApplicationCloser::limitReached);
    refuse(ClosingState::Refused,
           tr("Cannot be asked to close; please close it yourself.", "state of an application"));
}

bool ApplicationCloser::askByHandshake()
{
    if (!m_conversation || !m_conversation->isOpen())
        return false;
    m_conversation->tellClose();
    m_toldByHandshake = true;
    return true;
}

bool ApplicationCloser::askWindows()
{
    const QList<X11Window> windows = m_display.windowsOf(pids());
    for (const X11Window &window : windows) {
        if (window.isQuestion || !window.canBeClosed)
            continue;
        m_display.requestClose(window);
        m_askedWindows = true;
    }
    return m_askedWindows;
}

bool ApplicationCloser::askBySignal()
{
    const pid_t pid = pid_t(m_application.process.pid);
    const bool inTerminal = m_application.type == ApplicationType::Console;
    for (const int signal : inTerminal ? QList{SIGINT, SIGTERM} : QList{SIGTERM}) {
        if (!catchesSignal(pid, signal))
            continue;
        send(signal);
        m_askedBySignal = true;
        return true;
    }
    return false;
}

void ApplicationCloser::send(int signal)
{
    for (const Member &member : m_members) {
        qCInfo(lcRestart) << "signal" << signal << "to" << member.process.pid << m_application.name;
        syscall(SYS_pidfd_send_signal, member.descriptor.get(), signal, nullptr, 0);
    }
    ++m_happenings;
}

void ApplicationCloser::lookAtWindows()
{
    if (m_isSettled || !(m_askedWindows || m_toldByHandshake) || m_terminated)
        return;
    const QList<X11Window> windows = m_display.windowsOf(pids());
    const bool asks = std::any_of(windows.cbegin(), windows.cend(),
                                  [](const X11Window &window) { return window.isQuestion; });
    if (asks && m_application.closing != ClosingState::WaitingForUser) {
        ++m_happenings; // no limit while a person is deciding
        become(ClosingState::WaitingForUser);
    } else if (!asks && m_application.closing == ClosingState::WaitingForUser) {
        ++m_happenings;
        become(ClosingState::Asked);
        ifNothingHappens(afterAnswerLimit, &ApplicationCloser::limitReached);
    }
}

void ApplicationCloser::memberEnded()
{
    std::erase_if(m_members, [](const Member &member) { return hasEnded(member.descriptor); });
    if (!m_members.empty() || m_isSettled)
        return;
    ++m_happenings;
    m_isSettled = true;
    m_application.status.setFlag(ApplicationStatus::Running, false);
    m_application.status.setFlag(ApplicationStatus::ErrorOnStop, false);
    m_application.status |= ApplicationStatus::Stopped;
    become(ClosingState::Closed, m_standingReason);
}

void ApplicationCloser::limitReached()
{
    const bool hasWindows = !m_display.windowsOf(pids()).isEmpty();
    // Its windows went but it stays, as programs in the tray do: ask the other polite way once.
    if (m_askedWindows && !hasWindows && !m_askedBySignal && askBySignal())
        return ifNothingHappens(reactionLimit, &ApplicationCloser::limitReached);
    refuse(ClosingState::Refused,
           tr("Was asked to close and stayed open.", "state of an application"));
}

void ApplicationCloser::refuse(ClosingState state, const QString &reason)
{
    if (m_mayBeForced && !m_killed)
        return force();
    m_isSettled = true;
    m_application.status |= ApplicationStatus::ErrorOnStop;
    become(state, reason);
}

void ApplicationCloser::force()
{
    m_killed = m_terminated;
    become(ClosingState::Ending);
    send(m_terminated ? SIGKILL : SIGTERM);
    m_terminated = true;
    ifNothingHappens(signalLimit, &ApplicationCloser::limitReached);
}

void ApplicationCloser::become(ClosingState state, const QString &reason)
{
    m_application.closing = state;
    m_application.reason = reason;
    emit changed();
}

void ApplicationCloser::ifNothingHappens(std::chrono::milliseconds delay,
                                         void (ApplicationCloser::*action)())
{
    const int before = ++m_happenings;
    m_clock.callAfter(delay, this, [this, before, action] {
        if (m_happenings == before && !m_isSettled)
            (this->*action)();
    });
}

} // namespace Entracte
