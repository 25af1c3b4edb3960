// SPDX-License-Identifier: MIT
#include "restart/sessionmember.h"

#include "restart/restartcode.h"
#include "restart/sessionconnection.h"

#include <QPointer>

namespace Entracte {

using Operation = SessionMessage::Operation;

/// One question to the primary.
class SessionMember::Step : public Job
{
public:
    Step(SessionMember &member, SessionMessage question, std::chrono::milliseconds limit)
        : m_member(member)
        , m_question(std::move(question))
        , m_limit(limit)
    {
    }

protected:
    void doStart() override
    {
        if (m_question.operation == Operation::Join) {
            Result<std::unique_ptr<SessionSeat>> seat = m_member.m_store.join(m_question.key);
            if (!seat)
                return finish(seat.error());
            m_member.m_connection =
                std::make_unique<SessionConnection>(std::move(*seat), m_member.m_clock);
        }
        if (!m_member.m_connection)
            return finish(restartError(RestartCode::InvalidHandle));
        m_member.m_connection->ask(m_question, m_limit,
                                   [step = QPointer(this)](const SessionMessage &reply) {
                                       if (step && step->isRunning())
                                           step->answered(reply);
                                   });
    }

    void doCancel() override
    {
        m_member.leave();
        finish(restartError(RestartCode::Cancelled));
    }

private:
    void answered(const SessionMessage &reply)
    {
        if (reply.code == RestartCode::Success)
            return finish({});
        // A connection that ended during the join was never a membership.
        const bool isJoin = m_question.operation == Operation::Join;
        if (isJoin)
            m_member.leave();
        finish(isJoin && reply.code == RestartCode::InvalidHandle
                   ? restartError(RestartCode::SessionCredentialConflict)
                   : restartError(reply.code, reply.text));
    }

    SessionMember &m_member;
    SessionMessage m_question;
    std::chrono::milliseconds m_limit;
};

SessionMember::SessionMember(SessionStore &store, std::shared_ptr<Clock> clock)
    : m_store(store)
    , m_clock(std::move(clock))
{
}

SessionMember::~SessionMember() = default;

std::unique_ptr<Job> SessionMember::join(const QString &key)
{
    SessionMessage question;
    question.operation = Operation::Join;
    question.key = key;
    return std::make_unique<Step>(*this, question, SessionConnection::promptly);
}

std::unique_ptr<Job> SessionMember::registerResources(const Resources &resources)
{
    SessionMessage question;
    question.operation = Operation::Register;
    question.resources = resources;
    return std::make_unique<Step>(*this, question, SessionConnection::promptly);
}

std::unique_ptr<Job> SessionMember::unregisterResources(const Resources &resources)
{
    SessionMessage question;
    question.operation = Operation::Unregister;
    question.resources = resources;
    return std::make_unique<Step>(*this, question, SessionConnection::promptly);
}

std::unique_ptr<Job> SessionMember::awaitShutdown()
{
    SessionMessage question;
    question.operation = Operation::AwaitShutdown;
    return std::make_unique<Step>(*this, question, SessionConnection::forAsLongAsItTakes);
}

void SessionMember::leave()
{
    // Not now: the answer that led here may still be on the connection's stack.
    if (m_connection)
        m_connection.release()->deleteLater();
}

} // namespace Entracte

#include "moc_sessionmember.cpp"
