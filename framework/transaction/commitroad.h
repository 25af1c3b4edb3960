// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

namespace Entracte {

/// One of the two roads by which a staged version becomes the installed one: TreeSwap, in one
/// instant; FileSwap, file by file, where the target does not allow the other.
class CommitRoad
{
public:
    virtual ~CommitRoad() = default;

    /// Everything slow, when all is staged: afterwards commit() has little left to do.
    /// ErrorCode::CannotKeep: this target is not for this road; nothing was changed.
    virtual Result<> prepare() = 0;

    /// Makes the new version the installed one. On error the old one is in place, unless the code
    /// is RollbackIncomplete.
    virtual Result<> commit() = 0;

    /// Takes a commit() back: the target is the old version, and what somebody saved meanwhile.
    virtual Result<> undo() = 0;

    /// After commit(), before the old files are deleted: saves what somebody changed in them.
    virtual Result<> finish() = 0;
};

} // namespace Entracte
