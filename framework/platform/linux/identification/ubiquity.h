// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/processscan.h"

#include <QSet>
#include <QString>

#include <functional>

namespace Entracte {

/// Registered files that are libraries of the system and that nearly everything uses: because of
/// libc nobody is offered for closing (spec 54 and 9.1).
///
/// Decided by facts, not by a list of names: the file lies where the system keeps its libraries, it
/// is loaded, and what the desktop or the system stands on loads it too (\a isCritical), or more
/// than half of all processes that could be looked into do. A product's library in a folder of its
/// own is never one.
QSet<QString> ubiquitousFiles(const ProcessScan &scan,
                              const std::function<bool(const UniqueProcess &)> &isCritical);

} // namespace Entracte
