// SPDX-License-Identifier: MIT
#include "transaction/fileswap.h"

#include "core/logging.h"
#include "plan/installplan.h"
#include "plan/relativepath.h"
#include "transaction/folders.h"
#include "transaction/receiptfile.h"

#include <QSet>
#include <QUuid>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace Entracte {

/// Turns a plan into steps, and brings drafts to the volume they will be renamed on.
class FileSwap::StepPlanner
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::FileSwap)

public:
    StepPlanner(FileSwap &swap, const InstallPlan &plan)
        : m_swap(swap)
        , m_plan(plan)
        , m_id(QUuid::createUuid().toString(QUuid::Id128).left(8))
        , m_mounts(swap.m_target.mountsBelow(QString()))
    {
    }

    Result<> run();

private:
    struct Draft
    {
        QString original; ///< in the stage
        QString path;     ///< in the target
        qsizetype step = 0;
    };

    Result<> planBackUps();
    Result<> planDrops();
    void planOldDirectories();
    Result<> planDirectories();
    Result<> planPlaces();
    Result<> place(const QString &path);
    Result<> drop(const QString &path, bool isReplaced);
    void makeDirectories(const QString &path, int mode);
    Result<> bringDrafts();
    Result<> checkMayChange(const QString &path);
    QString besideOf(const QString &path);
    QString nearestFolder(const QString &path) const;
    bool isOnStageVolume(const QString &path) const;

    Directory &target() { return m_swap.m_target; }
    void add(const FileStep &step) { m_swap.m_steps.append(step); }

    FileSwap &m_swap;
    const InstallPlan &m_plan;
    QString m_id;
    QStringList m_mounts;
    int m_number = 0;
    QSet<QString> m_aside;
    QSet<QString> m_made;
    QSet<QString> m_checkedFolders;
    QList<Draft> m_drafts;
};

Result<> FileSwap::StepPlanner::run()
{
    if (const Result<> planned = planBackUps(); !planned)
        return planned;
    if (const Result<> planned = planDrops(); !planned)
        return planned;
    planOldDirectories();
    if (const Result<> planned = planDirectories(); !planned)
        return planned;
    if (const Result<> planned = planPlaces(); !planned)
        return planned;
    return bringDrafts();
}

Result<> FileSwap::StepPlanner::planBackUps()
{
    for (const Operation &operation : m_plan.operations) {
        const auto *saved = std::get_if<BackUpFile>(&operation);
        if (!saved)
            continue;
        const auto &[path, backupPath] = m_plan.of(*saved);
        const std::optional<FileStatus> there = target().status(path);
        if (!there)
            continue;
        if (const Result<> may = checkMayChange(path); !may)
            return may;
        add({FileStep::Kind::Aside, path, 0, there->inode, backupPath});
        m_aside.insert(path);
    }
    return {};
}

Result<> FileSwap::StepPlanner::planDrops()
{
    for (const Operation &operation : m_plan.operations) {
        const auto *removed = std::get_if<RemoveEntry>(&operation);
        if (!removed)
            continue;
        const QString &path = m_plan.of(*removed);
        if (m_aside.contains(path) || !target().status(path))
            continue;
        if (const Result<> dropped = drop(path, false); !dropped)
            return dropped;
    }
    if (!m_plan.isRemoval)
        return {};
    for (const QString &own : {ReceiptFile::sealPath(), ReceiptFile::path()}) {
        if (const Result<> dropped = drop(own, false); !dropped)
            return dropped;
    }
    return {};
}

