// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/job.h"
#include "payload/entryreader.h"
#include "plan/installplan.h"
#include "transaction/transaction.h"

#include <memory>

namespace Entracte {

class PayloadArchive;

/// Stages everything the plan places, verifies it as the bytes pass, then *pauses*: from paused()
/// on the complete new version stands beside the old one and only the swap is missing. resume()
/// lets the job finish; the engine then commits transaction().
///
///     start() ─► progressChanged… ─► paused() ─► resume() ─► finished()
///
/// First it tries the plan's merges; a file whose merge fails is kept, and noted() says why.
/// Entries are unpacked in parallel, one worker a processor; big ones first, small ones in the
/// order of their folders. While paused nothing is open and nothing runs. On error or cancel the
/// staged version is gone when finished() comes.
class PayloadExtractor : public Job
{
    Q_OBJECT

public:
    /// What makes the extractor do less than it should, to measure what the rest costs.
    struct Measuring
    {
        EntryReader::Verification verification = EntryReader::Verification::CrcAndSha256;
        Transaction::Durability durability = Transaction::Durability::Synced;
    };

    /// \a archives are those the plan's entries come from, as PayloadSurvey has opened them;
    /// \a clock tells when a merge has had its time, and is asked by a worker.
    PayloadExtractor(const InstallPlan &plan,
                     const QList<std::shared_ptr<const PayloadArchive>> &archives,
                     std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>(),
                     QObject *parent = nullptr);
    ~PayloadExtractor() override;

    /// Before start().
    void setMeasuring(Measuring measuring);

    bool isPaused() const;
    void resume();

    /// What is carried out: from paused() on without merges, as each has succeeded or failed.
    const InstallPlan &plan() const;

    /// The open transaction: from paused() on; nullptr before, and after an error.
    std::shared_ptr<Transaction> transaction() const;

signals:
    void paused();
    /// Something that the log should know and nobody need be stopped for; before paused().
    void noted(const QString &sentence);

protected:
    void doStart() override;
    void doCancel() override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
