// SPDX-License-Identifier: MIT
#pragma once

#include <variant>

namespace Entracte {

// Each operation says what the new tree gets, and names what it speaks of by its number in the
// InstallPlan, which has all of it: operations are many, so they are small. A Transaction performs
// them on a staged copy; nobody sees the result before commit, so an operation needs no undo.

/// A directory the product brings.
struct CreateDirectory
{
    int entry = 0; ///< InstallPlan::entries
};

/// A file or symbolic link that is new or differs from what is installed: it comes from the
/// payload.
struct PlaceEntry
{
    int entry = 0; ///< InstallPlan::entries
};

/// A file or symbolic link that is already what the payload would put there: the same inode stays.
struct KeepEntry
{
    int entry = 0; ///< InstallPlan::entries
};

/// A file of the old version that the new one no longer brings: it is not carried over.
struct RemoveEntry
{
    int path = 0; ///< InstallPlan::removed
};

/// A foreign or edited file that stands where the product puts or removes one: its bytes survive
/// under another name.
struct BackUpFile
{
    int backUp = 0; ///< InstallPlan::backUps
};

using Operation = std::variant<CreateDirectory, PlaceEntry, KeepEntry, RemoveEntry, BackUpFile>;

} // namespace Entracte
