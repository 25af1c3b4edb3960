// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QtGlobal>

#include <functional>

namespace Entracte {

/// What one of several workers does with the item of that number.
using ItemWork = std::function<Result<>(qsizetype item)>;

/// Hands out the items 0, 1, … \a count - 1, in this order, to as many threads as the machine has
/// processors (at most \a mostWorkers if that is not 0), the calling one among them, and returns
/// when all are done. \a makeWorker is called once for each thread, in the calling one, for what a
/// worker needs for itself; the last of it goes before this returns. After an error no further item
/// begins; the first error is returned.
Result<> inParallel(qsizetype count, const std::function<ItemWork()> &makeWorker,
                    int mostWorkers = 0);

} // namespace Entracte
