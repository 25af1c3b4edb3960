// SPDX-License-Identifier: MIT
#pragma once

#include <QSet>
#include <QString>

#include <sys/types.h>

namespace Entracte {

class BusConnection;

/// What a manager of units knows of a service that its name does not tell.
struct ServiceFacts
{
    QString description;          ///< "Advanced key-value store"; empty if nobody could be asked
    bool mayNotBeStopped = false; ///< RefuseManualStop=yes

    /// Asks the manager on \a bus: the system's, or a user's own. Null in, nothing out.
    static ServiceFacts of(const QString &unit, const BusConnection *bus);
};

/// The processes that logind knows as leaders of logon sessions: their end ends the session.
QSet<pid_t> logonLeaders(const BusConnection *systemBus);

} // namespace Entracte