/// Innermost first: the folders of the old version that the new one does not bring.
void FileSwap::StepPlanner::planOldDirectories()
{
    const QSet<QString> offered = m_plan.offeredPaths();
    QStringList old;
    const QSet<QString> kept = m_plan.offeredFolders();
    QSet<QString> owned = m_plan.ownedFolders();
    if (m_plan.isRemoval)
        owned.insert(QLatin1StringView(ownDirectoryName));
    for (const QString &path : std::as_const(owned)) {
        const std::optional<FileStatus> there = target().status(path);
        if (there && there->isDirectory() && !there->isMountPoint && !kept.contains(path))
            old.append(path);
    }
    std::sort(old.begin(), old.end(), std::greater<>());
    for (const QString &path : std::as_const(old))
        add({FileStep::Kind::RemoveDirectory, path, target().status(path)->mode, 0, {}});
    // What remains of a folder where a file will stand makes room.
    for (const QString &path : std::as_const(old)) {
        if (offered.contains(path) && !m_aside.contains(path))
            add({FileStep::Kind::Aside, path, 0, target().status(path)->inode,
                 freeName(target(), path)});
    }
}

Result<> FileSwap::StepPlanner::planDirectories()
{
    if (!m_plan.isRemoval)
        makeDirectories(QLatin1StringView(ownDirectoryName), 0755);
    for (const Operation &operation : m_plan.operations) {
        if (const auto *made = std::get_if<CreateDirectory>(&operation))
            makeDirectories(m_plan.of(*made).path, m_plan.of(*made).mode);
        else if (const auto *placed = std::get_if<PlaceEntry>(&operation))
            makeDirectories(parentOf(m_plan.of(*placed).path), 0755);
        else if (const auto *backUp = std::get_if<BackUpFile>(&operation))
            makeDirectories(parentOf(m_plan.of(*backUp).backupPath), 0755);
    }
    return {};
}

void FileSwap::StepPlanner::makeDirectories(const QString &path, int mode)
{
    if (path.isEmpty() || m_made.contains(path))
        return;
    makeDirectories(parentOf(path), 0755);
    m_made.insert(path);
    const std::optional<FileStatus> there = target().status(path);
    if (!there || !there->isDirectory())
        add({FileStep::Kind::MakeDirectory, path, mode, 0, {}});
}

Result<> FileSwap::StepPlanner::planPlaces()
{
    for (const Operation &operation : m_plan.operations) {
        if (const auto *placed = std::get_if<PlaceEntry>(&operation)) {
            if (const Result<> planned = place(m_plan.pathOf(*placed)); !planned)
                return planned;
        }
    }
    return m_plan.isRemoval ? Result<>() : place(ReceiptFile::path());
}

Result<> FileSwap::StepPlanner::place(const QString &path)
{
    if (const Result<> may = checkMayChange(path); !may)
        return may;
    const std::optional<FileStatus> draft = m_swap.m_stage.status(path);
    const std::optional<FileStatus> there = target().status(path);
    const bool isReplaced = there && !there->isDirectory() && !m_aside.contains(path);
    const bool isNear = isOnStageVolume(path);
    if (isReplaced && isNear && m_swap.m_canExchange) {
        add({FileStep::Kind::Swap, path, 0, draft ? draft->inode : 0, {}});
        return {};
    }
    if (isReplaced) {
        if (const Result<> dropped = drop(path, true); !dropped)
            return dropped;
    }
    QString beside;
    if (!isNear) {
        beside = besideOf(path);
        m_drafts.append({path, beside, m_swap.m_steps.size()});
    }
    add({FileStep::Kind::Add, path, 0, draft ? draft->inode : 0, beside});
    return {};
}

/// What is replaced cannot lie where its draft lies.
Result<> FileSwap::StepPlanner::drop(const QString &path, bool isReplaced)
{
    if (const Result<> may = checkMayChange(path); !may)
        return may;
    const std::optional<FileStatus> there = target().status(path);
    if (!there)
        return {};
    if (!isReplaced && isOnStageVolume(path)) {
        if (const Result<> made = makeFolders(m_swap.m_stage, parentOf(path)); !made)
            return made;
        add({FileStep::Kind::Drop, path, 0, there->inode, {}});
        return {};
    }
    const QString beside = besideOf(path);
    add({FileStep::Kind::Draft, beside, 0, 0, {}});
    add({FileStep::Kind::Drop, path, 0, there->inode, beside});
    return {};
}

