// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>

#include <optional>

#include <sys/types.h>

namespace Entracte {

/// Whose the process was that listens at the abstract address \a name (without its leading zero);
/// nullopt if nobody does, or the system does not tell (sock_diag, since Linux 5.3). Asks the
/// kernel: nobody is contacted.
std::optional<uid_t> listenerAtAbstract(const QByteArray &name);

} // namespace Entracte
