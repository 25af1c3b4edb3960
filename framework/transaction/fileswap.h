// SPDX-License-Identifier: MIT
#pragma once

#include "transaction/commitroad.h"
#include "transaction/directory.h"
#include "transaction/journal.h"

#include <QCoreApplication>
#include <QHash>

namespace Entracte {

struct InstallPlan;

/// The road file by file, for targets that cannot be exchanged as a whole: a mount point, a mount
/// inside, a parent that may not be written, files that may not be linked. Every step is in the
/// journal before the first is taken; each is one rename and is taken back by one.
///
/// A draft lies in the stage under its own path; where a folder of the target is on another volume,
/// beside its destination. After a swap the old file lies where the draft lay.
class FileSwap final : public CommitRoad
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::FileSwap)

public:
    /// \a stage holds what \a plan places; \a canExchange: its volume can swap two names.
    FileSwap(const InstallPlan &plan, Directory target, Directory stage, Journal &journal,
             bool canExchange);

    /// For recovery: the steps as the journal has them.
    FileSwap(const QList<FileStep> &steps, Directory target, Directory stage, Journal &journal);

    Result<> prepare() override;
    Result<> commit() override;
    Result<> undo() override;
    Result<> finish() override;

    /// For a version that waited: how the files to be replaced look, and that the drafts are
    /// needed again if a commit() does not succeed.
    void resume(const QHash<QString, FileStamp> &expected);

    /// Before commit(): deletes drafts that lie on volumes of their own.
    Result<> forget() { return removeDrafts(); }

private:
    class StepPlanner;

    Result<> take(const FileStep &step);
    Result<> takeBack(const FileStep &step);
    Result<> takeBackSwap(const FileStep &step);
    bool isTaken(const FileStep &step) const;
    bool isFileAt(const QString &path, const FileStep &step) const;
    Result<> saveIfChanged(const Directory &tree, const QString &path, const QString &as);
    Result<> makeRoom(const QString &path);
    Result<> removeDrafts();
    Directory &holderOf(const FileStep &step) { return step.other.isEmpty() ? m_stage : m_target; }
    const Directory &holderOf(const FileStep &step) const
    {
        return step.other.isEmpty() ? m_stage : m_target;
    }
    static const QString &draftOf(const FileStep &step)
    {
        return step.other.isEmpty() ? step.path : step.other;
    }

    const InstallPlan *m_plan = nullptr;  ///< null in recovery
    QHash<QString, FileStamp> m_expected; ///< how the files to be replaced looked
    Directory m_target;
    Directory m_stage;
    Journal &m_journal;
    bool m_canExchange = false;
    bool m_keepsDrafts = false;
    QList<FileStep> m_steps;
};

} // namespace Entracte
