// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/closing/closer.h"
#include "platform/linux/process.h"
#include "platform/linux/x11display.h"
#include "restart/affectedapplication.h"

#include <QCoreApplication>
#include <QObject>
#include <QSet>

#include <memory>
#include <vector>

class QSocketNotifier;

namespace Entracte {

class Conversation;

/// Closes one application: asks once, in the politest way it understands, and watches what comes of
/// it (linux-mechanisms 3.2).
///
///     the handshake      → it is told to close
///     windows            → each main window is asked to close, as its own button would
///     a caught signal    → SIGTERM; SIGINT first for a program in a terminal
///     neither            → there is no way to ask: it is refused at once
///
/// A question on its screen stops the clock: people may think as long as they like. Only with
/// consent does SIGTERM to a program that does not catch it follow, and SIGKILL after that. Every
/// signal goes through a pidfd.
///
/// Not covered yet: pinging windows to tell "busy" from "hung", D-Bus quit actions.
class ApplicationCloser : public Closer
{
    Q_OBJECT

public:
    /// How long an application may do nothing after it was asked: generous for a busy machine,
    /// short enough for a person who watches (linux-mechanisms 3.2).
    static constexpr std::chrono::seconds reactionLimit{10};

    /// \a conversation: the one in which it was queried; null if it does not speak the handshake.
    ApplicationCloser(const AffectedApplication &application, bool mayBeForced,
                      Conversation *conversation, X11Display &display, Clock &clock);
    ~ApplicationCloser() override;

    void start() override;
    void lookNow() override { memberEnded(); }
    bool isSettled() const override;
    const AffectedApplication &application() const override { return m_application; }

private:
    struct Member
    {
        UniqueProcess process;
        Descriptor descriptor;
        std::unique_ptr<QSocketNotifier> notifier;
    };

    void watch(const UniqueProcess &process);
    void askPolitely();
    bool askByHandshake();
    bool askWindows();
    bool askBySignal();
    void send(int signal);
    void lookAtWindows();
    void memberEnded();
    void limitReached();
    void refuse(ClosingState state, const QString &reason);
    void force();
    void become(ClosingState state, const QString &reason = {});

    /// Calls \a action after \a delay unless something happened in between.
    void ifNothingHappens(std::chrono::milliseconds delay, void (ApplicationCloser::*action)());

    QSet<pid_t> pids() const;

    AffectedApplication m_application;
    QString m_standingReason; ///< why it will not come back, which closing does not change
    bool m_mayBeForced;
    Conversation *m_conversation;
    X11Display &m_display;
    Clock &m_clock;
    std::vector<Member> m_members;
    int m_happenings = 0;
    bool m_toldByHandshake = false;
    bool m_askedWindows = false;
    bool m_askedBySignal = false;
    bool m_killed = false;
    bool m_terminated = false;
    bool m_isSettled = false;
};

} // namespace Entracte
