// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "transaction/directory.h"

#include <QStringList>

namespace Entracte {

/// A name beside \a path at which nothing stands: `report.txt.saved`, `report.txt.saved-2`, …
QString freeName(const Directory &directory, const QString &path);

/// Makes the directory \a path and those above it that are missing.
Result<> makeFolders(Directory &directory, const QString &path);

/// The same, each with owner, attributes and mode of the one of that name in \a model, where there
/// is one.
Result<> makeFoldersLike(Directory &directory, const Directory &model, const QString &path);

/// Removes those of \a folders, outermost first, that nobody has put anything into.
void removeIfEmpty(const QStringList &folders);

} // namespace Entracte
