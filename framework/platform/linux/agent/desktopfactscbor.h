// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/identification/desktopfacts.h"

#include <QCborMap>
#include <QCborValue>

#include <optional>

namespace Entracte {

// What the agent of a user sees of their desktop, on its way to a privileged process. Writing
// leaves out what is beyond every desktop; reading trusts nobody: it refuses that, and values of
// other types. Text comes out plain. Whose the processes are is another question
// (DesktopFacts::about).

QCborMap toCbor(const DesktopFacts &facts);
std::optional<DesktopFacts> desktopFactsFrom(const QCborValue &value);

} // namespace Entracte
