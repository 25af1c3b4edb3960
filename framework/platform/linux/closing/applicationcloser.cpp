// SPDX-License-Identifier: MIT
#include "platform/linux/closing/applicationcloser.h"

#include "core/logging.h"
#include "platform/linux/closing/conversation.h"
#include "platform/linux/closing/shellhangup.h"
#include "platform/linux/closing/signalrequest.h"

#include <algorithm>
#include <csignal>

#include <unistd.h>

using namespace std::chrono_literals;

namespace Entracte {

static constexpr auto afterAnswerLimit = 3s;

ApplicationCloser::ApplicationCloser(const AffectedApplication &application, Insistence insistence,
                                     Conversation *conversation, const ClosingTools &tools)
    : Closer(application)
    , m_insistence(insistence)
    , m_conversation(conversation)
    , m_tools(tools)
    , m_end(m_members, tools.clock, tools.installer)
    , m_windows(tools.display)
    , m_ping(tools.display, tools.clock)
    , m_busQuit(tools.bus, tools.clock)
{
    connect(&m_members, &ClosingMembers::allEnded, this, &ApplicationCloser::allEnded);
    connect(&m_end, &ForcedEnd::failed, this, &ApplicationCloser::cannotBeEnded);
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
    m_members.watch(application().processes);
    if (m_members.isEmpty())
        return closed(ApplicationStatus::StoppedOther);
    const bool speaksHandshake = m_conversation && m_conversation->isOpen();
    m_ways = waysToClose(application(), speaksHandshake);
    m_windows.begin(m_members.pids());
    if (m_windows.look(m_members.pids()).hasQuestion)
        return waitForPerson(); // what it asks already comes first
    tryNextWay();
}

void ApplicationCloser::allEnded()
{
    ++m_happenings;
    if (!isSettled())
        closed();
}

// --- the ways to ask ---------------------------------------------------------------------------

void ApplicationCloser::tryNextWay()
{
    while (!m_ways.isEmpty()) {
        if (!ask(m_ways.takeFirst()))
            continue;
        if (application().closing != ClosingState::Asked)
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
        return m_windows.look(m_members.pids()).windows.isEmpty() && askBySignal(SIGTERM);
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
    if (!m_windows.askOnce(m_members.pids()))
        return false;
    m_wasAsked = true;
    m_ping.ask(m_windows.look(m_members.pids()).windows);
    return true;
}

// Of another user only without an agent: their programs are on another bus.
bool ApplicationCloser::askOnBus()
{
    if (application().ownerUid != qint64(geteuid()))
        return false;
    const QList<X11Window> windows = m_windows.look(m_members.pids()).windows;
    m_busQuit.ask(m_members.pids(), windows);
    m_ping.ask(windows);
    return true;
}

void ApplicationCloser::busIsUnavailable()
{
    if (!isSettled() && application().closing == ClosingState::Asked)
        tryNextWay();
}

// The others of a group follow their representative.
bool ApplicationCloser::askBySignal(int signal)
{
    const qint64 pid = m_members.representative().pid;
    if (!catchesSignal(pid_t(pid), signal))
        return false;
    qCInfo(lcRestart) << "signal" << signal << "to" << pid << application().name;
    m_wasTerminated |= signal == SIGTERM;
    m_wasAsked = true;
    return m_members.signalRepresentative(signal);
}

bool ApplicationCloser::hangUp()
{
    m_hangUp = std::make_unique<ShellHangUp>(m_members.representative());
    m_hangUp->ask();
    m_wasAsked = true;
    return true;
}

// --- what comes of it --------------------------------------------------------------------------

void ApplicationCloser::look()
{
    if (isSettled() || application().closing == ClosingState::Ending || m_members.isEmpty())
        return;
    const WindowRequest::Scene scene = m_windows.look(m_members.pids());
    m_hadBusQuestion |= m_busQuit.hasQuestion();
    const bool hasQuestion = scene.hasQuestion || m_busQuit.hasQuestion();
    const bool isWaiting = application().closing == ClosingState::WaitingForUser;
    if (hasQuestion && !isWaiting)
        waitForPerson();
    else if (!hasQuestion && isWaiting)
        questionAnswered(scene.windows);
}

void ApplicationCloser::waitForPerson()
{
    ++m_happenings; // no limit while a person is deciding
    become(ClosingState::WaitingForUser);
    if (m_insistence != Insistence::Asks)
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
    if (isSettled() || application().closing != ClosingState::NotResponding)
        return;
    become(ClosingState::Asked);
    ifNothingHappens(reactionLimit, &ApplicationCloser::limitReached);
}

void ApplicationCloser::notHeard()
{
    if (!isSettled() && application().closing == ClosingState::Asked)
        become(ClosingState::NotResponding);
}

bool ApplicationCloser::showsNoLife() const
{
    return m_ping.isPending() || isStopped(pid_t(m_members.representative().pid));
}

void ApplicationCloser::limitReached()
{
    if (showsNoLife())
        return giveUp();
    const bool showsWindows = !m_windows.look(m_members.pids()).windows.isEmpty();
    if (m_wasAnswered && (showsWindows || m_hadBusQuestion)) // nobody asks a person twice
        return refuse(ClosingState::Refused, tr("Stayed open after its question was answered.",
                                                "state of an application"));
    tryNextWay();
}

// --- the end -----------------------------------------------------------------------------------

void ApplicationCloser::giveUp()
{
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

void ApplicationCloser::cannotBeEnded(const QString &why)
{
    forbidForce();
    staysOpen(ClosingState::Refused, why);
}

void ApplicationCloser::refuse(ClosingState state, const QString &reason)
{
    if (m_insistence == Insistence::Ends)
        return force(reason);
    staysOpen(state, reason);
}

void ApplicationCloser::force(const QString &reason)
{
    ++m_happenings; // no other limit from here on
    become(ClosingState::Ending, reason);
    m_end.begin(application(), reason, m_wasTerminated);
}

void ApplicationCloser::ifNothingHappens(std::chrono::milliseconds delay,
                                         void (ApplicationCloser::*action)())
{
    const int before = ++m_happenings;
    m_tools.clock.callAfter(delay, this, [this, before, action] {
        if (m_happenings == before && !isSettled())
            (this->*action)();
    });
}

} // namespace Entracte

#include "moc_applicationcloser.cpp"
