// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/agentmessage.h"
#include "platform/linux/closing/closer.h"
#include "platform/linux/closing/closingmembers.h"
#include "platform/linux/closing/forcedend.h"

#include <QCoreApplication>
#include <QPointer>

namespace Entracte {

class UserAgent;

/// Closes one application of another user, as root: that user's agent asks, in all polite ways
/// (ApplicationCloser), and tells what comes of it. What it tells is shown, no more: that the
/// application is closed, only its processes say, and ending it, with consent, needs no agent.
class AgentCloser : public Closer
{
    Q_OBJECT

public:
    /// While nothing else becomes of it: longer than an agent takes for all its ways.
    static constexpr std::chrono::seconds silenceLimit{60};
    static constexpr std::chrono::seconds forcedLimit{30}; ///< spec 68

    AgentCloser(const AffectedApplication &application, bool mayBeForced, UserAgent &agent,
                Clock &clock, const UniqueProcess &installer);
    ~AgentCloser() override;

    void start() override;
    void lookNow() override;
    std::chrono::milliseconds patience() const override;

private:
    void allEnded();
    void heard(const AgentProgress &progress, const QString &reason);
    void agentLost();
    void abandon();
    void refuse(ClosingState state, const QString &reason);
    /// Refuses for silence when nothing has become of it for \a limit.
    void waitFor(std::chrono::milliseconds limit);
    bool isEnding() const { return application().closing == ClosingState::Ending; }

    bool m_mayBeForced;
    QPointer<UserAgent> m_agent;
    Clock &m_clock;
    ClosingMembers m_members;
    ForcedEnd m_end;
    int m_happenings = 0;
    bool m_isAsking = false; ///< the agent
    bool m_wasTerminated = false;
};

} // namespace Entracte
