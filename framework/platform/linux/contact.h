// SPDX-License-Identifier: MIT
#pragma once

#include <QSet>

#include <sys/types.h>

namespace Entracte {

// With whom we may be in contact: speak on a socket, a bus, a display. A user has the rights for
// what is theirs. Root has the rights for everything and nothing to say to what a user owns,
// wherever the environment that `sudo -E` left points: that user's agent speaks with it
// (useragent.h).

/// Whether a program of user \a owner is one that only its user's agent is in contact with.
bool isOfAUser(qint64 owner);

/// Those of \a pids that are not.
QSet<pid_t> oursAmong(const QSet<pid_t> &pids);

/// Whether the environment of one of \a pids names a display.
bool areOnADisplay(const QSet<pid_t> &pids);

/// Whether to connect to the display that our environment names because of \a pids: root does so
/// only if one of them is root's and on a display itself.
bool isDisplayOurs(const QSet<pid_t> &pids);

} // namespace Entracte
