// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QStringList>

namespace Entracte {

class Guardian;
class RestartSession;
class Transaction;

/// The first look of an installation at what waits for \a targetDirectory from an earlier run (spec
/// 120): puts it in place if \a session finds nobody in the way any more; else lets it wait on,
/// until this installation takes its place. \a notes says which, for the log. Blocks.
Result<> takeUpDeferred(const QString &targetDirectory, const RestartSession &session,
                        QStringList &notes);

/// Has what \a transaction has staged wait until nobody uses the files of \a targetDirectory any
/// more: in \a guardian, which may be null, and from the next start on. That one of these was not
/// to be had goes to \a notes; the new version waits all the same. Blocks.
Result<> deferVersion(Transaction &transaction, Guardian *guardian, const QString &targetDirectory,
                      const QString &productName, QStringList &notes);

} // namespace Entracte
