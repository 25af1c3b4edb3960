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

void InstallPlan::place(const PayloadEntry &entry)
{
    operations.append(PlaceEntry{entries.size()});
    entries.append(entry);
}

void InstallPlan::keep(const PayloadEntry &entry)
{
    operations.append(KeepEntry{entries.size()});
    entries.append(entry);
}

void InstallPlan::keepEdited(const QString &path, const QString &besidePath)
{
    operations.removeIf([&](const Operation &operation) {
        const auto *backUp = std::get_if<BackUpFile>(&operation);
        const auto *removed = std::get_if<RemoveEntry>(&operation);
        return (backUp && backUp->path == path) || (removed && removed->path == besidePath);
    });
    for (PayloadEntry &entry : entries) {
        if (entry.path == path)
            entry.path = besidePath;
    }
    ownedPaths.remove(path);
    ownedPaths.insert(besidePath);
    edited.insert(path, besidePath);
}

/// Hands every file that stands where one will be replaced or removed to \a take, with its stamp.
template <typename Take>
static void forEachReplaced(const InstallPlan &plan, const Take &take)
{
    if (plan.seen.isEmpty())
        return;
    for (const Operation &operation : plan.operations) {
        const auto *placed = std::get_if<PlaceEntry>(&operation);
        const auto *removed = std::get_if<RemoveEntry>(&operation);
        if (!placed && !removed)
            continue;
        const QString &path = placed ? plan.entryOf(*placed).path : removed->path;
        if (const auto found = plan.seen.constFind(path); found != plan.seen.cend())
            take(path, *found);
    }
}

QHash<QString, FileStamp> InstallPlan::replaced() const
{
    if (isRemoval)
        return seen; // nothing of it stays
    QHash<QString, FileStamp> stamps;
    forEachReplaced(
        *this, [&](const QString &path, const FileStamp &stamp) { stamps.insert(path, stamp); });
    return stamps;
}

QStringList InstallPlan::filesInTheWay() const
{
    QStringList files;
    forEachReplaced(*this, [&](const QString &path, const FileStamp &) {
        files.append(targetDirectory + u'/' + path);
    });
    return files;
}

QSet<QString> InstallPlan::offeredPaths() const
{
    QSet<QString> paths;
    paths.reserve(operations.size());
    for (const Operation &operation : operations) {
        if (const auto *made = std::get_if<CreateDirectory>(&operation))
            paths.insert(made->path);
        else if (const auto *placed = std::get_if<PlaceEntry>(&operation))
            paths.insert(entryOf(*placed).path);
        else if (const auto *kept = std::get_if<KeepEntry>(&operation))
            paths.insert(entryOf(*kept).path);
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
            parents.add(entryOf(*placed).path);
        } else if (const auto *kept = std::get_if<KeepEntry>(&operation)) {
            parents.add(entryOf(*kept).path);
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
            parents.add(entryOf(*placed).path);
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
