// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "restart/affectedapplication.h"

#include <QStringList>

namespace Entracte {

/// Who holds one of \a files (DeferredVersion::filesInTheWay) now, and is therefore waited for.
/// Asks nobody and closes nobody.
///
/// Blocks for one look at all processes, and runs an event loop: needs a QCoreApplication.
Result<QList<AffectedApplication>> waitedFor(const QStringList &files);

} // namespace Entracte
