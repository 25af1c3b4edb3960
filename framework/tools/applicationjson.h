// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QJsonObject>

namespace Entracte {

/// One application for programs to read. The keys are the role names of AffectedApplicationModel,
/// so that every view says the same words. Never arguments, never environments.
QJsonObject toJson(const AffectedApplication &application);

} // namespace Entracte
