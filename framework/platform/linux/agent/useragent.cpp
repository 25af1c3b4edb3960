// SPDX-License-Identifier: MIT
#include "platform/linux/agent/useragent.h"

#include "core/logging.h"
#include "platform/linux/agent/agentprocess.h"
#include "platform/linux/privatecopy.h"
#include "platform/linux/process.h"

#include <QLocalSocket>

using namespace std::chrono_literals;

namespace Entracte {

namespace {

constexpr auto readyLimit = 10s;
/// The agent has limits of its own, which come first.
constexpr auto startLimit = 25s;

/// Whether \a process is one of user \a uid, or has ended already.
bool belongsTo(uid_t uid, const UniqueProcess &process)
{
    if (process.pid <= 0)
        return false;
    const QByteArray owner = statusField(pid_t(process.pid), "Uid").split('\t').value(0);
    return owner.isEmpty() || uniqueProcess(process.pid) != process
        || owner == QByteArray::number(uid);
}

/// What a stranger says, for people.
ReopeningOutlook plain(ReopeningOutlook outlook)
{
    for (QString &name : outlook.names)
        name = plainText(name);
    for (ReopeningOutlook::Loss &loss : outlook.losses)
        loss = {plainText(loss.application), plainText(loss.reason)};
    return outlook;
}

} // namespace

UserAgent::UserAgent(const UserIdentity &identity, const QList<QByteArray> &environment,
                     Clock &clock)
    : m_identity(identity)
    , m_environment(environment)
    , m_clock(clock)
{
}

UserAgent::~UserAgent()
{
    if (m_socket)
        m_socket->disconnect(this);
}

void UserAgent::start(const LaunchRecord &record, const QString &application, QObject *context,
                      Done done)
{
    ask({0, AgentRequest::Start{record, application}}, context,
        [done = std::move(done)](const Answer &answer) {
            if (!answer)
                done(std::nullopt);
            else
                done(*answer ? Result<UniqueProcess>((*answer)->process) : answer->error());
        });
}

void UserAgent::carryOut(const ReopenTask &task, QObject *context,
                         std::function<void(const Result<ReopeningOutlook> &)> done)
{
    ask({0, task}, context, [this, done = std::move(done)](const Answer &answer) {
        if (!answer)
            done(Error{ErrorCode::Failed, silence()});
        else
            done(*answer ? Result<ReopeningOutlook>(plain(*(*answer)->outlook)) : answer->error());
    });
}

void UserAgent::ask(AgentRequest request, QObject *context,
                    std::function<void(const Answer &)> done)
{
    request.number = ++m_lastNumber;
    m_waiting.insert(request.number, {request, context, std::move(done)});
    if (m_isReady)
        send(request);
    else if (!m_socket)
        startProcess();
}

// Where the private copy cannot run, the file itself may; after that there is no agent.
void UserAgent::startProcess()
{
    m_isReady = false;
    m_frames = FrameReader();
    m_frames.setLimit(AgentReply::longest);
    const Descriptor executable =
        ++m_attempt == 1 ? copyOfOurselves("entracte-agent") : ourExecutable();
    Descriptor socket = AgentProcess::start(executable, m_identity, m_environment);
    if (!socket.isValid())
        return m_attempt == 1 ? startProcess() : giveUp(systemReply(errno));
    m_socket = new QLocalSocket(this);
    m_socket->setReadBufferSize(AgentReply::longest);
    m_socket->setSocketDescriptor(socket.release());
    connect(m_socket, &QLocalSocket::readyRead, this, &UserAgent::read);
    connect(m_socket, &QLocalSocket::disconnected, this, &UserAgent::lost);
    m_clock.callAfter(readyLimit, m_socket, [this] {
        if (!m_isReady)
            lost();
    });
}

void UserAgent::read()
{
    m_frames.append(m_socket->readAll());
    while (const std::optional<QByteArray> content = m_frames.next()) {
        const std::optional<AgentReply> reply = AgentReply::decoded(*content);
        const bool isExpected =
            reply && (m_isReady ? m_waiting.contains(reply->number) : reply->number == 0);
        if (!isExpected)
            return lost();
        answered(*reply);
        if (!m_socket)
            return;
    }
    if (m_frames.isBroken())
        lost();
}

void UserAgent::send(const AgentRequest &request)
{
    m_socket->write(request.encoded());
    m_socket->flush();
    m_clock.callAfter(startLimit, m_socket, [this, number = request.number] {
        if (m_waiting.contains(number))
            lost();
    });
}

void UserAgent::answered(const AgentReply &reply)
{
    if (!std::exchange(m_isReady, true)) {
        for (const Waiting &waiting : std::as_const(m_waiting))
            send(waiting.request);
        return;
    }
    if (!reply.problem.isEmpty())
        return finish(reply.number, Error{ErrorCode::Failed, plainText(reply.problem)});
    if (!isCredible(reply))
        return lost();
    finish(reply.number, reply);
}

/// Whether it answers what was asked, and with something that can be so.
bool UserAgent::isCredible(const AgentReply &reply) const
{
    const bool isStart =
        std::holds_alternative<AgentRequest::Start>(m_waiting[reply.number].request.task);
    return isStart ? belongsTo(m_identity.uid, reply.process) : reply.outlook.has_value();
}

/// It has ended, takes too long, or says what no agent says.
void UserAgent::lost()
{
    m_socket->disconnect(this);
    m_socket->abort();
    m_socket->deleteLater();
    m_socket = nullptr;
    if (!m_isReady && m_attempt == 1)
        return startProcess();
    giveUp(QStringLiteral("no answer"));
}

void UserAgent::giveUp(const QString &problem)
{
    qCWarning(lcRestart).noquote()
        << "the agent of user" << m_identity.uid << "is lost:" << problem;
    const bool wasReady = std::exchange(m_isReady, false);
    m_attempt = 0; // the next request may try again
    const QList<qint64> numbers = m_waiting.keys();
    for (const qint64 number : numbers)
        wasReady ? finish(number, Error{ErrorCode::Failed, silence()})
                 : finish(number, std::nullopt);
}

QString UserAgent::silence() const
{
    return tr("The helper process of user %1 does not answer.", "error message")
        .arg(userName(m_identity.uid));
}

void UserAgent::finish(qint64 number, const Answer &answer)
{
    const Waiting waiting = m_waiting.take(number);
    if (waiting.context)
        waiting.done(answer);
}

} // namespace Entracte
