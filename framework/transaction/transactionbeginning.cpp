// SPDX-License-Identifier: MIT
#include "transaction/transactionstate.h"

#include "core/logging.h"
#include "core/parallel.h"
#include "plan/relativepath.h"
#include "transaction/fileswap.h"
#include "transaction/folders.h"
#include "transaction/receiptfile.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLocale>

#include <algorithm>
#include <map>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr int usualFolderMode = 0755;
constexpr qint64 slackBytes = 1024 * 1024;     // journal, receipt, directories
constexpr qint64 bytesPerOperation = 4 * 1024; // one block of bookkeeping each

/// Of an absolute path.
QString parentFolder(const QString &path)
{
    return QFileInfo(path).path();
}

/// The directories that must be made before \a path can be, outermost first.
QStringList missingParents(const QString &path)
{
    QStringList missing;
    for (QString parent = parentFolder(path); !QFileInfo::exists(parent);
         parent = parentFolder(parent))
        missing.prepend(parent);
    return missing;
}

Result<> makeAbsolute(const QString &directory)
{
    Result<Directory> parent = Directory::open(parentFolder(directory));
    return parent ? parent->makeDirectory(nameOf(directory), 0755) : parent.error();
}

} // namespace

Result<> Transaction::Private::checkTarget() const
{
    const QFileInfo info(target);
    if (info.exists() && !info.isDir())
        return Error{
            ErrorCode::Failed,
            tr("Could not install into “%1”: it is not a folder.", "error message").arg(target)};

    // One writable folder is enough: the target's own, or the one above it.
    const QStringList missing = missingParents(target);
    const QString folder = missing.isEmpty() ? parentFolder(target) : parentFolder(missing.first());
    const QString needed = info.isDir() ? target : folder;
    const Result<Directory> directory = Directory::open(needed);
    if (!directory)
        return directory.error();
    if (!directory->isWritable())
        return Error{ErrorCode::PermissionDenied,
                     tr("Could not install into “%1”: you may not write in the folder “%2”.",
                        "error message")
                         .arg(target, needed)};
    return checkRoom(*directory);
}

Result<> Transaction::Private::checkRoom(const Directory &volume) const
{
    const Result<qint64> available = volume.availableBytes();
    if (!available)
        return available.error();
    const qint64 needed =
        plan.bytesToWrite + slackBytes + bytesPerOperation * plan.operations.size();
    if (*available >= needed)
        return {};
    const QLocale locale;
    return Error{
        ErrorCode::NoSpace,
        tr("Could not install into “%1”: %2 are needed there, %3 are free.",
           "error message; %2 and %3: sizes")
            .arg(target, locale.formattedDataSize(needed), locale.formattedDataSize(*available))};
}

Result<> Transaction::Private::layOut()
{
    const QStringList missing = missingParents(target);
    for (const QString &parent : missing) {
        if (const Result<> made = makeAbsolute(parent); !made)
            return made;
        header.createdParents.append(parent);
    }
    if (const Result<> made = makePlace(); !made)
        return made;
    Result<FileLock> locked = place->directory().lock(WorkPlace::lockName());
    if (!locked)
        return locked.error();
    lock = *std::move(locked);
    header.isRemoval = plan.isRemoval;
    Result<Journal> created = Journal::create(place->directory(), WorkPlace::journalName(), header);
    if (!created)
        return created.error();
    journal = *std::move(created);
    reserve.emplace(place->directory().duplicate(), WorkPlace::reserveName());
    if (const Result<> held = reserve->hold(plan.bytesToWrite); !held)
        return held;

    if (QFileInfo(target).isDir()) {
        Result<Directory> installed = Directory::open(target);
        if (!installed)
            return installed.error();
        old = *std::move(installed);
    }
    const QString stageName = WorkPlace::stageName();
    const Result<> made = old ? place->directory().makeDirectoryLike(stageName, *old, QString())
                              : place->directory().makeDirectory(stageName, 0755);
    if (!made)
        return made;
    Result<Directory> staged = place->directory().below(stageName);
    if (!staged)
        return staged.error();
    stage = *std::move(staged);
    if (const Result<> chosen = chooseRoad(); !chosen)
        return chosen;
    return stageFolders();
}

/// Beside the target, or inside where the parent is not to be had.
Result<> Transaction::Private::makePlace()
{
    Result<Directory> parent = Directory::open(parentFolder(target));
    const std::optional<FileStatus> above = parent ? parent->status(QString()) : std::nullopt;
    const std::optional<FileStatus> there = parent ? parent->status(nameOf(target)) : std::nullopt;
    const bool isBeside = parent && parent->isWritable()
                       && (!there || (there->device == above->device && !there->isMountPoint));
    Result<WorkPlace> made =
        WorkPlace::make(isBeside ? WorkPlace::Kind::Beside : WorkPlace::Kind::Inside, target);
    if (!made)
        return made.error();
    place = *std::move(made);
    return {};
}