Result<> FileSwap::StepPlanner::bringDrafts()
{
    for (const Draft &draft : std::as_const(m_drafts))
        m_swap.m_journal.add({FileStep::Kind::Draft, draft.path, 0, 0, {}});
    if (const Result<> synced = m_swap.m_journal.sync(); !synced)
        return synced;
    for (const Draft &draft : std::as_const(m_drafts)) {
        if (const Result<> kept = target().keep(m_swap.m_stage, draft.original, draft.path); !kept)
            return kept;
        const std::optional<FileStatus> status = target().status(draft.path);
        m_swap.m_steps[draft.step].inode = status ? status->inode : 0;
        m_swap.m_steps.append({FileStep::Kind::Draft, draft.path, 0, 0, {}});
        const Result<Directory> folder = target().below(parentOf(draft.path));
        if (const Result<> synced = folder ? folder->syncVolume() : folder.error(); !synced)
            return synced;
    }
    return {};
}

/// Better said now than found out in the middle.
Result<> FileSwap::StepPlanner::checkMayChange(const QString &path)
{
    const std::optional<FileStatus> there = target().status(path);
    const auto refusal = [&](const QString &sentence, const QString &what) {
        return Error{ErrorCode::PermissionDenied, sentence.arg(target().path() + u'/' + what)};
    };
    if (there && there->isImmutable)
        return refusal(tr("Could not replace “%1”: it is protected against any change (immutable).",
                          "error message"),
                       path);
    const QString folder = nearestFolder(path);
    if (!m_checkedFolders.contains(folder)) {
        const Result<Directory> opened = target().below(folder);
        const std::optional<FileStatus> status = target().status(folder);
        if (!opened || !opened->isWritable() || (status && status->isImmutable))
            return refusal(tr("Could not replace files in “%1”: you may not write in that folder.",
                              "error message"),
                           folder);
        m_checkedFolders.insert(folder);
    }
    if (there) {
        const Result<Directory> opened = target().below(parentOf(path));
        if (opened && !opened->mayRename(nameOf(path)))
            return refusal(tr("Could not replace “%1”: it belongs to somebody else, and its folder "
                              "lets only owners do that.",
                              "error message"),
                           path);
    }
    return {};
}

QString FileSwap::StepPlanner::nearestFolder(const QString &path) const
{
    QString folder = parentOf(path);
    while (!folder.isEmpty()) {
        const std::optional<FileStatus> there = m_swap.m_target.status(folder);
        if (there && there->isDirectory())
            break;
        folder = parentOf(folder);
    }
    return folder;
}

bool FileSwap::StepPlanner::isOnStageVolume(const QString &path) const
{
    const std::optional<FileStatus> stage = m_swap.m_stage.status(QString());
    const std::optional<FileStatus> folder = m_swap.m_target.status(nearestFolder(path));
    if (!stage || !folder || stage->device != folder->device)
        return false;
    // The same volume mounted a second time is another one for a rename.
    const QString nearest = nearestFolder(path);
    for (const QString &mount : m_mounts) {
        if (nearest == mount || nearest.startsWith(mount + u'/'))
            return false;
    }
    return true;
}

QString FileSwap::StepPlanner::besideOf(const QString &path)
{
    const QString folder = nearestFolder(path);
    const QString name = ".entracte-%1-%2"_L1.arg(m_id).arg(++m_number);
    return folder.isEmpty() ? name : folder + u'/' + name;
}

// --- the road
// --------------------------------------------------------------------------------------

FileSwap::FileSwap(const InstallPlan &plan, Directory target, Directory stage, Journal &journal,
                   bool canExchange)
    : m_plan(&plan)
    , m_expected(plan.replaced())
    , m_target(std::move(target))
    , m_stage(std::move(stage))
    , m_journal(journal)
    , m_canExchange(canExchange)
{
}

FileSwap::FileSwap(const QList<FileStep> &steps, Directory target, Directory stage,
                   Journal &journal)
    : m_target(std::move(target))
    , m_stage(std::move(stage))
    , m_journal(journal)
    , m_steps(steps)
{
}

