// SPDX-License-Identifier: MIT
#pragma once

#include <QLoggingCategory>

namespace Entracte {

// One category per room. All are quiet below warning unless --verbose or QT_LOGGING_RULES says so.
// Arguments and environments of other programs are never logged: they may hold secrets.
Q_DECLARE_LOGGING_CATEGORY(lcManifest)
Q_DECLARE_LOGGING_CATEGORY(lcTransaction)
Q_DECLARE_LOGGING_CATEGORY(lcPayload)
Q_DECLARE_LOGGING_CATEGORY(lcRestart)
Q_DECLARE_LOGGING_CATEGORY(lcEngine)
Q_DECLARE_LOGGING_CATEGORY(lcUi)

} // namespace Entracte
