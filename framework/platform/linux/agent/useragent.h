// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/agentmessage.h"
#include "platform/linux/agent/useridentity.h"
#include "restart/sessionmessage.h"

#include <QHash>
#include <QList>
#include <QObject>
#include <QPointer>

#include <functional>
#include <optional>

class QLocalSocket;

namespace Entracte {

/// The agent of one user as root sees it. What must happen with that user's rights is done by a
/// process that has no others (AgentProcess), so that nothing of a user is run, and none of their
/// buses is contacted, as root. The process is started by the first request and ends with this
/// object. What it says is hostile: a user can do to it whatever they like.
class UserAgent : public QObject
{
    Q_OBJECT

public:
    /// nullopt: there is no agent to be had; nothing was started.
    using Outcome = std::optional<Result<UniqueProcess>>;
    using Done = std::function<void(const Outcome &)>;

    /// \a environment: agentEnvironment(). \a clock limits how long the agent may take.
    UserAgent(const UserIdentity &identity, const QList<QByteArray> &environment, Clock &clock);
    ~UserAgent() override;

    /// Has the agent start a program of its user. \a done is called once with the process, which
    /// belongs to that user, or with the reason; not at all if \a context has gone.
    void start(const LaunchRecord &record, const QString &application, QObject *context, Done done);

    /// Has the agent see to what is opened again after a restart for its user (ReopenEntries).
    /// \a done is called once, with plain text; not at all if \a context has gone.
    void carryOut(const ReopenTask &task, QObject *context,
                  std::function<void(const Result<ReopeningOutlook> &)> done);

private:
    /// nullopt: there is no agent to be had.
    using Answer = std::optional<Result<AgentReply>>;
    struct Waiting
    {
        AgentRequest request;
        QPointer<QObject> context;
        std::function<void(const Answer &)> done;
    };

    void ask(AgentRequest request, QObject *context, std::function<void(const Answer &)> done);
    bool isCredible(const AgentReply &reply) const;
    QString silence() const;

    void startProcess();
    void read();
    void send(const AgentRequest &request);
    void answered(const AgentReply &reply);
    void lost();
    void giveUp(const QString &problem);
    void finish(qint64 number, const Answer &answer);

    UserIdentity m_identity;
    QList<QByteArray> m_environment;
    Clock &m_clock;
    QLocalSocket *m_socket = nullptr;
    FrameReader m_frames;
    QHash<qint64, Waiting> m_waiting;
    qint64 m_lastNumber = 0;
    int m_attempt = 0; ///< what is executed, see startProcess()
    bool m_isReady = false;
};

} // namespace Entracte
