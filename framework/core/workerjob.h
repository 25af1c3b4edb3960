// SPDX-License-Identifier: MIT
#pragma once

#include "core/job.h"

#include <atomic>
#include <functional>
#include <memory>

namespace Entracte {

/// A Job whose work is one blocking function, run in a worker thread. The function receives values
/// and returns a value; it touches nothing of the owner's thread.
class WorkerJob : public Job
{
    Q_OBJECT

public:
    /// What the function may use while it runs. Thread-safe.
    class Context
    {
    public:
        /// The function returns ErrorCode::Cancelled soon after this turns true.
        bool isCancelled() const { return m_cancelled; }

        /// What progress will add up to. To be said once, before the first advance().
        void expect(qint64 total) { m_total = total; }

        /// May be called as often as is convenient, by several threads; the job passes on a few per
        /// second at most.
        void advance(qint64 done) { m_done += done; }

    private:
        friend class WorkerJob;
        std::atomic<bool> m_cancelled = false;
        std::atomic<qint64> m_done = 0;
        std::atomic<qint64> m_total = 0;
    };

    using Work = std::function<Result<>(Context &)>;

    explicit WorkerJob(Work work, QObject *parent = nullptr);

    /// Cancels, and waits for the function to return.
    ~WorkerJob() override;

protected:
    void doStart() override;
    void doCancel() override;

private:
    struct Private;
    std::shared_ptr<Context> m_context;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
