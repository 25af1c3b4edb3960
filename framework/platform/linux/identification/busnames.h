// SPDX-License-Identifier: MIT
#pragma once

#include <QMultiHash>
#include <QString>

#include <sys/types.h>

namespace Entracte {

class BusConnection;

/// Who owns which well-known name on one bus at one moment.
struct BusNames
{
    QMultiHash<pid_t, QString> names; ///< "org.kde.kate-4711"
    pid_t daemon = 0;                 ///< the bus itself; 0 if it did not say

    /// Asks for all of them together. Null in, nothing out.
    static BusNames on(const BusConnection *bus);

    /// The bus itself alone; 0 if it did not say.
    static pid_t daemonOf(const BusConnection *bus);
};

} // namespace Entracte