void FileSwap::resume(const QHash<QString, FileStamp> &expected)
{
    m_expected = expected;
    m_keepsDrafts = true;
}

Result<> FileSwap::prepare()
{
    if (const Result<> planned = StepPlanner(*this, *m_plan).run(); !planned)
        return planned;
    for (const FileStep &step : std::as_const(m_steps))
        m_journal.add(step);
    return m_journal.sync();
}

Result<> FileSwap::commit()
{
    m_journal.add(Journal::Mark::Swapping);
    if (const Result<> synced = m_journal.sync(); !synced)
        return synced;
    Result<> taken;
    for (const FileStep &step : std::as_const(m_steps)) {
        taken = take(step);
        if (!taken)
            break;
    }
    if (taken) {
        m_journal.add(Journal::Mark::Committed);
        taken = m_journal.sync();
    }
    if (taken)
        return {};
    const Result<> undone = undo();
    return undone ? taken : undone;
}

Result<> FileSwap::take(const FileStep &step)
{
    switch (step.kind) {
    case FileStep::Kind::MakeDirectory:
        return m_target.status(step.path) ? Result<>()
                                          : m_target.makeDirectory(step.path, step.mode);
    case FileStep::Kind::Swap: {
        if (!m_target.status(step.path)) // somebody deleted it meanwhile
            return m_stage.moveNoReplace(step.path, m_target, step.path);
        const Result<> saved = saveIfChanged(m_target, step.path, step.path);
        return saved ? m_stage.exchange(step.path, m_target, step.path) : saved;
    }
    case FileStep::Kind::Add: {
        const Result<> room = makeRoom(step.path);
        return room ? holderOf(step).moveNoReplace(draftOf(step), m_target, step.path) : room;
    }
    case FileStep::Kind::Drop: {
        if (!isFileAt(step.path, step))
            return {}; // another file by now: somebody's
        const Result<> saved = saveIfChanged(m_target, step.path, step.path);
        return saved ? m_target.moveNoReplace(step.path, holderOf(step), draftOf(step)) : saved;
    }
    case FileStep::Kind::Aside: {
        const Result<> room = isFileAt(step.path, step) ? makeRoom(step.other) : Result<>();
        return room && isFileAt(step.path, step)
                 ? m_target.moveNoReplace(step.path, m_target, step.other)
                 : room;
    }
    case FileStep::Kind::RemoveDirectory: {
        const Result<QList<Directory::Child>> children = m_target.children(step.path);
        return children && children->isEmpty() ? m_target.remove(step.path) : Result<>();
    }
    case FileStep::Kind::Draft:
        return {};
    }
    Q_UNREACHABLE();
}

bool FileSwap::isFileAt(const QString &path, const FileStep &step) const
{
    const std::optional<FileStatus> there = m_target.status(path);
    return there && there->inode == step.inode;
}

bool FileSwap::isTaken(const FileStep &step) const
{
    switch (step.kind) {
    case FileStep::Kind::Swap:
    case FileStep::Kind::Add: {
        // Taken, unless the draft still lies where it was made.
        const std::optional<FileStatus> draft = holderOf(step).status(draftOf(step));
        return !draft || draft->inode != step.inode;
    }
    case FileStep::Kind::Drop:
        return holderOf(step).status(draftOf(step)).has_value();
    case FileStep::Kind::Aside:
        return m_target.status(step.other) && !isFileAt(step.path, step);
    case FileStep::Kind::MakeDirectory:
        return m_target.status(step.path).has_value();
    case FileStep::Kind::RemoveDirectory:
        return !m_target.status(step.path);
    case FileStep::Kind::Draft:
        return false;
    }
    Q_UNREACHABLE();
}

