// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/relaunch/launchrecord.h"
#include "platform/linux/systemd/transientunit.h"

#include <QStringList>

#include <optional>

namespace Entracte {

/// The properties of a transient unit that runs what \a record describes in a user's manager, whose
/// own environment is \a managerEnvironment. nullopt where the manager would refuse one of them, or
/// the program would not be run as it was: bytes that are no UTF-8, control characters or names in
/// the environment that systemd does not take.
std::optional<QList<UnitProperty>> unitProperties(const LaunchRecord &record,
                                                  const QStringList &managerEnvironment);

/// The properties of a scope for \a process, which was started from \a record.
QList<UnitProperty> scopeProperties(const LaunchRecord &record, const UniqueProcess &process);

/// app-entracte-ID@MARK.service. \a application is the name of a desktop entry; where it is empty,
/// the name of the program takes its place.
QString unitNameFor(const LaunchRecord &record, const QString &application);
/// app-entracte-ID-MARK.scope.
QString scopeNameFor(const LaunchRecord &record, const QString &application);

} // namespace Entracte
