// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "transaction/filesystem.h"

#include <QCoreApplication>
#include <QHash>
#include <QSet>

#include <optional>

namespace Entracte {

/// Takes what is foreign in one tree over into another, as often as it is asked to: run() before
/// the swap brings everything, run() after it only what somebody saved in between.
///
/// It never deletes and never overwrites what somebody else wrote: of two files that both want one
/// name, the later one comes under a free name beside it (`report.txt` → `report.txt.saved`).
class CarryOver
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::CarryOver)

public:
    /// What can be told about a file without opening it.
    struct State
    {
        qint64 size = 0;
        qint64 modified = 0; ///< in the clock's own ticks
        QByteArray linkTarget;
        bool operator==(const State &) const = default;
    };

    /// Paths in \a owned belong to the product. \a spare is a free name on the same volume, used
    /// while one file replaces another.
    CarryOver(FileSystem &fileSystem, const QSet<QString> &owned, const QString &spare);

    /// Remembers what the owned files of \a tree look like now. One that looks different in a later
    /// run() was touched by somebody, and is saved under a free name instead of being lost.
    void watchOwned(const QString &tree);

    /// \a path, owned, is already safe as \a backupPath.
    void noteBackUp(const QString &path, const QString &backupPath);

    /// More paths that belong to the product.
    void addOwned(const QSet<QString> &paths);

    /// True if \a tree holds any file that is not the product's.
    bool findsForeign(const QString &tree) const;

    /// Brings everything foreign in the tree \a from that is new or has changed since the last run
    /// into the tree \a to.
    Result<> run(const QString &from, const QString &to);

    /// The same in the other direction: what somebody changed in the tree \a from since it was
    /// filled by run().
    Result<> runBack(const QString &from, const QString &to);

private:
    struct Carried
    {
        State state;
        QString as; ///< its path in the other tree
        bool isDirectory = false;
        bool isLinked = false; ///< both names were one file
    };

    Result<> walk(const QString &directory);
    Result<> carryFile(const QString &path);
    Result<> carryNewFile(const QString &path, const State &here, const QString &destination);
    Result<> saveOwned(const QString &path);
    Result<> place(const QString &path, const State &here, const QString &destination);
    Result<> replace(const QString &path, const State &here, const QString &destination);
    Result<QString> directoryFor(const QString &directory);
    bool isProductDirectory(const QString &path) const;
    QString freeName(const QString &path) const;

    FileSystem &m_fileSystem;
    QSet<QString> m_owned;
    QSet<QString> m_ownedDirectories; ///< that hold something owned
    QString m_spare;
    QString m_from;
    QString m_to;
    bool m_watchesOwned = false;
    bool m_hasRun = false;
    QHash<QString, State> m_ownedStates;
    QHash<QString, QString> m_backUps;
    QHash<QString, Carried> m_carried;      ///< by path in the tree it came from
    QList<std::pair<QString, int>> m_modes; ///< to be set when the walk is over
    QHash<QString, QString> m_directories;  ///< where a directory of one tree is in the other
};

} // namespace Entracte
