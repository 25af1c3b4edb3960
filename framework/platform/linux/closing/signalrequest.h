// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/process.h"
#include "restart/affectedapplication.h"

namespace Entracte {

// Signals, through descriptors only: a number may be somebody else's by now (spec 82). One is a
// polite request only to a program that catches it; to any other it is the end (linux-mechanisms
// 3.2, rule 1).

/// Sends \a signal to exactly the process behind \a process. False when it has gone, or when that
/// is not allowed.
bool sendSignal(const Descriptor &process, int signal);

/// A shell that a person types into: it ignores SIGTERM, and ends by SIGHUP, as when its window is
/// closed.
bool isInteractiveShell(pid_t pid);

/// What runs in a shell: SIGHUP would be passed on to it.
QList<UniqueProcess> childrenOf(pid_t pid);

/// True while it is stopped (SIGSTOP, a debugger): it cannot hear a request.
bool isStopped(pid_t pid);

/// True while the kernel keeps it waiting (state D): not even SIGKILL reaches it.
bool isUninterruptible(pid_t pid);

} // namespace Entracte
