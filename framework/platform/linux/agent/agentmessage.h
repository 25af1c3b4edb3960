// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "platform/linux/agent/unitmessage.h"
#include "platform/linux/closing/conversation.h"
#include "platform/linux/identification/desktopfacts.h"
#include "platform/linux/relaunch/launchrecord.h"
#include "platform/linux/relaunch/reopenentries.h"
#include "restart/affectedapplication.h"

#include <QByteArray>
#include <QString>

#include <optional>
#include <variant>

namespace Entracte {

// What a privileged process and the agent of a user say to each other, on a socket that only the
// two have. Each frame is four bytes of length, most significant first, then one CBOR map; neither
// side trusts the other: who says anything else is not heard any more.

/// To the agent.
struct AgentRequest
{
    /// More than a program can have been given in arguments and environment.
    static constexpr quint32 longest = 8 * 1024 * 1024;

    // Each has one reply with its number, Close as many as there is something to tell.
    enum class Operation {
        Start = 1,    ///< this program: record, application
        Reopen,       ///< what comes back after a restart: reopening → ReopeningOutlook
        LookAround,   ///< who is on the display and on the bus → DesktopFacts
        Query,        ///< the target, whether it may be closed → AgentAnswer
        CallOff,      ///< what the target was queried for
        Close,        ///< the target: ask it, and watch what comes of it → AgentProgress…
        Abandon,      ///< the closing of the target: the last AgentProgress comes now
        ShowQuestion, ///< of the target, in front of all windows
        ManageUnits,  ///< of the user's service manager: units → UnitAnswer
        SignOfLife,
    };

    qint64 number = 0;
    LaunchRecord record;
    QString application; ///< the name of its desktop entry, or empty
    ReopenTask reopening = {};
    Operation operation = Operation::Start;
    /// Its processes, the representative first, and its type are all that is passed on.
    AffectedApplication target = {};
    bool mayBeForced = false; ///< not by the agent; but nobody may be there to answer a question
    UnitRequest units = {};

    /// Whether it is carried out though nobody is there any more to hear of it: it takes back.
    bool mayBeUnheard() const;

    QByteArray encoded() const;
    static std::optional<AgentRequest> decoded(const QByteArray &content);
};

/// What the target of a query said; its words are the problem of the reply.
using AgentAnswer = Conversation::Answer;

/// How far the closing of a target is; why is the problem of the reply.
struct AgentProgress
{
    ClosingState closing = ClosingState::NotAsked;
    bool isSettled = false;     ///< the last that is told of it
    bool wasTerminated = false; ///< SIGTERM was one of the ways to ask
};

/// From the agent: the program with that number runs, or why not; or what else was asked for. The
/// first one has the number 0 and says only that the agent is there.
struct AgentReply
{
    static constexpr quint32 longest = 4 * 1024 * 1024;

    qint64 number = 0;
    UniqueProcess process;
    QString problem; ///< a sentence for people; else empty
    std::variant<std::monostate, AgentAnswer, AgentProgress, DesktopFacts, ReopeningOutlook,
                 UnitAnswer>
        more = {};

    /// Whether it says what \a operation asks for.
    bool answers(AgentRequest::Operation operation) const;

    QByteArray encoded() const;
    static std::optional<AgentReply> decoded(const QByteArray &content);
};

} // namespace Entracte
