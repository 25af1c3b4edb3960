// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>

namespace Entracte {

// What POSIX leaves to be written by everybody. Each returns 0 or an errno; names are names in open
// directories, and a link there is never followed.

int writeAll(int to, const char *bytes, size_t size);

/// Best that can be had of \a from for \a to, both open: no label that the system gives by itself.
int copyAttributes(int from, int to);

/// Makes \a to a second file like \a from in every respect, sharing the blocks where the file
/// system can. After an error there is none.
int copyFile(int fromDirectory, const char *from, int toDirectory, const char *to);

/// The same for a symbolic link.
int copyLink(int fromDirectory, const char *from, int toDirectory, const char *to);

/// Where the symbolic link \a name points; empty if it is none.
QByteArray targetOfLink(int directory, const char *name);

} // namespace Entracte
