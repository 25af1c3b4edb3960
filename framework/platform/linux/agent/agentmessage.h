// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
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

/// To the agent: what it is to do.
struct AgentRequest
{
    /// More than a program can have been given in arguments and environment.
    static constexpr quint32 longest = 8 * 1024 * 1024;

    /// Start this program.
    struct Start
    {
        LaunchRecord record;
        QString application; ///< the name of its desktop entry, or empty
    };

    qint64 number = 0;
    std::variant<Start, ReopenTask> task;

    QByteArray encoded() const;
    static std::optional<AgentRequest> decoded(const QByteArray &content);
};

/// From the agent: what became of the request with that number. The first one has the number 0 and
/// says only that the agent is there.
struct AgentReply
{
    static constexpr quint32 longest = 256 * 1024;

    qint64 number = 0;
    UniqueProcess process;                                  ///< that it started
    QString problem;                                        ///< a sentence for people; else empty
    std::optional<ReopeningOutlook> outlook = std::nullopt; ///< the answer to a ReopenTask

    QByteArray encoded() const;
    static std::optional<AgentReply> decoded(const QByteArray &content);
};

} // namespace Entracte
