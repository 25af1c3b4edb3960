// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>
#include <QString>

namespace Entracte {

/// The handshake with one application that speaks it (client/registrationpath.h): asks whether it
/// may be closed, then tells it to close, or that it is off. SocketConversation speaks with it;
/// AgentConversation has the agent of its user do so.
class Conversation : public QObject
{
    Q_OBJECT

public:
    enum class Answer { None, Yes, No, Silence };

    /// Its question has been asked when this is there → answered(), within a limit.
    Answer answer() const { return m_answer; }
    /// Why not, one line of plain text; may be empty.
    QString reason() const { return m_reason; }

    /// False when the application has hung up since.
    virtual bool isOpen() const = 0;

    virtual void tellClose() = 0;
    virtual void tellOff() = 0;

signals:
    void answered();

protected:
    /// The first answer counts. answered() follows from the event loop.
    void settle(Answer answer, const QString &reason = {})
    {
        if (m_answer != Answer::None)
            return;
        m_answer = answer;
        m_reason = reason;
        QMetaObject::invokeMethod(this, &Conversation::answered, Qt::QueuedConnection);
    }

private:
    QString m_reason;
    Answer m_answer = Answer::None;
};

} // namespace Entracte
