// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/installedproduct.h"
#include "plan/installplan.h"
#include "plan/namefolding.h"

#include <QCoreApplication>

#include <functional>
#include <memory>

namespace Entracte {

/// Puts a whole new version in place of a whole old one, or changes nothing (design section 5).
///
/// begin() makes a work directory, writes the journal and lays out folders, links and what is kept;
/// Stagers write the files beside the installed ones while the applications run; finishStaging()
/// brings everything to the disk; commit() takes one of two roads, and either is taken back by
/// rollBack():
///  * the whole tree in one instant (TreeSwap), where the target allows it;
///  * file by file, each step announced in the journal (FileSwap), where it does not.
/// Which one is found by looking and by trial; a tree that could not be exchanged after all goes
/// the other road.
///
/// All functions block: call them from a worker, one at a time, except that Stagers run beside each
/// other. An object that is destroyed before commit() or defer() has succeeded rolls back.
class Transaction
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Transaction)

public:
    /// Whether what is written is synced. Off is for comparing with tools that do not.
    enum class Durability { Synced, LeftToTheSystem };

    /// Asked again and again while much is to be done: an error ends it, with that error.
    using MayGoOn = std::function<Result<>()>;
    static Result<> alwaysGoOn() { return {}; }

    /// Checks room and permission, takes the lock, opens the journal, reserves the room, and does
    /// all that needs no payload: makes folders and links, keeps the installed files whose bytes
    /// are those of the payload, carries over what is foreign. From then on, what happens in the
    /// installed version is noticed. Several threads ask \a mayGoOn. Errors leave nothing behind:
    /// NoSpace, PermissionDenied, AlreadyRunning.
    static Result<std::unique_ptr<Transaction>> begin(const InstallPlan &plan,
                                                      Durability durability = Durability::Synced,
                                                      const MayGoOn &mayGoOn = alwaysGoOn);

    /// Finishes or undoes what a process that died left of an installation into \a targetDirectory,
    /// so that the tree is whole. Idempotent; does nothing when there is nothing to do.
    /// AlreadyRunning if its owner is still alive.
    static Result<> recover(const QString &targetDirectory);

    /// The same, once whoever works there has ended or died.
    static Result<> recoverWhenFree(const QString &targetDirectory);

    /// Takes up what defer() left for \a targetDirectory: a transaction that is staged, ready for
    /// commit(); nullptr if nothing waits there. One that is destroyed without a commit() that
    /// succeeded waits on. AlreadyRunning while another installation is at work there. What
    /// is DeferredVersion::isObsolete is an error, and is dropped.
    static Result<std::unique_ptr<Transaction>> reopen(const QString &targetDirectory);

    /// Old versions that close(OldVersion::Keep) left beside \a targetDirectory.
    static QStringList keptTrees(const QString &targetDirectory);

    /// Deletes one of them, at low priority.
    static Result<> removeKeptTree(const QString &tree);

    ~Transaction();

    /// Which names the volume of the new version takes for one.
    Result<NameFolding> nameFolding();

    /// One worker's hands: writes files of the payload into the new version. Used by one thread.
    class Stager
    {
    public:
        ~Stager();

        /// Begins the file of \a entry, which must live until end(); exactly its mode, nowhere but
        /// below the new version.
        Result<> begin(const PayloadEntry &entry);
        Result<> write(QByteArrayView block);
        /// Ends it; \a sha256 of its bytes goes into the receipt.
        Result<> end(const QByteArray &sha256);

    private:
        friend class Transaction;
        struct Private;
        explicit Stager(std::unique_ptr<Private> d);
        std::unique_ptr<Private> d;
    };
    std::unique_ptr<Stager> stager();

    /// When all Stagers are done (and gone): carries over what is foreign, writes the receipt,
    /// syncs. From here on nothing slow is left to do.
    Result<> finishStaging();

    /// The swap. On error the old version is in place, unless the code is RollbackIncomplete.
    Result<> commit();

    /// Instead of commit(): what is staged waits beside the installed version, through restarts
    /// too, until somebody takes it up with reopen(), drops it (DeferredVersion::drop), or another
    /// version is installed or deferred. It takes the place of one that waited before. On error
    /// nothing waits but that one.
    Result<> defer();

    /// Undoes everything, also a commit() that succeeded and was not closed yet: the target is the
    /// old version, byte for byte, and nothing is left beside it.
    Result<> rollBack();

    /// Keep: for programs that still run the old version and may load more of it.
    enum class OldVersion { Remove, Keep };

    /// Ends a committed transaction: saves what was changed late, syncs, deletes the old version at
    /// low priority, and the journal. What still runs from the old tree keeps its inodes. Another
    /// version that waited for this target is dropped.
    Result<> close(OldVersion oldVersion = OldVersion::Remove);

    /// True if it goes file by file.
    bool isPerFile() const;

private:
    explicit Transaction(const InstallPlan &plan);

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
