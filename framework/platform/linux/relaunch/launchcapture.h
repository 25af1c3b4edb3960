// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/relaunch/launchrecord.h"

namespace Entracte {

/// Reads from /proc how \a process was started, and what it has from its starter; blocks for less
/// than a millisecond, from any thread. Invalid if the process ended, ran another program
/// meanwhile, or may not be looked into.
///
/// The environment is the initial one, what the program set later is invisible; missing from it is
/// what belongs to one start only (design section 6).
LaunchRecord captureLaunch(const UniqueProcess &process);

/// The limits of process \a pid as the table in /proc says them. prlimit(2) needs CAP_SYS_RESOURCE
/// for a process of somebody else, and is asked first.
QList<ResourceLimit> limitsInTable(pid_t pid);

} // namespace Entracte
