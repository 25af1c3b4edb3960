// SPDX-License-Identifier: MIT
#pragma once

#include "restart/eventlog.h"
#include "restart/restartsession.h"
#include "restart/sessionmessage.h"
#include "restart/sessionstore.h"

#include <QJsonObject>
#include <QObject>

#include <chrono>
#include <memory>

class QSocketNotifier;

namespace Entracte {

/// A primary for callers that are only there for a moment each, as the lines of a shell script: the
/// process behind `entracte session start`. It obeys whoever has the token, over the session's
/// socket, and lives as long as its owner.
///
/// When the owner dies with applications still closed, it brings them back before it goes.
class SessionHolder : public QObject
{
    Q_OBJECT

public:
    SessionHolder(RestartRules rules, UniqueProcess owner, std::chrono::seconds serviceLimit);
    ~SessionHolder() override;

    /// Shares the session and begins to watch the owner.
    Result<> start();

    QString key() const { return m_session.key(); }
    QString token() const;

signals:
    void ended();

private:
    void obey(int participant, const SessionMessage &message);
    void run(int participant, std::unique_ptr<RestartTask> task);
    void reply(int participant, const Result<> &result);
    void ownerDied();
    QJsonObject listing() const;

    std::unique_ptr<SessionStore> m_store;
    std::unique_ptr<EventLog> m_log; ///< outlives the session, which says when it ends
    RestartSession m_session;
    UniqueProcess m_owner;
    std::unique_ptr<QSocketNotifier> m_ownerNotifier;
    std::unique_ptr<RestartTask> m_task;
};

} // namespace Entracte
