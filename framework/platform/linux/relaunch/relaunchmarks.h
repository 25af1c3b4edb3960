// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QByteArray>
#include <QHash>

namespace Entracte {

/// "ENTRACTE_RELAUNCH=" in the environment of a program that was brought back, and after it what
/// no other closed application has.
inline constexpr char relaunchVariable[] = "ENTRACTE_RELAUNCH=";

using RelaunchedPrograms = QHash<QByteArray, UniqueProcess>;

/// The programs that were brought back and still run, by that line of their environment; of several
/// with the same line, a program and what it started itself, the eldest. One pass over /proc.
///
/// An installer that is killed while it brings back applications cannot say how far it came; this
/// can, once the kernel has released the lock of its session: until then a child of it may stand
/// before its execve.
RelaunchedPrograms relaunchedPrograms();

} // namespace Entracte
