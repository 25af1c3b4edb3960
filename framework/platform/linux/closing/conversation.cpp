// SPDX-License-Identifier: MIT
#include "platform/linux/closing/conversation.h"

#include "client/registrationpath.h"
#include "platform/linux/process.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLocalSocket>

using namespace Qt::StringLiterals;

namespace Entracte {

Conversation::Conversation(const QString &socketPath)
    : m_socket(std::make_unique<QLocalSocket>())
    , m_path(socketPath)
{
    m_socket->setReadBufferSize(longestLine);
    connect(m_socket.get(), &QLocalSocket::readyRead, this, &Conversation::read);
    connect(m_socket.get(), &QLocalSocket::connected, this, [this] {
        if (m_answer == Answer::None)
            m_socket->write("{\"ask\":\"close\"}\n");
    });
    connect(m_socket.get(), &QLocalSocket::disconnected, this, [this] { settle(Answer::Silence); });
    connect(m_socket.get(), &QLocalSocket::errorOccurred, this,
            [this] { settle(Answer::Silence); });
}

Conversation::~Conversation()
{
    m_socket->disconnect(this);
}

void Conversation::ask(Clock &clock, std::chrono::milliseconds limit)
{
    m_socket->connectToServer(m_path);
    clock.callAfter(limit, this, [this] { settle(Answer::Silence); });
}

bool Conversation::isOpen() const
{
    return m_socket->state() == QLocalSocket::ConnectedState;
}

void Conversation::tellClose()
{
    tell("close");
}

void Conversation::tellOff()
{
    tell("off");
}

void Conversation::read()
{
    if (!m_socket->canReadLine()) {
        if (m_socket->bytesAvailable() >= longestLine)
            m_socket->abort();
        return;
    }
    const QJsonObject message = QJsonDocument::fromJson(m_socket->readLine(longestLine)).object();
    const QString answer = message.value("answer"_L1).toString();
    m_reason = plainText(message.value("reason"_L1).toString());
    if (answer == "yes"_L1)
        settle(Answer::Yes);
    else if (answer == "no"_L1)
        settle(Answer::No);
}

void Conversation::tell(const char *word)
{
    m_socket->write(QByteArray("{\"tell\":\"") + word + "\"}\n");
    m_socket->flush();
}

void Conversation::settle(Answer answer)
{
    if (m_answer != Answer::None)
        return;
    m_answer = answer;
    QMetaObject::invokeMethod(this, &Conversation::answered, Qt::QueuedConnection);
}

} // namespace Entracte
