// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/installedproduct.h"
#include "plan/installplan.h"
#include "transaction/filesystem.h"
#include "transaction/journal.h"

#include <QCoreApplication>

#include <memory>

namespace Entracte {

/// Puts a whole new version in place of a whole old one, or changes nothing (design section 5).
///
/// begin() makes a work directory beside the target and stages there a complete new tree while the
/// applications run; commit() swaps the two trees in one rename and is undone by the same call.
/// Whatever is foreign in the target is carried over at commit, and once more after it, so that a
/// file somebody saves meanwhile is in the new tree too.
///
/// All functions block: call them from a worker, one at a time. An object that is destroyed before
/// commit() has succeeded rolls back.
class Transaction
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Transaction)

public:
    /// Checks room (plan.bytesToWrite) and permission, takes the lock, opens the journal and lays
    /// out directories. Errors leave nothing behind: NoSpace, PermissionDenied, AlreadyRunning.
    static Result<std::unique_ptr<Transaction>> begin(std::shared_ptr<FileSystem> fileSystem,
                                                      const InstallPlan &plan);

    /// Finishes or undoes what a process that died left beside \a targetDirectory, so that the tree
    /// is whole. Idempotent; does nothing when there is nothing to do. AlreadyRunning if its owner
    /// is still alive.
    static Result<> recover(FileSystem &fileSystem, const QString &targetDirectory);

    /// The work directory for \a targetDirectory: `<parent>/.<name>.entracte`.
    static QString workDirectoryFor(const QString &targetDirectory);

    ~Transaction();

    // Staging, in the order of the plan; the extractor calls these. \a path is relative.
    Result<> createDirectory(const CreateDirectory &operation);
    Result<std::unique_ptr<QFileDevice>> createFile(const PayloadEntry &entry);
    Result<> createSymbolicLink(const PayloadEntry &entry);
    Result<> keep(const PayloadEntry &entry);
    Result<> backUp(const BackUpFile &operation);

    /// Notes the digest of a file that was staged or kept, for the receipt.
    void recordDigest(const QString &path, const QByteArray &sha256);

    /// Writes the receipt into the new tree and syncs: from here on nothing slow is left to do.
    Result<> finishStaging();

    /// The swap. On error the old tree is in place, unless the code is RollbackIncomplete.
    Result<> commit();

    /// Undoes everything, also a commit() that succeeded and was not closed yet: the target is the
    /// old tree, byte for byte, and nothing is left beside it.
    Result<> rollBack();

    /// Deletes the old tree and the journal. What still runs from the old tree keeps its inodes.
    Result<> close();

private:
    Transaction(std::shared_ptr<FileSystem> fileSystem, const InstallPlan &plan);

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
