// SPDX-License-Identifier: MIT
#include "platform/linux/identification/busconnection.h"

#include "platform/unix/descriptor.h"

#include <QDBusMessage>
#include <QFile>
#include <QUuid>

#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr int greetingLimit = 500; // milliseconds
constexpr int answerLimit = 1000;

/// The value of \a key in an address like "unix:path=/run/bus,guid=…".
QByteArray valueOf(const QByteArray &address, const QByteArray &key)
{
    for (const QByteArray &part : address.mid(address.indexOf(':') + 1).split(','))
        if (part.startsWith(key + '='))
            return QByteArray::fromPercentEncoding(part.mid(key.size() + 1));
    return {};
}

Descriptor connectTo(const QByteArray &address)
{
    const QByteArray path = valueOf(address, "path");
    const QByteArray name = path.isEmpty() ? '\0' + valueOf(address, "abstract") : path;
    sockaddr_un place{};
    if (!address.startsWith("unix:") || name.size() < 2
        || name.size() >= qsizetype(sizeof place.sun_path))
        return Descriptor();
    place.sun_family = AF_UNIX;
    std::memcpy(place.sun_path, name.constData(), size_t(name.size()));
    const size_t length = offsetof(sockaddr_un, sun_path) + size_t(name.size());
    Descriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(descriptor.get(), reinterpret_cast<const sockaddr *>(&place), socklen_t(length))
        != 0)
        return Descriptor();
    return descriptor;
}

// QtDBus waits for a bus without a limit while it connects, so we shake hands ourselves first: a
// stopped one does not answer.
bool isAwake(const QByteArray &address)
{
    const Descriptor descriptor = connectTo(address);
    if (!descriptor.isValid())
        return false;
    const QByteArray greeting =
        QByteArray(1, '\0') + "AUTH EXTERNAL " + QByteArray::number(::geteuid()).toHex() + "\r\n";
    if (::send(descriptor.get(), greeting.constData(), size_t(greeting.size()), MSG_NOSIGNAL)
        != greeting.size())
        return false;
    pollfd waiting{descriptor.get(), POLLIN, 0};
    char answer[3] = {};
    return ::poll(&waiting, 1, greetingLimit) == 1 && ::recv(descriptor.get(), answer, 2, 0) == 2
        && std::strcmp(answer, "OK") == 0;
}

QString firstAddress(const QByteArray &addresses)
{
    return QFile::decodeName(addresses.split(';').first());
}

} // namespace

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
    if (!isAwake(QFile::encodeName(address)))
        return nullptr;
    std::unique_ptr<BusConnection> connection(new BusConnection(address));
    return connection->m_connection.isConnected() ? std::move(connection) : nullptr;
}

std::unique_ptr<BusConnection> BusConnection::toSession()
{
    const QByteArray said = qgetenv("DBUS_SESSION_BUS_ADDRESS");
    return to(said.isEmpty() ? u"unix:path=/run/user/%1/bus"_s.arg(::geteuid())
                             : firstAddress(said));
}

std::unique_ptr<BusConnection> BusConnection::toSystem()
{
    const QByteArray said = qgetenv("DBUS_SYSTEM_BUS_ADDRESS");
    return to(said.isEmpty() ? u"unix:path=/run/dbus/system_bus_socket"_s : firstAddress(said));
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
