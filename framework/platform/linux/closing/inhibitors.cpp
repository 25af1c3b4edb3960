// SPDX-License-Identifier: MIT
#include "platform/linux/closing/inhibitors.h"

#include "platform/linux/busaddress.h"
#include "platform/linux/systemd/logindreplies.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QUuid>

using namespace Qt::StringLiterals;

namespace Entracte {

Inhibitors::~Inhibitors()
{
    if (!m_connection.isEmpty())
        QDBusConnection::disconnectFromBus(m_connection);
}

void Inhibitors::ask(Clock &clock, std::chrono::milliseconds limit)
{
    m_isAsking = true;
    if (const QString address = systemBusAddress(); m_connection.isEmpty() && !address.isEmpty()) {
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
        for (const ShutdownBlock &block : shutdownBlocksIn(watcher->reply()))
            m_reasons.insert(block.pid, block.why.isEmpty() ? block.who : block.why);
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

#include "moc_inhibitors.cpp"
