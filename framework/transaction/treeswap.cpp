// SPDX-License-Identifier: MIT
#include "transaction/treeswap.h"

#include "core/logging.h"
#include "plan/installplan.h"
#include "transaction/workplace.h"

using namespace Qt::StringLiterals;

namespace Entracte {

bool TreeSwap::isAllowed(Directory &parent, const QString &name)
{
    if (!parent.isWritable())
        return false;
    const std::optional<FileStatus> target = parent.status(name);
    if (!target)
        return true;
    return target->isDirectory() && !target->isMountPoint && parent.mayRename(name)
        && parent.mountsBelow(name).isEmpty();
}

bool TreeSwap::isPossible(Directory &work)
{
    const QString one = u"trial-1"_s;
    const QString other = u"trial-2"_s;
    const bool isPossible = work.makeDirectory(one, 0700) && work.makeDirectory(other, 0700)
                         && work.exchange(one, work, other);
    const Result<> removed = work.remove(one);
    return work.remove(other) && removed && isPossible;
}

static std::optional<Directory> opened(const Directory &parent, const QString &name)
{
    Result<Directory> directory = parent.below(name);
    return directory ? std::optional(*std::move(directory)) : std::nullopt;
}

TreeSwap::TreeSwap(const InstallPlan &plan, Directory parent, const QString &name, Directory work,
                   const QString &stage)
    : m_plan(plan)
    , m_parent(std::move(parent))
    , m_name(name)
    , m_work(std::move(work))
    , m_stage(stage)
    , m_old(opened(m_parent, name))
    , m_new(opened(m_work, stage))
    , m_foreign(m_work.duplicate(), WorkPlace::spareName())
{
    if (!m_old)
        return;
    m_owned = std::async(std::launch::async, [&plan] { return plan.ownedPaths(); });
    m_foreign.expectOwned(plan.replaced());
    for (const Operation &operation : plan.operations) {
        if (const auto *backUp = std::get_if<BackUpFile>(&operation))
            m_foreign.noteBackUp(plan.of(*backUp).path, plan.of(*backUp).backupPath);
    }
}

Result<> TreeSwap::begin(const std::function<CarryOver::FolderWork()> &makeWork)
{
    if (!m_old)
        return {};
    m_foreign.addOwned(m_owned.get());
    m_watch = std::make_unique<TreeWatch>();
    m_foreign.watchWith(m_watch.get());
    m_foreign.workWith(makeWork);
    return m_foreign.run(*m_old, *m_new);
}

Result<> TreeSwap::resume()
{
    m_foreign.expectOwned(m_plan.seen);
    m_foreign.assumeHasRun();
    return begin();
}

Result<> TreeSwap::carry()
{
    return m_foreign.run(*m_old, *m_new, m_watch->take());
}

Result<> TreeSwap::prepare()
{
    if (!m_old)
        return {};
    if (const Result<> carried = carry(); !carried)
        return carried;
    // Made for its owner to write in; the old one may have been stricter.
    const std::optional<FileStatus> old = m_old->status(QString());
    return old ? m_new->setMode(QString(), old->mode) : Result<>();
}

Result<> TreeSwap::commit()
{
    if (!m_old)
        return m_work.moveNoReplace(m_stage, m_parent, m_name);
    if (const Result<> carried = carry(); !carried)
        return carried;
    if (m_plan.isRemoval && !CarryOver::findsForeign(*m_new, {}))
        return leave();
    if (const Result<> swapped = m_work.exchange(m_stage, m_parent, m_name); !swapped)
        return swapped;
    const Result<> carried = carry();
    if (carried)
        return {};
    const Result<> undone = undo();
    return undone ? carried : undone;
}

/// Nothing foreign is left: the whole tree goes.
Result<> TreeSwap::leave()
{
    if (const Result<> removed = m_work.removeTree(m_stage); !removed)
        return removed;
    m_isMovedAway = true;
    return m_parent.moveNoReplace(m_name, m_work, m_stage);
}

Result<> TreeSwap::undo()
{
    Result<> undone = m_old && !m_isMovedAway ? m_work.exchange(m_stage, m_parent, m_name)
                    : m_old                   ? m_work.moveNoReplace(m_stage, m_parent, m_name)
                                              : m_parent.moveNoReplace(m_name, m_work, m_stage);
    if (undone && !m_isMovedAway) {
        // What people saved in the new tree meanwhile comes back too.
        m_foreign.addOwned(m_plan.offeredPaths());
        if (m_old) {
            undone = m_foreign.runBack(*m_new, *m_old);
        } else if (CarryOver::findsForeign(*m_new, m_plan.offeredPaths())) {
            undone = m_parent.makeDirectoryLike(m_name, *m_new, QString());
            if (undone) {
                m_old = opened(m_parent, m_name);
                undone = m_foreign.runBack(*m_new, *m_old);
            }
        }
    }
    if (undone)
        return {};
    return Error{ErrorCode::RollbackIncomplete,
                 tr("Could not bring back what was in “%1”: %2", "error message; %2: a sentence")
                     .arg(m_parent.path() + u'/' + m_name, undone.error().message)};
}

Result<> TreeSwap::finish()
{
    // A program that still runs in the old tree may have saved something there.
    if (!m_old || m_isMovedAway)
        return {};
    return carry();
}

} // namespace Entracte
