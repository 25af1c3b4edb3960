// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace Entracte {

/// Moves this process out of its unit into a scope of its own, with that description: asks the
/// user's service manager, for root the system's. Where there is none, or it refuses, nothing
/// changes. Blocks until it is done, two seconds at most; needs a QCoreApplication.
void moveIntoOwnScope(const QString &description);

} // namespace Entracte
