// SPDX-License-Identifier: MIT
#include "plan/installplan.h"

#include "plan/relativepath.h"

namespace Entracte {

static void insertParents(QSet<QString> &folders, const QString &path)
{
    for (qsizetype slash = path.lastIndexOf(u'/'); slash > 0;
         slash = path.lastIndexOf(u'/', slash - 1)) {
        const QString parent = path.left(slash);
        if (folders.contains(parent))
            return;
        folders.insert(parent);
    }
}

/// The same for many paths, most of which lie where the one before lay.
class ParentCollector
{
public:
    explicit ParentCollector(QSet<QString> &folders)
        : m_folders(folders)
    {
    }

    void add(const QString &path)
    {
        const QStringView parent = parentView(path);
        if (parent == m_last)
            return;
        insertParents(m_folders, path);
        m_last = parent.toString();
    }

private:
    QSet<QString> &m_folders;
    QString m_last;
};

void InstallPlan::keepEdited(const QString &path, const QString &besidePath)
{
    operations.removeIf([&](const Operation &operation) {
        const auto *backUp = std::get_if<BackUpFile>(&operation);
        const auto *removed = std::get_if<RemoveEntry>(&operation);
        return (backUp && backUp->path == path) || (removed && removed->path == besidePath);
    });
    for (Operation &operation : operations) {
        if (auto *placed = std::get_if<PlaceEntry>(&operation);
            placed && placed->entry.path == path)
            placed->entry.path = besidePath;
    }
    filesInTheWay.removeOne(targetDirectory + u'/' + path);
    ownedPaths.remove(path);
    ownedPaths.insert(besidePath);
    edited.insert(path, besidePath);
}

QHash<QString, FileStamp> InstallPlan::replaced() const
{
    QHash<QString, FileStamp> stamps;
    if (seen.isEmpty())
        return stamps;
    const auto take = [&](const QString &path) {
        if (const auto found = seen.constFind(path); found != seen.constEnd())
            stamps.insert(path, *found);
    };
    for (const Operation &operation : operations) {
        if (const auto *placed = std::get_if<PlaceEntry>(&operation))
            take(placed->entry.path);
        else if (const auto *removed = std::get_if<RemoveEntry>(&operation))
            take(removed->path);
    }
    return stamps;
}

QSet<QString> InstallPlan::offeredPaths() const
{
    QSet<QString> paths;
    paths.reserve(operations.size());
    for (const Operation &operation : operations) {
        if (const auto *made = std::get_if<CreateDirectory>(&operation))
            paths.insert(made->path);
        else if (const auto *placed = std::get_if<PlaceEntry>(&operation))
            paths.insert(placed->entry.path);
        else if (const auto *kept = std::get_if<KeepEntry>(&operation))
            paths.insert(kept->entry.path);
    }
    return paths;
}

QSet<QString> InstallPlan::offeredFolders() const
{
    QSet<QString> folders;
    ParentCollector parents(folders);
    for (const Operation &operation : operations) {
        if (const auto *made = std::get_if<CreateDirectory>(&operation)) {
            folders.insert(made->path);
            insertParents(folders, made->path);
        } else if (const auto *placed = std::get_if<PlaceEntry>(&operation)) {
            parents.add(placed->entry.path);
        } else if (const auto *kept = std::get_if<KeepEntry>(&operation)) {
            parents.add(kept->entry.path);
        }
    }
    return folders;
}

QSet<QString> InstallPlan::foldersOfPlaced() const
{
    QSet<QString> folders;
    ParentCollector parents(folders);
    for (const Operation &operation : operations) {
        if (const auto *placed = std::get_if<PlaceEntry>(&operation))
            parents.add(placed->entry.path);
    }
    return folders;
}

QSet<QString> InstallPlan::ownedFolders() const
{
    QSet<QString> folders;
    for (const QString &path : ownedPaths)
        insertParents(folders, path);
    return folders + ownedPaths;
}

} // namespace Entracte
