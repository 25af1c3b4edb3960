// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/workerjob.h"
#include "restart/restartbackend.h"

#include <QStringList>

#include <memory>
#include <optional>

namespace Entracte {

class ProcessWatch;
class RestartSession;

/// Puts a version in place that waits (Transaction::defer), once nobody uses the installed one any
/// more. Closes nobody.
///
/// It looks who holds the files that matter, waits until one of them has ended (ProcessWatch), and
/// looks again; from time to time also without that, because a file can be let go by who lives on.
/// Who comes again is waited for again. When the list is empty and the last probe finds nobody, it
/// swaps.
///
/// Ends well when nothing waits any more, whoever saw to that; with what went wrong otherwise: then
/// the version waits on. Killed at any instant, it leaves a whole version installed and nothing
/// lost.
class DeferredSwap : public Job
{
    Q_OBJECT

public:
    enum class Patience {
        Once,      ///< in use: ends with ErrorCode::FilesInUse
        UntilFree, ///< waits as long as it takes
    };

    /// How long nobody looks if no holder ends.
    static constexpr std::chrono::seconds interval{60};

    DeferredSwap(const QString &targetDirectory, Patience patience,
                 std::unique_ptr<RestartBackend> backend, std::shared_ptr<Clock> clock,
                 QObject *parent = nullptr);
    ~DeferredSwap() override;

    /// True from finished() on if this job has swapped.
    bool hasSwapped() const { return *m_hasSwapped; }

signals:
    /// From here to waiting() or finished() files are being renamed.
    void swapping();
    void waiting();

protected:
    void doStart() override;
    void doCancel() override;

private:
    void look();
    Result<> registerFiles(const QStringList &files);
    void listed();
    void wait();
    void probeAndSwap();
    void swap();
    void swapped();
    void work(WorkerJob::Work toDo, void (DeferredSwap::*next)());

    QString m_target;
    Patience m_patience;
    std::shared_ptr<Clock> m_clock;
    std::unique_ptr<RestartSession> m_session;
    std::unique_ptr<ProcessWatch> m_watch;
    std::unique_ptr<Job> m_job;
    std::unique_ptr<QObject> m_pause; ///< of the timer that ends it
    QString m_transactionId;          ///< of what is waited with
    QStringList m_files;
    bool m_isBelieved = false; ///< the list, though the probe said otherwise
    bool m_isCancelled = false;
    std::shared_ptr<bool> m_hasSwapped = std::make_shared<bool>(false); ///< the worker's till then
};

} // namespace Entracte
