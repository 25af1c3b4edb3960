// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/closing/busquit.h"
#include "platform/linux/closing/closer.h"
#include "platform/linux/closing/closingladder.h"
#include "platform/linux/closing/closingmembers.h"
#include "platform/linux/closing/forcedend.h"
#include "platform/linux/closing/windowping.h"
#include "platform/linux/closing/windowrequest.h"

#include <QCoreApplication>
#include <QObject>
#include <QSet>

#include <memory>

namespace Entracte {

class Conversation;
class SessionBus;
class ShellHangUp;

/// What everybody who closes applications works with; outlives them.
struct ClosingTools
{
    X11Display &display;
    SessionBus &bus;
    Clock &clock;
    UniqueProcess installer; ///< on whose behalf, for the record of a forced close
};

/// Closes one application: asks in the politest way it understands, then in the next, each way
/// once (closingladder.h), and watches what comes of it (linux-mechanisms 3.2).
///
///     Asked ─► Closed
///       ├──► WaitingForUser ─► Closed, or Refused when its window stays after the answer
///       ├──► NotResponding ─► Asked when it is heard again, else settled
///       └──► Refused: no way is left
///     with consent, instead of Refused and NotResponding: Ending ─► Closed, or "cannot be ended"
///
/// A question on its screen stops the clock: people may think as long as they like. Where it may be
/// forced, nobody may be there to answer, so there a question stands for forcedQuestionLimit.
class ApplicationCloser : public Closer
{
    Q_OBJECT

public:
    /// How long an application may do nothing after it was asked: generous for a busy machine,
    /// short enough for a person who watches (linux-mechanisms 3.2).
    static constexpr std::chrono::seconds reactionLimit{10};
    static constexpr std::chrono::seconds forcedQuestionLimit{20}; ///< spec 68: 30 s in all

    /// What follows when it does not.
    enum class Insistence {
        Asks,          ///< it stays open
        AsksForOthers, ///< the same, but somebody else may end it then: a question has its limit
        Ends,          ///< it is ended (forcedend.h)
    };

    /// \a conversation: the one in which it was queried; null if it does not speak the handshake.
    ApplicationCloser(const AffectedApplication &application, Insistence insistence,
                      Conversation *conversation, const ClosingTools &tools);
    ~ApplicationCloser() override;

    void start() override;
    void lookNow() override { m_members.lookNow(); }
    std::chrono::milliseconds patience() const override { return reactionLimit; }
    /// It got SIGTERM as a request.
    bool wasTerminated() const { return m_wasTerminated; }

private:
    void allEnded();

    void tryNextWay();
    bool ask(ClosingWay way);
    bool tellClose();
    bool askWindows();
    bool askOnBus();
    bool askBySignal(int signal);
    bool hangUp();
    void busIsUnavailable();

    void look();
    void waitForPerson();
    void questionAnswered(const QList<X11Window> &windows);
    void answerSettled();
    void heard();
    void notHeard();
    void limitReached();

    void giveUp();
    void cannotBeEnded(const QString &why);
    void refuse(ClosingState state, const QString &reason);
    void force(const QString &reason);

    /// Calls \a action after \a delay unless something happened in between.
    void ifNothingHappens(std::chrono::milliseconds delay, void (ApplicationCloser::*action)());

    bool showsNoLife() const;

    Insistence m_insistence;
    Conversation *m_conversation;
    ClosingTools m_tools;
    ClosingMembers m_members;
    ForcedEnd m_end;
    QList<ClosingWay> m_ways; ///< not tried yet
    WindowRequest m_windows;
    WindowPing m_ping;
    BusQuit m_busQuit;
    std::unique_ptr<ShellHangUp> m_hangUp;
    int m_happenings = 0;
    bool m_wasAsked = false;
    bool m_wasAnswered = false; ///< a question that came of our request has been answered
    bool m_hadBusQuestion = false;
    bool m_wasTerminated = false;
};

} // namespace Entracte
