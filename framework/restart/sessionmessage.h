// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "restart/resources.h"
#include "restart/restartcode.h"

#include <QByteArray>
#include <QCborValue>

#include <optional>

namespace Entracte {

/// One message between the participants of a session. On the wire: four bytes of length, most
/// significant first, then one CBOR map {"v": 1, "op": …}. Unknown versions and operations, wrong
/// types and missing fields are refused as a whole; unknown keys are ignored.
struct SessionMessage
{
    enum class Operation {
        // any participant
        Join = 1,          ///< key → Reply; must come first, unless a token opens the connection
        Register = 2,      ///< resources → Reply
        Unregister = 3,    ///< resources → Reply; native rules only
        AwaitShutdown = 4, ///< "I have registered everything" → Reply once the applications are
                           ///< shut down (Success) or the installation was given up (Cancelled)
        Leave = 5,         ///< → Reply
        // the primary: the connection proves it with its token
        List = 16,         ///< → Reply with body: applications, reasons
        Shutdown = 17,     ///< flags (ShutdownTypes) → Progress… Reply
        Restart = 18,      ///< → Progress… Reply
        Cancel = 19,       ///< → Reply
        AddFilter = 20,    ///< filter → Reply
        RemoveFilter = 21, ///< filter (action ignored) → Reply
        Filters = 22,      ///< → Reply with body: filters
        End = 23,          ///< → Reply
        // answers
        Reply = 64,   ///< code, text, body
        Progress = 65 ///< body
    };

    Operation operation = Operation::Reply;
    QString key;   ///< the session's, with Join
    QString token; ///< the primary's, with every primary operation
    Resources resources;
    std::optional<RestartFilter> filter;
    int flags = 0;
    RestartCode code = RestartCode::Success;
    QString text;
    QCborValue body;

    /// The whole frame, length included.
    QByteArray encoded() const;

    /// \a content is a frame without its length. Never trusts it; never crashes on it.
    static Result<SessionMessage> decoded(const QByteArray &content);

    static SessionMessage reply(RestartCode code, const QString &text = {},
                                const QCborValue &body = {});
};

/// Cuts a stream of bytes into frames. A peer that announces more than the limit is broken for
/// good.
class FrameReader
{
public:
    /// Large enough for 100,000 paths; what a stranger may send before it has joined is smallLimit.
    static constexpr quint32 largeLimit = 16 * 1024 * 1024;
    static constexpr quint32 smallLimit = 4 * 1024;

    void setLimit(quint32 limit) { m_limit = limit; }
    void append(const QByteArray &bytes) { m_pending.append(bytes); }

    /// The content of the next whole frame; nullopt when more bytes are needed or isBroken().
    std::optional<QByteArray> next();
    bool isBroken() const { return m_isBroken; }

private:
    QByteArray m_pending;
    quint32 m_limit = smallLimit;
    bool m_isBroken = false;
};

} // namespace Entracte
