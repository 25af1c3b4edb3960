// SPDX-License-Identifier: MIT
#include "plan/installplan.h"

#include "plan/foldersabove.h"

namespace Entracte {

void InstallPlan::createDirectory(const PayloadEntry &entry)
{
    operations.append(CreateDirectory{int(entries.size())});
    entries.append(entry);
}

void InstallPlan::place(const PayloadEntry &entry)
{
    operations.append(PlaceEntry{int(entries.size())});
    entries.append(entry);
}

void InstallPlan::keep(const PayloadEntry &entry)
{
    operations.append(KeepEntry{int(entries.size())});
    entries.append(entry);
}

void InstallPlan::remove(const QString &path)
{
    operations.append(RemoveEntry{int(removed.size())});
    removed.append(path);
}

void InstallPlan::backUp(const QString &path, const QString &backupPath)
{
    operations.append(BackUpFile{int(backUps.size())});
    backUps.append({path, backupPath});
}

void InstallPlan::keepEdited(const QString &path, const QString &besidePath)
{
    operations.removeIf([&](const Operation &operation) {
        const auto *saved = std::get_if<BackUpFile>(&operation);
        const auto *gone = std::get_if<RemoveEntry>(&operation);
        return (saved && of(*saved).path == path) || (gone && of(*gone) == besidePath);
    });
    formerPaths.remove(besidePath);
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
        const QString path = placed ? plan.pathOf(*placed) : plan.of(*removed);
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
            paths.insert(of(*made).path);
        else if (const auto *placed = std::get_if<PlaceEntry>(&operation))
            paths.insert(pathOf(*placed));
        else if (const auto *kept = std::get_if<KeepEntry>(&operation))
            paths.insert(of(*kept).path);
    }
    return paths;
}

QSet<QString> InstallPlan::ownedPaths() const
{
    const QSet<QString> offered = offeredPaths();
    return offered.isEmpty() ? formerPaths : offered + formerPaths; // a removal: without a copy
}

QSet<QString> InstallPlan::offeredFolders() const
{
    FoldersAbove above;
    for (const Operation &operation : operations) {
        if (const auto *made = std::get_if<CreateDirectory>(&operation))
            above.addFolder(of(*made).path);
        else if (const auto *placed = std::get_if<PlaceEntry>(&operation))
            above.add(of(*placed).path);
        else if (const auto *kept = std::get_if<KeepEntry>(&operation))
            above.add(of(*kept).path);
    }
    return above.folders();
}

QSet<QString> InstallPlan::foldersOfPlaced() const
{
    FoldersAbove above;
    for (const Operation &operation : operations) {
        if (const auto *placed = std::get_if<PlaceEntry>(&operation))
            above.add(of(*placed).path);
    }
    return above.folders();
}

QSet<QString> InstallPlan::ownedFolders() const
{
    FoldersAbove above;
    const QSet<QString> paths = ownedPaths();
    for (const QString &path : paths)
        above.addFolder(path);
    return above.folders();
}

} // namespace Entracte
