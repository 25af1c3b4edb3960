// SPDX-License-Identifier: MIT
#include "platform/linux/identification/busconnection.h"

#include "platform/linux/busaddress.h"

#include <QDBusMessage>
#include <QUuid>

using namespace Qt::StringLiterals;

namespace Entracte {

static constexpr int answerLimit = 1000; // milliseconds

BusConnection::BusConnection(const QString &address)
    : m_name(u"entracte-"_s + QUuid::createUuid().toString(QUuid::WithoutBraces))
    , m_connection(QDBusConnection::connectToBus(address, m_name))
{
}

BusConnection::~BusConnection()
{
    QDBusConnection::disconnectFromBus(m_name);
}

std::unique_ptr<BusConnection> BusConnection::to(const QString &address)
{
    if (address.isEmpty())
        return nullptr;
    std::unique_ptr<BusConnection> connection(new BusConnection(address));
    return connection->m_connection.isConnected() ? std::move(connection) : nullptr;
}

std::unique_ptr<BusConnection> BusConnection::toSession()
{
    return to(sessionBusAddress());
}

std::unique_ptr<BusConnection> BusConnection::toSystem()
{
    return to(systemBusAddress());
}

QDBusPendingCall BusConnection::ask(const QString &service, const QString &path,
                                    const QString &interface, const QString &method,
                                    const QVariantList &arguments) const
{
    QDBusMessage message = QDBusMessage::createMethodCall(service, path, interface, method);
    message.setArguments(arguments);
    message.setAutoStartService(false);
    return m_connection.asyncCall(message, answerLimit);
}

} // namespace Entracte
