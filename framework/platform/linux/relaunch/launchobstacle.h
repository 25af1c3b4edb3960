// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QByteArray>
#include <QCoreApplication>

namespace Entracte {

/// What starting a program anew by exec does not give back: namespaces and a root of its own,
/// filters of system calls, rights taken away or added, a label of the kernel's security module
/// (linux-mechanisms 4.1). Compared with who will start it, because the new program has from that
/// one what it does not have from its record: this process, or where its surroundings are others,
/// the service manager of the program's user.
struct LaunchObstacle
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::LaunchObstacle)

public:
    /// One sentence why \a process cannot be opened again as it was; empty if it can. To be asked
    /// before it is closed; blocks for less than a millisecond, from any thread. Not for what a
    /// service manager starts.
    static QString of(const UniqueProcess &process);

    /// Whether a process labelled \a own that executes \a program gets the label \a label, or one
    /// that is as good: equal ones; of AppArmor's profiles those that restrict nothing, and those
    /// that are attached by the program's path and named after it.
    static bool labelComesByItself(const QByteArray &label, const QByteArray &own,
                                   const QByteArray &program);
};

} // namespace Entracte
