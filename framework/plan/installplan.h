// SPDX-License-Identifier: MIT
#pragma once

#include "plan/filestamp.h"
#include "plan/operation.h"
#include "plan/payloadentry.h"

#include <QHash>
#include <QList>
#include <QSet>
#include <QStringList>
#include <QVersionNumber>

namespace Entracte {

/// What is left to a program: to make one file of an edited one and the one offered.
struct Merge
{
    PayloadEntry offered; ///< also placed by an operation
    QString program;      ///< absolute path
    QString besidePath;   ///< for keepEdited() if the program does not do it
};

/// Whose bytes survive, and under which name.
struct BackUp
{
    QString path;
    QString backupPath;
};

/// What will be done, in order: the output of the Planner, the input of everything after it.
struct InstallPlan
{
    QString productId;
    QString productName;
    QVersionNumber version;
    QString targetDirectory; ///< absolute, no trailing slash
    bool isUpdate = false;   ///< a receipt was found in the target
    bool isRemoval = false;  ///< nothing of the product is to remain

    QList<Operation> operations;

    // What the operations speak of; not all of it need be spoken of.
    QList<PayloadEntry> entries; ///< a kept file has the SHA-256 of what stands there
    QStringList removed;         ///< paths
    QList<BackUp> backUps;

    const PayloadEntry &of(CreateDirectory made) const { return entries[made.entry]; }
    const PayloadEntry &of(PlaceEntry placed) const { return entries[placed.entry]; }
    const PayloadEntry &of(KeepEntry kept) const { return entries[kept.entry]; }
    const QString &of(RemoveEntry gone) const { return removed[gone.path]; }
    const BackUp &of(BackUpFile saved) const { return backUps[saved.backUp]; }

    /// Where the entry is placed: at its path, but for what is offered for an edited file.
    QString pathOf(PlaceEntry placed) const { return placeFor(of(placed).path); }
    QString placeFor(const QString &path) const { return edited.value(path, path); }

    // Each adds an operation and what it speaks of.
    void createDirectory(const PayloadEntry &entry);
    void place(const PayloadEntry &entry);
    void keep(const PayloadEntry &entry);
    void remove(const QString &path);
    void backUp(const QString &path, const QString &backupPath);

    /// Bytes that will be written beside the target before anything is swapped.
    qint64 bytesToWrite = 0;

    /// Paths that only the installed version owns.
    QSet<QString> formerPaths;

    /// Files that afterwards are not what is offered for them, and the path under which that is
    /// placed: the receipt records it for both, so that the file counts as edited next time too.
    QHash<QString, QString> edited;

    /// To be tried before anything is staged; the plan says what is done if they succeed.
    QList<Merge> merges;

    /// Changes the plan, which replaces the edited file \a path: the file keeps its name, as a
    /// foreign one would, and what is offered is placed as \a besidePath.
    void keepEdited(const QString &path, const QString &besidePath);

    /// How what stands in the target looked when this was planned.
    QHash<QString, FileStamp> seen;

    /// Of what was seen, the files that will be replaced or removed.
    QHash<QString, FileStamp> replaced() const;

    /// Absolute paths of these, whose holders matter.
    QStringList filesInTheWay() const;

    /// Paths of all that this version brings or keeps.
    QSet<QString> offeredPaths() const;

    /// The same, and what only the installed version owns: anything else in the target is foreign
    /// and is carried over untouched.
    QSet<QString> ownedPaths() const;

    /// Folders that this version needs, named or not.
    QSet<QString> offeredFolders() const;

    /// Of these, the ones above what is placed.
    QSet<QString> foldersOfPlaced() const;

    /// Paths that may be folders of this version or the installed one, named or not.
    QSet<QString> ownedFolders() const;
};

} // namespace Entracte
