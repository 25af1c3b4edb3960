// SPDX-License-Identifier: MIT
#include "core/logging.h"

namespace Entracte {

Q_LOGGING_CATEGORY(lcManifest, "entracte.manifest", QtWarningMsg)
Q_LOGGING_CATEGORY(lcTransaction, "entracte.transaction", QtWarningMsg)
Q_LOGGING_CATEGORY(lcPayload, "entracte.payload", QtWarningMsg)
Q_LOGGING_CATEGORY(lcRestart, "entracte.restart", QtWarningMsg)
Q_LOGGING_CATEGORY(lcEngine, "entracte.engine", QtWarningMsg)
Q_LOGGING_CATEGORY(lcUi, "entracte.ui", QtWarningMsg)

} // namespace Entracte
