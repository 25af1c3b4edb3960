// SPDX-License-Identifier: MIT
#pragma once

#include "guardian/deferredswap.h"

#include <functional>

namespace Entracte {

/// Runs a DeferredSwap for \a targetDirectory on the running system to its end, and forgets what
/// was arranged for the next start (NextStart) once nothing waits any more. \a beforeSwapping and
/// \a beforeWaiting are told which of both comes.
///
/// Blocks, and runs an event loop: needs a QCoreApplication, and is the whole work of a process.
Result<> seeThrough(const QString &targetDirectory, DeferredSwap::Patience patience,
                    const std::function<void()> &beforeSwapping,
                    const std::function<void()> &beforeWaiting);

} // namespace Entracte
