// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <sys/types.h>

namespace Entracte {

/// What the sandbox around a process says of it. The process may have forged it: good for a name
/// and for grouping within one user, for nothing else.
struct Sandbox
{
    QString applicationId; ///< "org.gnome.Maps", or SNAP_APP as its desktop entry is called
    QString instance;      ///< flatpak's number of this run; empty for a snap
};

/// Empty for a process outside of any sandbox.
Sandbox sandboxOf(pid_t pid, const QList<QByteArray> &environment);

} // namespace Entracte
