// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/job.h"
#include "restart/sessionmessage.h"
#include "restart/sessionstore.h"

#include <QObject>

#include <deque>
#include <functional>
#include <memory>

class QLocalSocket;

namespace Entracte {

/// One connection to a session somewhere else, this process included: questions out, answers in,
/// in order. Needs an event loop in its thread.
class SessionConnection : public QObject
{
    Q_OBJECT

public:
    using Answer = std::function<void(const SessionMessage &reply)>;

    SessionConnection(std::unique_ptr<SessionSeat> seat, std::shared_ptr<Clock> clock);
    ~SessionConnection() override;

    /// Sends \a question; \a answer is called once: with the reply, with RestartCode::SemTimeout
    /// when \a limit passes, with RestartCode::InvalidHandle when the session is gone.
    void ask(const SessionMessage &question, std::chrono::milliseconds limit, Answer answer);

    /// The usual limit for an answer that takes the primary no thought.
    static constexpr std::chrono::milliseconds promptly{10'000};
    /// For answers that may take as long as people do.
    static constexpr std::chrono::milliseconds forAsLongAsItTakes{-1};

signals:
    void progressed(const Entracte::SessionMessage &progress);

private:
    struct Question
    {
        int number;
        Answer answer;
    };

    void read();
    void answerAll(RestartCode code);

    std::unique_ptr<SessionSeat> m_seat;
    std::shared_ptr<Clock> m_clock;
    std::unique_ptr<QLocalSocket> m_socket;
    FrameReader m_frames;
    std::deque<Question> m_questions;
    int m_asked = 0;
};

} // namespace Entracte
