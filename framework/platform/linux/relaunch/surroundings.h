// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>

#include <optional>

#include <sys/types.h>

namespace Entracte {

// The namespaces and the root directory that a process lives in. Whoever starts a program gives it
// its own; so a program comes back where it was only if the one who starts it is there too: this
// process, or the service manager of the program's user. An installer may run elsewhere than the
// logon session, as a unit with a /tmp of its own, or in a container that shares the processes.

/// As one text, for comparing only, and only during this run of the system. Parts that cannot be
/// read are empty.
QByteArray surroundingsOf(pid_t pid);

/// Whether two such texts can be of one place: what is unknown counts as the same, for a process
/// of which it cannot be read could not be started again anyhow.
bool areSameSurroundings(const QByteArray &one, const QByteArray &other);

/// The service manager of user \a uid, found by its control group; nullopt if there is none, or it
/// cannot be seen. Asks nothing of that user.
std::optional<pid_t> userManagerOf(uid_t uid);

} // namespace Entracte
