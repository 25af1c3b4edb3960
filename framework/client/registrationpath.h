// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace Entracte {

// The one fact that an application and a restart manager must agree on: where a registration lies.

/// The folder of a user whose $XDG_RUNTIME_DIR is \a runtimeDirectory (empty if unset).
inline QString registrationFolder(const QString &runtimeDirectory, unsigned uid)
{
    return runtimeDirectory.isEmpty() ? QStringLiteral("/tmp/entracte-%1/apps").arg(uid)
                                      : runtimeDirectory + QStringLiteral("/entracte/apps");
}

/// The file of one process: its pid may come again, its start time will not.
inline QString registrationFileName(qint64 pid, quint64 startTime)
{
    return QStringLiteral("%1-%2.json").arg(pid).arg(startTime);
}

/// A larger file is not read.
inline constexpr qint64 longestRegistration = 64 * 1024;

} // namespace Entracte
