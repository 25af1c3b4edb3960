// SPDX-License-Identifier: MIT
#include "platform/linux/closing/inhibitors.h"

#include "platform/linux/process.h"

#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QFileInfo>
#include <QUuid>

using namespace Qt::StringLiterals;

namespace Entracte {

static QString systemBusAddress()
{
    const QString told = qEnvironmentVariable("DBUS_SYSTEM_BUS_ADDRESS");
    if (!told.isEmpty())
        return told;
    const QString socket = u"/run/dbus/system_bus_socket"_s;
    return QFileInfo::exists(socket) ? u"unix:path="_s + socket : QString();
}

/// Those who block a shutdown, by pid, with their reasons.
static QMap<qint64, QString> blockersIn(const QDBusMessage &reply)
{
    QMap<qint64, QString> reasons;
    if (reply.type() != QDBusMessage::ReplyMessage || reply.signature() != u"a(ssssuu)"_s)
        return reasons;
    const auto list = reply.arguments().constFirst().value<QDBusArgument>();
    list.beginArray();
    while (!list.atEnd()) {
        QString what, who, why, mode;
        uint uid = 0, pid = 0;
        list.beginStructure();
        list >> what >> who >> why >> mode >> uid >> pid;
        list.endStructure();
        if (mode == u"block"_s && what.split(u':').contains(u"shutdown"_s))
            reasons.insert(pid, plainText(why.isEmpty() ? who : why));
    }
    list.endArray();
    return reasons;
}

Inhibitors::~Inhibitors()
{
    if (!m_connection.isEmpty())
        QDBusConnection::disconnectFromBus(m_connection);
}

void Inhibitors::ask(Clock &clock, std::chrono::milliseconds limit)
{
    m_isAsking = true;
    const QString address = systemBusAddress();
    if (m_connection.isEmpty() && !address.isEmpty()) {
        m_connection = u"entracte-"_s + QUuid::createUuid().toString(QUuid::WithoutBraces);
        QDBusConnection::connectToBus(address, m_connection);
    }
    const QDBusConnection bus(m_connection);
    if (!bus.isConnected()) {
        QMetaObject::invokeMethod(this, &Inhibitors::settle, Qt::QueuedConnection);
        return;
    }
    QDBusMessage list =
        QDBusMessage::createMethodCall(u"org.freedesktop.login1"_s, u"/org/freedesktop/login1"_s,
                                       u"org.freedesktop.login1.Manager"_s, u"ListInhibitors"_s);
    list.setAutoStartService(false);
    auto *watcher = new QDBusPendingCallWatcher(bus.asyncCall(list), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        m_reasons = blockersIn(watcher->reply());
        watcher->deleteLater();
        settle();
    });
    clock.callAfter(limit, this, [this] { settle(); });
}

void Inhibitors::settle()
{
    if (std::exchange(m_isAsking, false))
        emit known();
}

} // namespace Entracte
