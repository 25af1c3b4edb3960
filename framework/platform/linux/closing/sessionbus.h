// SPDX-License-Identifier: MIT
#pragma once

#include <QDBusConnection>
#include <QString>

namespace Entracte {

/// A connection of our own to the session bus of the user we run as. Connects when it is first
/// asked for, half a second at most; starts no bus where there is none: then it is not connected.
class SessionBus
{
public:
    SessionBus() = default;
    ~SessionBus();
    Q_DISABLE_COPY_MOVE(SessionBus)

    QDBusConnection connection();

private:
    QString m_name;
};

} // namespace Entracte
