// SPDX-License-Identifier: MIT
#include "platform/linux/agent/useragent.h"

#include "core/logging.h"
#include "platform/linux/agent/agentprocess.h"
#include "platform/linux/privatecopy.h"
#include "platform/linux/process.h"

#include <QLocalSocket>

#include <algorithm>

using namespace std::chrono_literals;

namespace Entracte {

namespace {

constexpr auto readyLimit = 10s;
constexpr auto lifeInterval = 5s;

/// Takes as long as a person or a service does.
bool hasNoLimit(const AgentRequest &request)
{
    const UnitRequest::What what = request.units.what;
    return request.operation == AgentRequest::Operation::Close
        || (request.operation == AgentRequest::Operation::ManageUnits
            && (what == UnitRequest::What::Stop || what == UnitRequest::What::Start));
}

/// The agent has limits of its own, which come first.
std::chrono::seconds limitOf(AgentRequest::Operation operation)
{
    switch (operation) {
    case AgentRequest::Operation::Start:
    case AgentRequest::Operation::Reopen:
    case AgentRequest::Operation::ManageUnits:
        return 25s;
    case AgentRequest::Operation::Query:
        return 8s;
    default:
        return 5s;
    }
}

AgentRequest about(AgentRequest::Operation operation, const AffectedApplication &application)
{
    AgentRequest request;
    request.operation = operation;
    request.target.process = application.process;
    request.target.processes = application.processes;
    request.target.type = application.type;
    return request;
}

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
    const auto answered = [this, done](const AgentReply *reply, Loss loss) {
        if (!reply && loss == Loss::NeverThere)
            done(std::nullopt);
        else if (!reply)
            done(silence());
        else if (!reply->problem.isEmpty())
            done(Error{ErrorCode::Failed, plainText(reply->problem)});
        else
            done(reply->process);
    };
    ask({0, record, application}, context, answered);
}

void UserAgent::carryOut(const ReopenTask &task, QObject *context,
                         std::function<void(const Result<ReopeningOutlook> &)> done)
{
    AgentRequest request;
    request.operation = AgentRequest::Operation::Reopen;
    request.reopening = task;
    ask(request, context, [this, done](const AgentReply *reply, Loss) {
        if (!reply)
            done(silence());
        else if (!reply->problem.isEmpty())
            done(Error{ErrorCode::Failed, plainText(reply->problem)});
        else
            done(plain(std::get<ReopeningOutlook>(reply->more)));
    });
}

Error UserAgent::silence() const
{
    return {ErrorCode::Failed, silenceOf(userName(m_identity.uid))};
}

QString UserAgent::silenceOf(const QString &userName)
{
    return tr("The helper process of user %1 does not answer.", "error message").arg(userName);
}

void UserAgent::lookAround(QObject *context, std::function<void(const DesktopFacts &)> done)
{
    AgentRequest request;
    request.operation = AgentRequest::Operation::LookAround;
    ask(request, context, [uid = m_identity.uid, done](const AgentReply *reply, Loss) {
        done(reply ? std::get<DesktopFacts>(reply->more).about(uid) : DesktopFacts());
    });
}

void UserAgent::query(const AffectedApplication &application, QObject *context,
                      std::function<void(AgentAnswer, const QString &)> done)
{
    ask(about(AgentRequest::Operation::Query, application), context,
        [done](const AgentReply *reply, Loss) {
            if (reply)
                done(std::get<AgentAnswer>(reply->more), plainText(reply->problem));
            else
                done(AgentAnswer::Silence, {});
        });
}

void UserAgent::close(const AffectedApplication &application, bool mayBeForced, QObject *context,
                      Changed changed)
{
    AgentRequest request = about(AgentRequest::Operation::Close, application);
    request.mayBeForced = mayBeForced;
    ask(request, context, [changed](const AgentReply *reply, Loss) {
        if (reply)
            changed(std::get<AgentProgress>(reply->more), plainText(reply->problem));
        else
            changed(std::nullopt, {});
    });
}

void UserAgent::manageUnits(const UnitRequest &request, QObject *context, Managed done)
{
    AgentRequest asked;
    asked.operation = AgentRequest::Operation::ManageUnits;
    asked.units = request;
    ask(asked, context, [done](const AgentReply *reply, Loss) {
        if (!reply)
            return done(std::nullopt);
        const auto &answer = std::get<UnitAnswer>(reply->more);
        if (reply->problem.isEmpty())
            done(Result<UnitFacts>(answer.facts));
        else
            done(Result<UnitFacts>(Error{answer.code, plainText(reply->problem)}));
    });
}

void UserAgent::callOff(const AffectedApplication &application)
{
    tell(AgentRequest::Operation::CallOff, application);
}

void UserAgent::abandon(const AffectedApplication &application)
{
    tell(AgentRequest::Operation::Abandon, application);
}

void UserAgent::showQuestion(const AffectedApplication &application)
{
    tell(AgentRequest::Operation::ShowQuestion, application);
}

void UserAgent::tell(AgentRequest::Operation operation, const AffectedApplication &application)
{
    if (m_socket)
        ask(about(operation, application), this, [](const AgentReply *, Loss) {});
}

void UserAgent::ask(AgentRequest request, QObject *context, Answered answered)
{
    request.number = ++m_lastNumber;
    m_waiting.insert(request.number, {request, context, std::move(answered)});
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
    m_clock.callAfter(readyLimit, m_socket, [this, socket = m_socket] {
        if (socket == m_socket && !m_isReady)
            lost();
    });
}

void UserAgent::read()
{
    m_frames.append(m_socket->readAll());
    while (const std::optional<QByteArray> content = m_frames.next()) {
        const std::optional<AgentReply> reply = AgentReply::decoded(*content);
        if (!reply || !isExpected(*reply))
            return lost();
        heard(*reply);
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
    if (hasNoLimit(request))
        return lookForLife();
    m_clock.callAfter(limitOf(request.operation), m_socket,
                      [this, socket = m_socket, number = request.number] {
                          if (socket == m_socket && m_waiting.contains(number))
                              lost();
                      });
}

/// As long as something is asked for that has no limit.
void UserAgent::lookForLife()
{
    if (std::exchange(m_looksForLife, true))
        return;
    m_clock.callAfter(lifeInterval, m_socket, [this, socket = m_socket] {
        if (socket != m_socket)
            return;
        m_looksForLife = false;
        if (std::none_of(m_waiting.cbegin(), m_waiting.cend(),
                         [](const Waiting &waiting) { return hasNoLimit(waiting.request); }))
            return;
        tell(AgentRequest::Operation::SignOfLife, {});
        lookForLife();
    });
}

bool UserAgent::isExpected(const AgentReply &reply) const
{
    if (!m_isReady)
        return reply.number == 0;
    const auto waiting = m_waiting.constFind(reply.number);
    if (waiting == m_waiting.cend() || !reply.answers(waiting->request.operation))
        return false;
    const bool hasStarted =
        waiting->request.operation == AgentRequest::Operation::Start && reply.problem.isEmpty();
    return !hasStarted || belongsTo(m_identity.uid, reply.process);
}

void UserAgent::heard(const AgentReply &reply)
{
    if (!std::exchange(m_isReady, true)) {
        const QList<qint64> numbers = m_waiting.keys();
        for (const qint64 number : numbers)
            if (m_socket && m_waiting.contains(number))
                send(m_waiting.value(number).request);
        return;
    }
    const auto *progress = std::get_if<AgentProgress>(&reply.more);
    const bool isLast = !progress || progress->isSettled;
    const Waiting waiting = isLast ? m_waiting.take(reply.number) : m_waiting.value(reply.number);
    if (waiting.context)
        waiting.answered(&reply, Loss::Silent);
}

/// It has ended, takes too long, or says what no agent says. Its limits may still come.
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
    const Loss loss = std::exchange(m_isReady, false) ? Loss::Silent : Loss::NeverThere;
    m_attempt = 0; // the next request may try again
    m_looksForLife = false;
    const QMap<qint64, Waiting> lost = std::exchange(m_waiting, {});
    for (const Waiting &waiting : lost)
        if (waiting.context)
            waiting.answered(nullptr, loss);
}

} // namespace Entracte

#include "moc_useragent.cpp"
