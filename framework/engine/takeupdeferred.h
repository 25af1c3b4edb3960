// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QStringList>

namespace Entracte {

class RestartSession;

/// The first look of an installation at what waits for \a targetDirectory from an earlier run (spec
/// 120): puts it in place if \a session finds nobody in the way any more; else lets it wait on,
/// until this installation takes its place. \a notes says which, for the log. Blocks.
Result<> takeUpDeferred(const QString &targetDirectory, const RestartSession &session,
                        QStringList &notes);

} // namespace Entracte
