// SPDX-License-Identifier: MIT
#pragma once

#include "transaction/carryover.h"
#include "transaction/commitroad.h"
#include "transaction/directory.h"

#include <QCoreApplication>

#include <future>
#include <memory>
#include <optional>

namespace Entracte {

struct InstallPlan;

/// The road of one instant: a complete new tree stands beside the old one, and the two names are
/// exchanged by one system call, which also takes it back. What is foreign in the old tree is
/// carried over while staging; what somebody saves later is noticed (TreeWatch) and carried over
/// just before the exchange and once more after it.
class TreeSwap final : public CommitRoad
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::TreeSwap)

public:
    /// Whether the target \a name in \a parent allows it, as far as can be told without trying:
    /// nothing is mounted on or in it, and this user may rename it.
    static bool isAllowed(Directory &parent, const QString &name);

    /// Whether the volume of \a work can exchange two directories: tried out.
    static bool isPossible(Directory &work);

    /// \a stage is the name of the new tree in \a work.
    TreeSwap(const InstallPlan &plan, Directory parent, const QString &name, Directory work,
             const QString &stage);

    /// Carries over what is foreign and begins to watch the old tree; to be called when the folders
    /// of the new one are there and before anything of the old one is kept, unless it is kept by
    /// what \a makeWork makes (CarryOver::workWith()).
    Result<> begin(const std::function<CarryOver::FolderWork()> &makeWork = nullptr);

    /// The same for a new tree that another process has filled: of what is foreign in both, the
    /// later one counts.
    Result<> resume();

    Result<> prepare() override;
    Result<> commit() override;
    Result<> undo() override;
    Result<> finish() override;

private:
    Result<> carry();
    Result<> leave();

    const InstallPlan &m_plan;
    Directory m_parent;
    QString m_name;
    Directory m_work;
    QString m_stage;
    std::optional<Directory> m_old; ///< the installed tree, wherever it is; nullopt: there is none
    std::optional<Directory> m_new;
    std::unique_ptr<TreeWatch> m_watch;
    CarryOver m_foreign;
    std::future<QSet<QString>> m_owned; ///< what it is to know of: large, gathered meanwhile
    bool m_isMovedAway = false;         ///< a removal that leaves nothing
};

} // namespace Entracte
