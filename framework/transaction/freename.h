// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "transaction/directory.h"

namespace Entracte {

/// A name beside \a path at which nothing stands: `report.txt.saved`, `report.txt.saved-2`, …
QString freeName(const Directory &directory, const QString &path);

/// Makes the directory \a path and those above it that are missing.
Result<> makeFolders(Directory &directory, const QString &path);

} // namespace Entracte
