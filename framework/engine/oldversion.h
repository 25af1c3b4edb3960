// SPDX-License-Identifier: MIT
#pragma once

#include "transaction/transaction.h"

namespace Entracte {

class RestartSession;

/// Ends the committed \a transaction: the old version goes, those that earlier installations kept
/// too once \a session finds nobody in them, and what waited for \a targetDirectory. From here on
/// there is no way back. Blocks.
Result<> removeOldVersions(Transaction &transaction, Transaction::OldVersion oldVersion,
                           const QString &targetDirectory, const RestartSession &session);

} // namespace Entracte
