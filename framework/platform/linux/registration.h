// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/process.h"

#include <QStringList>

#include <optional>

namespace Entracte {

/// What an application said of itself through Entracte::Client.
struct Registration
{
    QString name;
    QString icon;
    std::optional<QStringList> arguments;
    int flags = 0;      ///< Client::RestartFlags
    QString socketPath; ///< where it wants to be asked; empty if it does not
};

/// The registration of \a process; nullopt if there is none, or if it is not to be trusted: another
/// owner than the process's, a symbolic link, too large, not JSON of the known format.
std::optional<Registration> registrationOf(const UniqueProcess &process);

/// Registered when it said how to start it, Cannot when it asked not to be started after an update.
Restartability restartabilityOf(const Registration &registration);

} // namespace Entracte
