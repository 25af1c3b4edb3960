// SPDX-License-Identifier: MIT
#include "platform/linux/closing/sessionbus.h"

#include <QFileInfo>
#include <QUuid>

using namespace Qt::StringLiterals;

namespace Entracte {

/// Where the bus is; empty if nobody said, because libdbus would start one then.
static QString busAddress()
{
    const QString told = qEnvironmentVariable("DBUS_SESSION_BUS_ADDRESS");
    if (!told.isEmpty())
        return told == u"autolaunch:"_s ? QString() : told;
    const QString runtimeDirectory = qEnvironmentVariable("XDG_RUNTIME_DIR");
    const QString socket = runtimeDirectory + u"/bus"_s;
    const bool isThere = !runtimeDirectory.isEmpty() && QFileInfo::exists(socket);
    return isThere ? u"unix:path="_s + socket : QString();
}

SessionBus::~SessionBus()
{
    if (!m_name.isEmpty())
        QDBusConnection::disconnectFromBus(m_name);
}

QDBusConnection SessionBus::connection()
{
    if (m_name.isEmpty()) {
        const QString address = busAddress();
        if (address.isEmpty())
            return QDBusConnection(QString());
        m_name = u"entracte-"_s + QUuid::createUuid().toString(QUuid::WithoutBraces);
        return QDBusConnection::connectToBus(address, m_name);
    }
    return QDBusConnection(m_name);
}

} // namespace Entracte
