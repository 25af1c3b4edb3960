// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace Entracte {

// Where a bus is, for a connection of our own: empty where there is none, where one would have to
// be started first, or where it does not answer within half a second. So ask before every
// connection: QtDBus waits for a bus without a limit while it connects.

/// Of the user we run as. Never another user's, whatever the environment says (`sudo` may have left
/// it): root does not even connect to its socket.
QString sessionBusAddress();

/// Where the service manager of the user we run as is to be found: the bus of its runtime
/// directory, else the session's. Whether a manager is on it is not known yet.
QString userManagerBusAddress();

QString systemBusAddress();

} // namespace Entracte
