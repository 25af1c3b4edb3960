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
};

/// The registration of \a process; nullopt if there is none, or if it is not to be trusted: another
/// owner than the process's, a symbolic link, too large, not JSON of the known format.
std::optional<Registration> registrationOf(const UniqueProcess &process);

} // namespace Entracte
