// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/systemd/unitfacts.h"

#include <QSet>
#include <QString>

#include <sys/types.h>

namespace Entracte {

class BusConnection;

/// What the manager on \a bus, the system's or a user's own, knows of \a unit; nothing if nobody
/// could be asked. Without a description of its own, the unit's is empty. Blocks.
UnitFacts unitFactsOf(const QString &unit, const BusConnection *bus);

/// The processes that logind knows as leaders of logon sessions: their end ends the session.
QSet<pid_t> logonLeaders(const BusConnection *systemBus);

} // namespace Entracte
