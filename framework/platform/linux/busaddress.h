// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace Entracte {

// Where a bus is, for a connection of our own: empty where there is none, where one would have to
// be started first, or where it does not answer within half a second. So ask before every
// connection: QtDBus waits for a bus without a limit while it connects.

/// Of the user we run as.
QString sessionBusAddress();
QString systemBusAddress();

} // namespace Entracte
