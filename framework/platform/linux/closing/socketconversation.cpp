// SPDX-License-Identifier: MIT
#include "platform/linux/closing/socketconversation.h"

#include "client/registrationpath.h"
#include "platform/linux/process.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLocalSocket>

using namespace Qt::StringLiterals;

namespace Entracte {

SocketConversation::SocketConversation(const QString &socketPath, Clock &clock)
    : m_socket(std::make_unique<QLocalSocket>())
{
    m_socket->setReadBufferSize(longestLine);
    connect(m_socket.get(), &QLocalSocket::readyRead, this, &SocketConversation::read);
    connect(m_socket.get(), &QLocalSocket::connected, this, [this] {
        if (answer() == Answer::None)
            m_socket->write("{\"ask\":\"close\"}\n");
    });
    connect(m_socket.get(), &QLocalSocket::disconnected, this, [this] { settle(Answer::Silence); });
    connect(m_socket.get(), &QLocalSocket::errorOccurred, this,
            [this] { settle(Answer::Silence); });
    m_socket->connectToServer(socketPath);
    clock.callAfter(answerLimit, this, [this] { settle(Answer::Silence); });
}

SocketConversation::~SocketConversation()
{
    m_socket->disconnect(this);
}

bool SocketConversation::isOpen() const
{
    return m_socket->state() == QLocalSocket::ConnectedState;
}

void SocketConversation::tellClose()
{
    tell("close");
}

void SocketConversation::tellOff()
{
    tell("off");
}

void SocketConversation::read()
{
    if (!m_socket->canReadLine()) {
        if (m_socket->bytesAvailable() >= longestLine)
            m_socket->abort();
        return;
    }
    const QJsonObject message = QJsonDocument::fromJson(m_socket->readLine(longestLine)).object();
    const QString answer = message.value("answer"_L1).toString();
    const QString reason = plainText(message.value("reason"_L1).toString());
    if (answer == "yes"_L1)
        settle(Answer::Yes, reason);
    else if (answer == "no"_L1)
        settle(Answer::No, reason);
}

void SocketConversation::tell(const char *word)
{
    m_socket->write(QByteArray("{\"tell\":\"") + word + "\"}\n");
    m_socket->flush();
}

} // namespace Entracte

#include "moc_socketconversation.cpp"
