// SPDX-License-Identifier: MIT
#include "platform/linux/closing/applicationcloser.h"

#include "core/logging.h"
#include "platform/linux/closing/conversation.h"
#include "platform/linux/closing/forcedclose.h"
#include "platform/linux/closing/shellhangup.h"
#include "platform/linux/closing/signalrequest.h"

#include <QSocketNotifier>

#include <algorithm>
#include <csignal>

#include <unistd.h>

using namespace std::chrono_literals;

namespace Entracte {

static constexpr auto afterAnswerLimit = 3s;
static constexpr auto signalLimit = 5s;

ApplicationCloser::ApplicationCloser(const AffectedApplication &application, bool mayBeForced,
                                     Conversation *conversation, const ClosingTools &tools)
    : m_application(application)
    , m_mayBeForced(mayBeForced)
    , m_conversation(conversation)
    , m_tools(tools)
    , m_windows(tools.display)
    , m_ping(tools.display, tools.clock)
    , m_busQuit(tools.bus, tools.clock)
{
    m_application.status.setFlag(ApplicationStatus::ErrorOnStop, false);
    if (m_application.restartability == Restartability::Cannot)
        m_standingReason = m_application.reason;
    m_application.reason.clear();
    connect(&m_tools.display, &X11Display::changed, this, &ApplicationCloser::look);
    connect(&m_ping, &WindowPing::answered, this, &ApplicationCloser::heard);
    connect(&m_ping, &WindowPing::silent, this, &ApplicationCloser::notHeard);
    connect(&m_busQuit, &BusQuit::asked, this, [this] { m_wasAsked = true; });
    connect(&m_busQuit, &BusQuit::unavailable, this, &ApplicationCloser::busIsUnavailable);
    connect(&m_busQuit, &BusQuit::questionChanged, this, &ApplicationCloser::look);
}

ApplicationCloser::~ApplicationCloser() = default;

// --- the processes -----------------------------------------------------------------------------

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
    const bool speaksHandshake = m_conversation && m_conversation->isOpen();
    m_ways = waysToClose(m_application, speaksHandshake);
    m_windows.begin(pids());
    if (m_windows.look(pids()).hasQuestion)
        return waitForPerson(); // what it asks already comes first
    tryNextWay();
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

// --- the ways to ask ---------------------------------------------------------------------------

void ApplicationCloser::tryNextWay()
{
    while (!m_ways.isEmpty()) {
        if (!ask(m_ways.takeFirst()))
            continue;
        if (m_application.closing != ClosingState::Asked)
            become(ClosingState::Asked);
        return ifNothingHappens(reactionLimit, &ApplicationCloser::limitReached);
    }
    giveUp();
}

/// False when \a way does not exist for this application.
bool ApplicationCloser::ask(ClosingWay way)
{
    switch (way) {
    case ClosingWay::Handshake:
        return tellClose();
    case ClosingWay::Windows:
        return askWindows();
    case ClosingWay::Bus:
        return askOnBus();
    case ClosingWay::Interrupt:
        return askBySignal(SIGINT);
    case ClosingWay::Terminate:
        // While it shows a window, not closing that one was its answer.
        return m_windows.look(pids()).windows.isEmpty() && askBySignal(SIGTERM);
    case ClosingWay::HangUp:
        return hangUp();
    }
    return false;
}

bool ApplicationCloser::tellClose()
{
    if (!m_conversation || !m_conversation->isOpen())
        return false;
    m_conversation->tellClose();
    m_wasAsked = true;
    return true;
}

bool ApplicationCloser::askWindows()
{
    if (!m_windows.askOnce(pids()))
        return false;
    m_wasAsked = true;
    m_ping.ask(m_windows.look(pids()).windows);
    return true;
}

// Another user's programs are on another bus, where we have no business.
bool ApplicationCloser::askOnBus()
{
    if (m_application.ownerUid != qint64(geteuid()))
        return false;
    const QList<X11Window> windows = m_windows.look(pids()).windows;
    m_busQuit.ask(pids(), windows);
    m_ping.ask(windows);
    return true;
}

void ApplicationCloser::busIsUnavailable()
{
    if (!m_isSettled && m_application.closing == ClosingState::Asked)
        tryNextWay();
}

// The others of a group follow their representative.
bool ApplicationCloser::askBySignal(int signal)
{
    const Member &member = m_members.front();
    if (!catchesSignal(pid_t(member.process.pid), signal))
        return false;
    qCInfo(lcRestart) << "signal" << signal << "to" << member.process.pid << m_application.name;
    m_wasTerminated |= signal == SIGTERM;
    m_wasAsked = true;
    return sendSignal(member.descriptor, signal);
}

bool ApplicationCloser::hangUp()
{
    m_hangUp = std::make_unique<ShellHangUp>(m_members.front().process);
    m_hangUp->ask();
    m_wasAsked = true;
    return true;
}

// --- what comes of it --------------------------------------------------------------------------

void ApplicationCloser::look()
{
    if (m_isSettled || m_application.closing == ClosingState::Ending || m_members.empty())
        return;
    const WindowRequest::Scene scene = m_windows.look(pids());
    m_hadBusQuestion |= m_busQuit.hasQuestion();
    const bool hasQuestion = scene.hasQuestion || m_busQuit.hasQuestion();
    const bool isWaiting = m_application.closing == ClosingState::WaitingForUser;
    if (hasQuestion && !isWaiting)
        waitForPerson();
    else if (!hasQuestion && isWaiting)
        questionAnswered(scene.windows);
}

void ApplicationCloser::waitForPerson()
{
    ++m_happenings; // no limit while a person is deciding
    become(ClosingState::WaitingForUser);
    if (m_mayBeForced)
        ifNothingHappens(forcedQuestionLimit, &ApplicationCloser::giveUp);
}

void ApplicationCloser::questionAnswered(const QList<X11Window> &windows)
{
    m_wasAnswered = m_wasAsked; // else it was there before us, and we have not asked yet
    become(ClosingState::Asked);
    m_ping.ask(windows);
    ifNothingHappens(afterAnswerLimit, &ApplicationCloser::answerSettled);
}

void ApplicationCloser::answerSettled()
{
    if (m_ping.isPending()) // most likely it is writing what it was told to save
        return ifNothingHappens(reactionLimit, &ApplicationCloser::limitReached);
    limitReached();
}

void ApplicationCloser::heard()
{
    if (m_isSettled || m_application.closing != ClosingState::NotResponding)
        return;
    become(ClosingState::Asked);
    ifNothingHappens(reactionLimit, &ApplicationCloser::limitReached);
}

void ApplicationCloser::notHeard()
{
    if (!m_isSettled && m_application.closing == ClosingState::Asked)
        become(ClosingState::NotResponding);
}

bool ApplicationCloser::showsNoLife() const
{
    return m_ping.isPending() || isStopped(pid_t(m_members.front().process.pid));
}

void ApplicationCloser::limitReached()
{
    if (showsNoLife())
        return giveUp();
    const bool showsWindows = !m_windows.look(pids()).windows.isEmpty();
    if (m_wasAnswered && (showsWindows || m_hadBusQuestion)) // nobody asks a person twice
        return refuse(ClosingState::Refused, tr("Stayed open after its question was answered.",
                                                "state of an application"));
    tryNextWay();
}

// --- the end -----------------------------------------------------------------------------------

void ApplicationCloser::giveUp()
{
    if (m_wasKilled)
        return cannotBeEnded();
    if (showsNoLife())
        return refuse(ClosingState::NotResponding,
                      tr("Does not respond.", "state of an application"));
    if (m_hangUp && m_hangUp->isWaitingForJobs())
        return refuse(ClosingState::Refused, tr("Programs run in it; please close them first.",
                                                "state of an application"));
    refuse(ClosingState::Refused,
           m_wasAsked ? tr("Was asked to close and stayed open.", "state of an application")
                      : tr("Cannot be asked to close; please close it yourself.",
                           "state of an application"));
}

void ApplicationCloser::cannotBeEnded()
{
    m_application.canBeForced = false;
    refuse(ClosingState::Refused,
           isUninterruptible(pid_t(m_members.front().process.pid))
               ? tr("Cannot be ended: the system keeps it, waiting for a device or a network.",
                    "state of an application")
               : tr("Cannot be ended: the system does not let it go.", "state of an application"));
}

void ApplicationCloser::refuse(ClosingState state, const QString &reason)
{
    if (m_mayBeForced && !m_wasKilled)
        return force(reason);
    m_isSettled = true;
    m_application.status |= ApplicationStatus::ErrorOnStop;
    become(state, reason);
}

void ApplicationCloser::force(const QString &reason)
{
    const int signal = m_wasTerminated ? SIGKILL : SIGTERM;
    m_wasKilled = signal == SIGKILL;
    m_wasTerminated = true;
    become(ClosingState::Ending, reason);
    const pid_t representative = pid_t(m_members.front().process.pid);
    if (m_wasKilled || !catchesSignal(representative, SIGTERM))
        record({m_application, signal, m_tools.installer, reason});
    for (const Member &member : m_members)
        sendSignal(member.descriptor, signal);
    ifNothingHappens(signalLimit, &ApplicationCloser::giveUp);
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
    m_tools.clock.callAfter(delay, this, [this, before, action] {
        if (m_happenings == before && !m_isSettled)
            (this->*action)();
    });
}

} // namespace Entracte
