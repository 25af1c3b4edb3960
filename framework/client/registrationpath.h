// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace Entracte {

// What an application and a restart manager must agree on: where a registration lies, and what is
// said over the socket beside it. Each message is one line of JSON, shorter than longestLine:
//
//     restart manager                 application
//     {"ask":"close"}             →   {"answer":"yes"}  or  {"answer":"no","reason":"…"}
//     {"tell":"close"}            →   saves and quits
//     {"tell":"off"}              →   goes on as before; a connection that ends says the same

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

/// The socket beside it, if the application wants to be asked.
inline QString registrationSocketName(qint64 pid, quint64 startTime)
{
    return QStringLiteral("%1-%2.socket").arg(pid).arg(startTime);
}

inline constexpr qint64 longestLine = 4096;

/// A larger file is not read.
inline constexpr qint64 longestRegistration = 64 * 1024;

} // namespace Entracte
