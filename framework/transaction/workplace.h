// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "transaction/directory.h"

#include <QCoreApplication>
#include <QStringList>

#include <vector>

namespace Entracte {

/// Where a transaction works: a folder of its own on the volume of the target, which holds the
/// lock, the journal and the new version (`new`). Beside the target (`<parent>/.<name>.entracte`);
/// inside it (`<target>/.entracte/work`) where the parent will not have it.
///
/// A version that waits (Transaction::defer) stands under a name of its own, so that another
/// transaction may work meanwhile: `<parent>/.<name>.entracte-deferred`,
/// `<target>/.entracte/deferred`.
class WorkPlace
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::WorkPlace)

public:
    enum class Kind { Beside, Inside };

    enum class Standing { Working, Deferred };

    static QString pathOf(Kind kind, const QString &target, Standing standing = Standing::Working);

    /// Makes the folder; there must be none.
    static Result<WorkPlace> make(Kind kind, const QString &target);

    /// The folders that are there: Working, of a transaction that runs or was interrupted.
    static Result<std::vector<WorkPlace>> existing(const QString &target,
                                                   Standing standing = Standing::Working);

    /// Where the copy of the installer lies that will finish what waits for \a target, if its work
    /// place is of this kind: not in that place, which moves.
    static QString finisherOf(Kind kind, const QString &target);

    /// Old versions that were left beside \a target for those who still run them.
    static QStringList keptTrees(const QString &target);

    Kind kind() const { return m_kind; }
    QString path() const;
    Directory &directory() { return m_directory; }

    static QString lockName() { return QStringLiteral("lock"); }
    static QString journalName() { return QStringLiteral("journal"); }
    static QString stageName() { return QStringLiteral("new"); }
    /// What is only waiting to be deleted: recovery does not look at it.
    static QString trashName() { return QStringLiteral("trash"); }
    static QString spareName() { return QStringLiteral("spare"); }
    static QString reserveName() { return QStringLiteral("reserve"); }

    /// False if it was removed or renamed by somebody else since it was opened.
    bool isStillThere() const;

    /// Renames it. AlreadyRunning if there is one of that standing.
    Result<> become(Standing standing);

    enum class Holds {
        OldVersion, ///< the new one is the installed one
        Drafts,     ///< which are given up
    };

    /// Deletes it. An old version is first renamed to say that it is done with: half of a tree must
    /// not be taken for a tree. The journal goes last, so that a second try knows as much as the
    /// first.
    Result<> remove(Holds holds, Directory::Urgency urgency = Directory::Urgency::AtOnce);

    /// Leaves what it holds of the old version for those who still run it, under a name that
    /// keptTrees() finds, and deletes the rest.
    Result<> removeButKeepTree();

private:
    WorkPlace(Kind kind, const QString &target, Directory holder, const QString &name,
              Directory directory);

    Kind m_kind;
    QString m_target;
    Directory m_holder; ///< in which it is a name
    QString m_name;
    Directory m_directory;
};

} // namespace Entracte
