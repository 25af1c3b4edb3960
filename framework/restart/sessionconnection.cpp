// SPDX-License-Identifier: MIT
#include "restart/sessionconnection.h"

#include <QLocalSocket>

namespace Entracte {

SessionConnection::SessionConnection(std::unique_ptr<SessionSeat> seat,
                                     std::shared_ptr<Clock> clock)
    : m_seat(std::move(seat))
    , m_clock(std::move(clock))
    , m_socket(std::make_unique<QLocalSocket>())
{
    m_frames.setLimit(FrameReader::largeLimit);
    m_socket->setSocketDescriptor(m_seat->takeSocket());
    connect(m_socket.get(), &QLocalSocket::readyRead, this, &SessionConnection::read);
    connect(m_socket.get(), &QLocalSocket::disconnected, this, [this] {
        read();
        answerAll(RestartCode::InvalidHandle);
    });
}

SessionConnection::~SessionConnection()
{
    m_socket->disconnect(this);
}

void SessionConnection::ask(const SessionMessage &question, std::chrono::milliseconds limit,
                            Answer answer)
{
    const int number = ++m_asked;
    m_questions.push_back({number, std::move(answer)});
    if (m_socket->state() != QLocalSocket::ConnectedState) {
        QMetaObject::invokeMethod(
            this, [this] { answerAll(RestartCode::InvalidHandle); }, Qt::QueuedConnection);
        return;
    }
    m_socket->write(question.encoded());
    m_socket->flush();
    if (limit < std::chrono::milliseconds(0))
        return;
    m_clock->callAfter(limit, this, [this, number] {
        if (!m_questions.empty() && m_questions.front().number <= number)
            answerAll(RestartCode::SemTimeout);
    });
}

void SessionConnection::read()
{
    m_frames.append(m_socket->readAll());
    while (const std::optional<QByteArray> frame = m_frames.next()) {
        const Result<SessionMessage> message = SessionMessage::decoded(*frame);
        if (!message)
            continue;
        if (message->operation == SessionMessage::Operation::Progress) {
            emit progressed(*message);
        } else if (!m_questions.empty()) {
            const Answer answer = std::move(m_questions.front().answer);
            m_questions.pop_front();
            answer(*message);
        }
    }
}

void SessionConnection::answerAll(RestartCode code)
{
    for (const Question &question : std::exchange(m_questions, {}))
        question.answer(SessionMessage::reply(code));
}

} // namespace Entracte

#include "moc_sessionconnection.cpp"
