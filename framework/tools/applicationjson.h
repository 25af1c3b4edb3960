// SPDX-License-Identifier: MIT
#pragma once

#include "restart/restartsession.h"

#include <QJsonObject>

namespace Entracte {

/// One application for programs to read. The keys are the role names of AffectedApplicationModel,
/// so that every view says the same words. Never arguments, never environments.
QJsonObject toJson(const AffectedApplication &application);

/// What `in-use` and `session list` say alike: \a applications of \a session, and what no
/// application stands for.
QJsonObject toJson(const RestartSession &session, const QList<AffectedApplication> &applications);

} // namespace Entracte
