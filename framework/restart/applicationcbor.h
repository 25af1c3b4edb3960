// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QCborArray>
#include <QCborMap>

#include <optional>

namespace Entracte {

// An application as it is kept in a session's record: what must be known of it after the installer
// has died. Not its state of closing, its icon's pixels, its windows: nobody asks for them then.
//
// Reading trusts nobody: a value of another type, a number that stands for nothing, a list beyond
// every need, and the whole is refused (nullopt). Unknown keys are ignored, missing ones are empty.

QCborMap toCbor(const AffectedApplication &application);
std::optional<AffectedApplication> applicationFrom(const QCborMap &map);

QCborArray toCbor(const QList<UniqueProcess> &processes);
std::optional<QList<UniqueProcess>> processesFrom(const QCborValue &value);

std::optional<QStringList> stringsFrom(const QCborValue &value);

} // namespace Entracte
