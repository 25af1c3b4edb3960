// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/holdings.h"
#include "platform/linux/detection/processscan.h"

#include <functional>

namespace Entracte {

/// What the process \a pid holds, read in full while a descriptor of it is held: so all of it
/// belongs to the process that it is reported for, whoever gets the number later. nullopt if that
/// is nothing that \a targets ask for, or if it ended meanwhile.
///
/// \a readMore looks at odder places; it gets the open /proc folder of the process.
std::optional<FileHolder>
confirmed(pid_t pid, const ScanTargets &targets, const Calibration &calibration,
          const ScanFeatures &features,
          const std::function<void(Holdings &, int process)> &readMore = {});

} // namespace Entracte
