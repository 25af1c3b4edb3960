// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentwork.h"

#include "platform/linux/identification/busconnection.h"
#include "platform/linux/relaunch/userunit.h"

#include <QLocalSocket>

#include <poll.h>
#include <unistd.h>

namespace Entracte {

/// Nobody is there any more who could learn of a program that is started now.
static bool isClosed(int descriptor)
{
    pollfd look{descriptor, POLLRDHUP, 0};
    return ::poll(&look, 1, 0) != 0;
}

AgentWork::AgentWork(Descriptor socket, QObject *parent)
    : QObject(parent)
    , m_socket(new QLocalSocket(this))
{
    m_frames.setLimit(AgentRequest::longest);
    m_socket->setReadBufferSize(AgentRequest::longest);
    m_socket->setSocketDescriptor(socket.release());
    connect(m_socket, &QLocalSocket::readyRead, this, &AgentWork::read);
    connect(m_socket, &QLocalSocket::disconnected, this, &AgentWork::end);
    answer({});
}

AgentWork::~AgentWork() = default;

void AgentWork::read()
{
    m_frames.append(m_socket->readAll());
    while (const std::optional<QByteArray> content = m_frames.next()) {
        const std::optional<AgentRequest> request = AgentRequest::decoded(*content);
        if (!request)
            return end();
        if (request->mayBeUnheard() || isHeard())
            handle(*request);
    }
    if (m_frames.isBroken())
        end();
}

bool AgentWork::isHeard() const
{
    return m_socket->state() == QLocalSocket::ConnectedState
        && !isClosed(int(m_socket->socketDescriptor()));
}

void AgentWork::handle(const AgentRequest &request)
{
    using Operation = AgentRequest::Operation;
    switch (request.operation) {
    case Operation::Start:
        return start(request);
    case Operation::Reopen:
        return reopen(request);
    case Operation::LookAround:
        return lookAround(request);
    case Operation::Query:
        return query(request);
    case Operation::Close:
        return close(request);
    case Operation::ManageUnits:
        return manageUnits(request);
    case Operation::CallOff:
        closing().callOff(request.target);
        break;
    case Operation::Abandon:
        closing().abandon(request.target);
        break;
    case Operation::ShowQuestion:
        closing().showQuestion(request.target);
        break;
    case Operation::SignOfLife:
        break;
    }
    answer({request.number, {}, {}});
}

void AgentWork::lookAround(const AgentRequest &request)
{
    DesktopFacts facts = DesktopFacts::take(true, BusConnection::toSession().get());
    facts.nameWaylandClients();
    answer({request.number, {}, {}, facts});
}

AgentClosing &AgentWork::closing()
{
    if (!m_closing)
        m_closing = std::make_unique<AgentClosing>(m_clock);
    return *m_closing;
}

void AgentWork::query(const AgentRequest &request)
{
    closing().query(request.target,
                    [this, number = request.number](AgentAnswer said, const QString &reason) {
                        answer({number, {}, reason, said});
                    });
}

void AgentWork::close(const AgentRequest &request)
{
    closing().close(
        request.target, request.mayBeForced,
        [this, number = request.number](const AgentProgress &progress, const QString &reason) {
            answer({number, {}, reason, progress});
        });
}

void AgentWork::manageUnits(const AgentRequest &request)
{
    if (!m_units)
        m_units = std::make_unique<AgentUnits>();
    m_units->carryOut(request.units,
                      [this, number = request.number](const UnitAnswer &said, const QString &why) {
                          answer({number, {}, why, said});
                      });
}

void AgentWork::start(const AgentRequest &request)
{
    if (request.record.traits().uid != ::geteuid())
        return end();
    startAsUser(request.record, request.application, m_clock, this,
                [this, number = request.number](const Result<UniqueProcess> &process) {
                    answer(process ? AgentReply{number, *process, {}}
                                   : AgentReply{number, {}, process.error().message});
                });
}

void AgentWork::reopen(const AgentRequest &request)
{
    const Result<ReopeningOutlook> outlook = m_entries.carryOut(request.reopening);
    answer(outlook ? AgentReply{request.number, {}, {}, *outlook}
                   : AgentReply{request.number, {}, outlook.error().message});
}

// An answer that nobody takes would close the socket, with the requests that are still in it.
void AgentWork::answer(const AgentReply &reply)
{
    if (!isHeard())
        return;
    m_socket->write(reply.encoded());
    m_socket->flush();
}

void AgentWork::end()
{
    m_socket->disconnect(this);
    m_socket->abort();
    // What is held is let go, and what was sent arrives. Perhaps it is an answer that did not.
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_units.reset();
            emit ended();
        },
        Qt::QueuedConnection);
}

} // namespace Entracte

#include "moc_agentwork.cpp"
