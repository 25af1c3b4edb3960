// SPDX-License-Identifier: MIT
#pragma once

#include "platform/unix/descriptor.h"
#include "restart/affectedapplication.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <optional>

#include <sys/types.h>

namespace Entracte {

// Facts about one process, read from /proc. All of it may be hostile text, and any of it may be
// gone between two reads: a missing fact is an empty value, never an error.

/// A descriptor for exactly \a process, through which alone it is signalled and watched: invalid if
/// the process is gone or its pid belongs to somebody else by now.
Descriptor openProcess(const UniqueProcess &process);
bool hasEnded(const Descriptor &process);

/// Where a process stands among the others (fields 4 to 7 and 22 of /proc/PID/stat).
struct Lineage
{
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    bool hasTerminal = false;
    quint64 startTime = 0; ///< as in UniqueProcess; 0 if there is no such process
};
Lineage lineageOf(pid_t pid);

pid_t parentOf(pid_t pid);
std::optional<uid_t> ownerOf(pid_t pid);
QString userName(uid_t uid);
bool hasTerminal(pid_t pid);

/// The short name of the service it belongs to ("foo" for …/foo.service); empty if none.
QString serviceOf(pid_t pid);
/// The path of its control group: the unified one, else systemd's own; empty if there is neither.
QByteArray controlGroupOf(pid_t pid);
QString commandName(pid_t pid);

/// Where the symbolic link \a name in \a folder leads, in its bytes; empty if it cannot be read.
QByteArray linkAt(int folder, const char *name);

/// Where the program lies; without the " (deleted)" that the kernel adds after a replacement.
QString executableOf(pid_t pid);
QString workingDirectoryOf(pid_t pid);
QList<QByteArray> argumentsOf(pid_t pid);
QList<QByteArray> environmentOf(pid_t pid);
QByteArray environmentValue(const QList<QByteArray> &environment, QByteArrayView name);

bool ignoresSignal(pid_t pid, int signal);

/// True when the program has a handler for \a signal: only then is it a polite request.
bool catchesSignal(pid_t pid, int signal);

/// The value of "\a field:" in /proc/PID/status, trimmed.
QByteArray statusField(pid_t pid, QByteArrayView field);

/// \a text for a person: one line, no control characters, of bounded length.
QString plainText(const QString &text);

} // namespace Entracte
