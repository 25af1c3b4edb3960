// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"

#include <QByteArray>
#include <QObject>

#include <memory>

class QLocalSocket;
class QJsonObject;

namespace Entracte {

/// The handshake with one application that speaks it (client/registrationpath.h): asks whether it
/// may be closed, then tells it to close, or that it is off. Everything it says is hostile text.
class Conversation : public QObject
{
    Q_OBJECT

public:
    enum class Answer { None, Yes, No, Silence };

    explicit Conversation(const QString &socketPath);
    ~Conversation() override;

    /// → answered(), at the latest after \a limit.
    void ask(Clock &clock, std::chrono::milliseconds limit);

    Answer answer() const { return m_answer; }
    /// Why not, one line of plain text; may be empty.
    QString reason() const { return m_reason; }

    /// False when the application has hung up since.
    bool isOpen() const;

    void tellClose();
    void tellOff();

signals:
    void answered();

private:
    void read();
    void tell(const char *word);
    void settle(Answer answer);

    std::unique_ptr<QLocalSocket> m_socket;
    QString m_path;
    QString m_reason;
    Answer m_answer = Answer::None;
};

} // namespace Entracte
