// SPDX-License-Identifier: MIT
#pragma once

#include "transaction/directory.h"

namespace Entracte {

/// Takes the lock file \a name in the open \a directory, created if missing, as flock() does with
/// \a operation. \a shown: its path, for sentences.
Result<FileLock> lockFile(int directory, const QByteArray &name, const QString &shown,
                          int operation);

} // namespace Entracte
