// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentwork.h"

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
        if (!request || !carryOut(*request))
            return end();
    }
    if (m_frames.isBroken())
        end();
}

/// False if it must not be done.
bool AgentWork::carryOut(const AgentRequest &request)
{
    const auto *const reopening = std::get_if<ReopenTask>(&request.task);
    const bool mayBeUnheard = reopening && reopening->what == ReopenTask::What::Forget;
    if (!mayBeUnheard && isClosed(int(m_socket->socketDescriptor())))
        return false;
    if (reopening) {
        const Result<ReopeningOutlook> outlook = m_entries.carryOut(*reopening);
        answer(outlook ? AgentReply{request.number, {}, {}, *outlook}
                       : AgentReply{request.number, {}, outlook.error().message});
        return true;
    }
    const auto &task = std::get<AgentRequest::Start>(request.task);
    const bool isOurs = task.record.traits().uid == ::geteuid();
    if (isOurs)
        start(request.number, task);
    return isOurs;
}

void AgentWork::start(qint64 number, const AgentRequest::Start &task)
{
    startAsUser(task.record, task.application, m_clock, this,
                [this, number](const Result<UniqueProcess> &process) {
                    answer(process ? AgentReply{number, *process, {}}
                                   : AgentReply{number, {}, process.error().message});
                });
}

void AgentWork::answer(const AgentReply &reply)
{
    m_socket->write(reply.encoded());
    m_socket->flush();
}

void AgentWork::end()
{
    m_socket->disconnect(this);
    m_socket->abort();
    emit ended();
}

} // namespace Entracte