Result<> Transaction::Private::chooseRoad()
{
    canExchange = TreeSwap::isPossible(place->directory());
    if (place->kind() == WorkPlace::Kind::Beside) {
        Result<Directory> parent = Directory::open(parentFolder(target));
        if (!parent)
            return parent.error();
        if (!old || (canExchange && TreeSwap::isAllowed(*parent, nameOf(target)))) {
            auto swap =
                std::make_unique<TreeSwap>(plan, *std::move(parent), nameOf(target),
                                           place->directory().duplicate(), WorkPlace::stageName());
            treeSwap = swap.get();
            road = std::move(swap);
            return {};
        }
    }
    return takeFileRoad();
}

Result<> Transaction::Private::takeFileRoad()
{
    Q_ASSERT(old); // a target that is not there yet is moved in as a whole
    qCInfo(lcTransaction) << target << "goes file by file";
    treeSwap = nullptr;
    road = std::make_unique<FileSwap>(plan, old->duplicate(), stage->duplicate(), *journal,
                                      canExchange);
    return {};
}

Result<> Transaction::Private::makeLevel(QStringList &level) const
{
    constexpr qsizetype batch = 64; // neighbours share the folder they lie in
    std::sort(level.begin(), level.end());
    return inParallel((level.size() + batch - 1) / batch, [&]() -> ItemWork {
        const auto directory = std::make_shared<Directory>(stage->duplicate());
        return [this, directory, &level](qsizetype item) -> Result<> {
            const qsizetype end = qMin(level.size(), (item + 1) * batch);
            for (qsizetype i = item * batch; i < end; ++i) {
                const int mode = unusualFolderModes.value(level.at(i), usualFolderMode);
                const Result<> made = directory->makeDirectory(level.at(i), mode | 0700);
                if (!made)
                    return made;
            }
            return {};
        };
    });
}

/// First, so that Stagers find every folder there.
Result<> Transaction::Private::stageFolders()
{
    Lines lines(*this);
    for (const Operation &operation : plan.operations) {
        if (const auto *made = std::get_if<CreateDirectory>(&operation)) {
            const PayloadEntry &folder = plan.of(*made);
            if (const Result<> recorded = lines.record(folder.path, InstalledFile::of(folder));
                !recorded)
                return recorded;
            if (folder.mode != usualFolderMode)
                unusualFolderModes.insert(folder.path, folder.mode);
        }
    }
    QStringList folders;
    if (treeSwap) {
        const QSet<QString> offered = plan.offeredFolders();
        folders = QStringList(offered.begin(), offered.end());
    } else {
        const QSet<QString> needed = plan.foldersOfPlaced();
        folders = QStringList(needed.begin(), needed.end());
    }
    std::map<qsizetype, QStringList> levels; // outer ones first; inside one, all beside each other
    for (const QString &folder : std::as_const(folders))
        levels[folder.count(u'/')].append(folder);
    for (auto &[depth, level] : levels) {
        if (const Result<> made = makeLevel(level); !made)
            return made;
    }
    const QString own = QLatin1StringView(ownDirectoryName);
    return plan.isRemoval ? Result<>() : stage->makeDirectory(own, 0755);
}

Result<> Transaction::Private::stageLinksAndBackUps()
{
    Lines lines(*this);
    for (const Operation &operation : plan.operations) {
        if (const auto *placed = std::get_if<PlaceEntry>(&operation);
            placed && plan.of(*placed).kind == EntryKind::SymbolicLink) {
            const PayloadEntry &entry = plan.of(*placed);
            const QString path = plan.pathOf(*placed);
            if (path != entry.path)
                offeredForEdited.insert(entry.path, InstalledFile::of(entry));
            if (const Result<> recorded = lines.record(path, InstalledFile::of(entry)); !recorded)
                return recorded;
            const Result<> made =
                stage->makeSymbolicLink(path, QFile::encodeName(entry.linkTarget));
            if (!made)
                return made;
        } else if (const auto *backUp = std::get_if<BackUpFile>(&operation); backUp && treeSwap) {
            // A folder in the way is not ours: what it holds is carried over.
            const auto &[path, backupPath] = plan.of(*backUp);
            const std::optional<FileStatus> there = old ? old->status(path) : std::nullopt;
            if (!there || there->isDirectory())
                continue;
            Result<> kept = makeFoldersLike(*stage, *old, parentOf(backupPath));
            if (kept)
                kept = stage->keep(*old, path, backupPath);
            if (!kept && kept.error().code != ErrorCode::CannotKeep)
                return kept;
            isTreeSwapImpossible = isTreeSwapImpossible || !kept;
        }
    }
    return {};
}

} // namespace Entracte
