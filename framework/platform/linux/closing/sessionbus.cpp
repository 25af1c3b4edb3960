// SPDX-License-Identifier: MIT
#include "platform/linux/closing/sessionbus.h"

#include "platform/linux/busaddress.h"

#include <QUuid>

using namespace Qt::StringLiterals;

namespace Entracte {

SessionBus::~SessionBus()
{
    if (!m_name.isEmpty())
        QDBusConnection::disconnectFromBus(m_name);
}

QDBusConnection SessionBus::connection()
{
    if (m_name.isEmpty()) {
        const QString address = sessionBusAddress();
        if (address.isEmpty())
            return QDBusConnection(QString());
        m_name = u"entracte-"_s + QUuid::createUuid().toString(QUuid::WithoutBraces);
        return QDBusConnection::connectToBus(address, m_name);
    }
    return QDBusConnection(m_name);
}

} // namespace Entracte
