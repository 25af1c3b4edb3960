// SPDX-License-Identifier: MIT
#pragma once

#include "core/job.h"
#include "plan/installplan.h"
#include "transaction/filesystem.h"
#include "transaction/transaction.h"

#include <memory>

namespace Entracte {

class WorkerJob;

/// Stages everything the plan places, verifies it as the bytes pass, then *pauses*: from paused()
/// on the complete new tree stands beside the old one and only the swap is missing. resume() lets
/// the job finish; the engine then commits transaction().
///
///     start() ─► progressChanged… ─► paused() ─► resume() ─► finished()
///
/// While paused nothing is open and nothing runs. On error or cancel the staged tree is gone when
/// finished() comes.
class PayloadExtractor : public Job
{
    Q_OBJECT

public:
    PayloadExtractor(const InstallPlan &plan, std::shared_ptr<FileSystem> fileSystem,
                     QObject *parent = nullptr);
    ~PayloadExtractor() override;

    bool isPaused() const;
    void resume();

    /// The open transaction: from paused() on; nullptr before, and after an error.
    std::shared_ptr<Transaction> transaction() const;

signals:
    void paused();

protected:
    void doStart() override;
    void doCancel() override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
