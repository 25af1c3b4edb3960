// SPDX-License-Identifier: MIT
#pragma once

#include "transaction/directory.h"

namespace Entracte {

/// Watches the tree below the open directory \a root, which it takes over.
std::unique_ptr<TreeWatch> watchTree(int root);

} // namespace Entracte