Result<> FileSwap::undo()
{
    for (auto step = m_steps.crbegin(); step != m_steps.crend(); ++step) {
        const Result<> undone = isTaken(*step) ? takeBack(*step) : Result<>();
        if (!undone)
            return Error{
                ErrorCode::RollbackIncomplete,
                tr("Could not bring back what was in “%1”: %2", "error message; %2: a sentence")
                    .arg(m_target.path(), undone.error().message)};
    }
    return m_keepsDrafts ? Result<>() : removeDrafts();
}

Result<> FileSwap::takeBack(const FileStep &step)
{
    switch (step.kind) {
    case FileStep::Kind::Swap:
        return takeBackSwap(step);
    case FileStep::Kind::Add:
        // Another file there by now is somebody's.
        return isFileAt(step.path, step)
                 ? m_target.moveNoReplace(step.path, holderOf(step), draftOf(step))
                 : Result<>();
    case FileStep::Kind::Drop: {
        const Result<> room = makeRoom(step.path);
        return room ? holderOf(step).moveNoReplace(draftOf(step), m_target, step.path) : room;
    }
    case FileStep::Kind::Aside: {
        const Result<> room = makeRoom(step.path);
        return room ? m_target.moveNoReplace(step.other, m_target, step.path) : room;
    }
    case FileStep::Kind::MakeDirectory:
        (void)m_target.remove(step.path); // it stays if somebody put something in
        return {};
    case FileStep::Kind::RemoveDirectory:
        return m_target.makeDirectory(step.path, step.mode);
    case FileStep::Kind::Draft:
        return {};
    }
    Q_UNREACHABLE();
}

Result<> FileSwap::takeBackSwap(const FileStep &step)
{
    const bool hasOld = m_stage.status(step.path).has_value();
    if (isFileAt(step.path, step))
        return hasOld ? m_stage.exchange(step.path, m_target, step.path)
                      : m_target.moveNoReplace(step.path, m_stage, step.path);
    if (!hasOld)
        return {};
    // Somebody saved over the new file: both stay.
    const Result<> room = makeRoom(step.path);
    return room ? m_stage.moveNoReplace(step.path, m_target, step.path) : room;
}

Result<> FileSwap::finish()
{
    // After a crash some steps may not have reached the disk, though the decision has.
    for (const FileStep &step : std::as_const(m_steps)) {
        const Result<> taken = isTaken(step) ? Result<>() : take(step);
        if (!taken)
            return taken;
    }
    for (const FileStep &step : std::as_const(m_steps)) {
        if (step.kind == FileStep::Kind::Swap || step.kind == FileStep::Kind::Drop) {
            const Result<> saved = saveIfChanged(holderOf(step), draftOf(step), step.path);
            if (!saved)
                return saved;
        } else if (step.kind == FileStep::Kind::Aside) {
            const std::optional<FileStatus> aside = m_target.status(step.other);
            if (aside && aside->isDirectory())
                (void)m_target.remove(step.other); // unless somebody's files are in it
        }
    }
    return removeDrafts();
}

Result<> FileSwap::removeDrafts()
{
    for (const FileStep &step : std::as_const(m_steps)) {
        const Result<> removed =
            step.kind == FileStep::Kind::Draft ? m_target.remove(step.path) : Result<>();
        if (!removed)
            return removed;
    }
    return {};
}

/// \a path in \a tree was to be replaced or removed; if it is not what it was, it is kept.
Result<> FileSwap::saveIfChanged(const Directory &tree, const QString &path, const QString &as)
{
    const auto expected = m_expected.constFind(as);
    const std::optional<FileStatus> there = tree.status(path);
    if (expected == m_expected.constEnd() || !there || there->stamp.hasSameContent(*expected))
        return {};
    qCWarning(lcTransaction) << "Somebody changed" << as << "meanwhile: it is kept beside";
    m_expected.insert(as, there->stamp);
    return m_target.keep(tree, path, freeName(m_target, as));
}

/// What somebody put there meanwhile goes aside.
Result<> FileSwap::makeRoom(const QString &path)
{
    if (!m_target.status(path))
        return {};
    return m_target.moveNoReplace(path, m_target, freeName(m_target, path));
}

} // namespace Entracte
