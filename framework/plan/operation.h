// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <variant>

namespace Entracte {

// Each operation says what the new tree gets, by path relative to the target. A Transaction
// performs them on a staged copy; nobody sees the result before commit, so an operation needs no
// undo.

/// A directory the product brings.
struct CreateDirectory
{
    QString path;
    int mode = 0755;
};

/// A file or symbolic link that is new or differs from what is installed: it comes from the
/// payload.
struct PlaceEntry
{
    qsizetype entry = 0; ///< its number in InstallPlan::entries
};

/// A file or symbolic link that is already what the payload would put there: the same inode stays.
struct KeepEntry
{
    qsizetype entry = 0; ///< its number in InstallPlan::entries
};

/// A file of the old version that the new one no longer brings: it is not carried over.
struct RemoveEntry
{
    QString path;
};

/// A foreign or edited file that stands where the product puts or removes one: its bytes survive as
/// \a backupPath.
struct BackUpFile
{
    QString path;
    QString backupPath;
};

using Operation = std::variant<CreateDirectory, PlaceEntry, KeepEntry, RemoveEntry, BackUpFile>;

} // namespace Entracte
