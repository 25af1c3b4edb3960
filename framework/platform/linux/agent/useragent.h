// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/agentmessage.h"
#include "platform/linux/agent/useridentity.h"
#include "restart/sessionmessage.h"

#include <QList>
#include <QMap>
#include <QObject>
#include <QPointer>

#include <functional>
#include <optional>

class QLocalSocket;

namespace Entracte {

/// The agent of one user as root sees it. What must happen with that user's rights is done by a
/// process that has no others (AgentProcess), so that nothing of a user is run, and nothing of
/// theirs is contacted, as root: no bus, no display, no socket of a program. The process is started
/// by the first request and ends with this object. What it says is hostile: a user can do to it
/// whatever they like.
///
/// Everything here returns at once; what was asked for comes once, within a limit, in the thread of
/// this object, and not at all if its context has gone. A process that has ended, says nothing in
/// time or what no agent says is given up with all that it was asked; the next request starts
/// another one.
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

    /// Has the agent start a program of its user: the process, which belongs to that user, or the
    /// reason.
    void start(const LaunchRecord &record, const QString &application, QObject *context, Done done);

    /// Has the agent see to what is opened again after a restart for its user (ReopenEntries): what
    /// will be and what will not, as plain text.
    void carryOut(const ReopenTask &task, QObject *context,
                  std::function<void(const Result<ReopeningOutlook> &)> done);

    /// Who is on the display and the bus of the user; nothing in it is about processes of others.
    /// Nobody if there is no agent.
    void lookAround(QObject *context, std::function<void(const DesktopFacts &)> done);

    /// Asks \a application, of the user, whether it may be closed.
    void query(const AffectedApplication &application, QObject *context,
               std::function<void(AgentAnswer, const QString &reason)> done);

    /// Asks \a application to close and watches what comes of it: \a changed is called whenever
    /// that is another thing, with the reason, until it is settled; with nullopt when the agent is
    /// lost. That takes as long as a person takes to answer a question, but an agent that is silent
    /// meanwhile is noticed.
    using Changed = std::function<void(const std::optional<AgentProgress> &, const QString &)>;
    void close(const AffectedApplication &application, bool mayBeForced, QObject *context,
               Changed changed);

    /// Has the agent do \a request with the services of its user: what the manager answers, with
    /// facts if it was to look; nullopt when the agent is lost. That takes as long as a service
    /// takes, but an agent that is silent meanwhile is noticed. Facts and sentences are plain text.
    using Managed = std::function<void(const std::optional<Result<UnitFacts>> &)>;
    void manageUnits(const UnitRequest &request, QObject *context, Managed done);

    /// That the agent says nothing.
    Error silence() const;
    /// That the agent of this user says nothing, as a sentence for people.
    static QString silenceOf(const QString &userName);

    // What has no answer. Starts no agent.
    void callOff(const AffectedApplication &application);
    void abandon(const AffectedApplication &application);
    void showQuestion(const AffectedApplication &application);

private:
    enum class Loss { NeverThere, Silent };
    /// \a reply is null when the agent is lost.
    using Answered = std::function<void(const AgentReply *reply, Loss loss)>;

    struct Waiting
    {
        AgentRequest request;
        QPointer<QObject> context;
        Answered answered;
    };

    void ask(AgentRequest request, QObject *context, Answered answered);
    void tell(AgentRequest::Operation operation, const AffectedApplication &application);
    void startProcess();
    void read();
    void send(const AgentRequest &request);
    void lookForLife();
    bool isExpected(const AgentReply &reply) const;
    void heard(const AgentReply &reply);
    void lost();
    void giveUp(const QString &problem);

    UserIdentity m_identity;
    QList<QByteArray> m_environment;
    Clock &m_clock;
    QLocalSocket *m_socket = nullptr;
    FrameReader m_frames;
    QMap<qint64, Waiting> m_waiting; ///< by number, so in their order
    qint64 m_lastNumber = 0;
    int m_attempt = 0; ///< what is executed, see startProcess()
    bool m_isReady = false;
    bool m_looksForLife = false;
};

} // namespace Entracte
