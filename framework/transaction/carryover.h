// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "transaction/directory.h"

#include <QCoreApplication>
#include <QHash>
#include <QMap>
#include <QSet>

#include <functional>
#include <optional>
#include <vector>

namespace Entracte {

/// Takes what is foreign in one tree over into another, as often as it is asked to: the first run
/// brings everything, a later one only what somebody saved in between.
///
/// It never deletes and never overwrites what somebody else wrote: of two files that both want one
/// name, the later one comes under a free name beside it (`report.txt` → `report.txt.saved`).
class CarryOver
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::CarryOver)

public:
    /// Paths in \a owned belong to the product. \a spare is a free name in \a work, on the same
    /// volume, used while one file replaces another.
    CarryOver(Directory work, const QString &spare, const QSet<QString> &owned = {});

    /// What owned files looked like when it was decided to replace or remove them. One that looks
    /// different in a run() was touched by somebody, and is saved under a free name instead of
    /// being lost.
    void expectOwned(const QHash<QString, FileStamp> &stamps);

    /// For one who goes on where another process ended: that one has had its first run.
    void assumeHasRun() { m_hasRun = true; }

    /// Has every folder that is looked into watched from then on.
    void watchWith(TreeWatch *watch) { m_watch = watch; }

    /// What is to be done in a folder while it is open anyway: \a from has just read its
    /// \a children, of which those go that are safe afterwards.
    using FolderWork = std::function<Result<>(Directory &from, const QString &folder,
                                              QList<Directory::Child> &children)>;

    /// Has that done in every folder of a first run(), by several threads; \a makeWork is called
    /// for each of them.
    void workWith(const std::function<FolderWork()> &makeWork) { m_makeWork = makeWork; }

    /// \a path, owned, is already safe as \a backupPath.
    void noteBackUp(const QString &path, const QString &backupPath);

    /// More paths that belong to the product.
    void addOwned(const QSet<QString> &paths);

    /// True if \a tree holds any file that is not the product's.
    static bool findsForeign(const Directory &tree, const QSet<QString> &owned);

    /// Brings everything foreign in the tree \a from that is new or has changed since the last run
    /// into the tree \a to.
    Result<> run(const Directory &from, Directory &to);

    /// The same, for one who knows where something happened since the last run.
    Result<> run(const Directory &from, Directory &to, const TreeWatch::Changes &changes);

    /// The same in the other direction: what somebody changed in the tree \a from since it was
    /// filled by run().
    Result<> runBack(const Directory &from, Directory &to);

private:
    /// What can be told about a file without opening it.
    struct State
    {
        FileKind kind = FileKind::Other;
        qint64 size = 0;
        qint64 modified = 0;
        QByteArray linkTarget;
        bool operator==(const State &) const = default;
    };
    struct Carried
    {
        State state;
        QString as; ///< its path in the other tree
        bool isDirectory = false;
        bool isLinked = false; ///< both names were one file
    };
    enum class Depth { Nothing, OnlyNew, Everything }; ///< of the folders inside
    /// A folder as several threads have read it; what is found is carried by one.
    struct Scanned
    {
        QString path;
        QStringList folders;
        QList<Directory::Child> found; ///< what may have to be carried
    };

    static std::optional<State> stateOf(const Directory &tree, const QString &path);
    static bool isSameFile(const Directory &one, const QString &path, const Directory &other,
                           const QString &otherPath);
    Result<> scan();
    Result<> scanFolder(Scanned &folder, Directory &tree, const FolderWork &work) const;
    bool isSettled(const Directory &tree, const QString &path, FileKind kind) const;
    Result<> carryScanned();
    Result<> walk(const QString &directory, Depth depth);
    Result<> walkChildren(const QString &directory, const QList<Directory::Child> &children,
                          Depth depth);
    Result<> carryDirectory(const QString &path, Depth depth);
    Result<> carryFile(const QString &path);
    Result<> carryNewFile(const QString &path, const State &here, const QString &destination);
    Result<> saveOwned(const QString &path);
    Result<> saveAs(const QString &path, const FileStatus &here, const QString &backup);
    Result<> place(const QString &path, const State &here, const QString &destination);
    Result<> replace(const QString &path, const State &here, const QString &destination);
    Result<QString> directoryFor(const QString &directory);
    Result<> applyModes();
    bool isProductDirectory(const QString &path) const;
    const QSet<QString> &ownedDirectories() const;

    Directory m_work;
    QString m_spare;
    QSet<QString> m_owned;
    mutable std::optional<QSet<QString>> m_ownedDirectories; ///< that hold something owned
    TreeWatch *m_watch = nullptr;
    std::function<FolderWork()> m_makeWork;
    const Directory *m_from = nullptr;
    Directory *m_to = nullptr;
    bool m_savesOwned = false;
    bool m_hasRun = false;
    QHash<QString, FileStamp> m_expected;
    QHash<QString, QString> m_backUps;
    QHash<QString, Carried> m_carried;     ///< by path in the tree it came from
    std::vector<Scanned> m_scanned;        ///< outer ones first, where something was found
    QSet<QString> m_walked;                ///< directories seen
    QMap<QString, int> m_modes;            ///< to be set when the walk is over
    QHash<QString, QString> m_directories; ///< where a directory of one tree is in the other
};

} // namespace Entracte
