// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/relaunch/launchrecord.h"

namespace Entracte {

/// Starts programs from their records, by fork and exec.
namespace Launcher {

/// Starts what \a record describes, detached from us: nobody's child, in a session of its own, with
/// no descriptor of ours, default signals and /dev/null as its streams; as root with the recorded
/// user for good, else only what belongs to this very user. Only what ran in our surroundings.
///
/// \a done is called in the thread of \a context, not at all if \a context goes before: with the
/// new process once it runs, or with the error of the step that failed. Deleted directories are
/// replaced by the nearest parent that can be entered, the home or the root; that, and what of
/// niceness, limits and the like is not permitted, is told in the log. There is no limit of time: a
/// file server that does not answer keeps the child, not us.
void launch(const LaunchRecord &record, QObject *context,
            std::function<void(Result<UniqueProcess>)> done);

} // namespace Launcher
} // namespace Entracte
