// SPDX-License-Identifier: MIT
#include "core/workerjob.h"

#include <QFutureWatcher>
#include <QTimer>
#include <QtConcurrentRun>

using namespace std::chrono_literals;

namespace Entracte {

struct WorkerJob::Private
{
    Work work;
    QFutureWatcher<Result<>> watcher;
    QTimer progressTimer; // polling keeps the worker free of queued events: a million small files
    qint64 reportedDone = -1;
};

WorkerJob::WorkerJob(Work work, QObject *parent)
    : Job(parent)
    , m_context(std::make_shared<Context>())
    , d(std::make_unique<Private>())
{
    d->work = std::move(work);
    d->progressTimer.setInterval(50ms);

    const auto reportProgress = [this] {
        const qint64 done = m_context->m_done;
        if (done == d->reportedDone)
            return;
        d->reportedDone = done;
        emit progressChanged(done, m_context->m_total);
    };
    connect(&d->progressTimer, &QTimer::timeout, this, reportProgress);
    connect(&d->watcher, &QFutureWatcherBase::finished, this, [this, reportProgress] {
        d->progressTimer.stop();
        if (m_context->m_total > 0)
            reportProgress();
        finish(d->watcher.result());
    });
}

WorkerJob::~WorkerJob()
{
    m_context->m_cancelled = true;
    d->watcher.waitForFinished();
}

void WorkerJob::doStart()
{
    d->progressTimer.start();
    d->watcher.setFuture(QtConcurrent::run(
        [work = d->work, context = m_context]() -> Result<> { return work(*context); }));
}

void WorkerJob::doCancel()
{
    m_context->m_cancelled = true;
}

} // namespace Entracte

#include "moc_workerjob.cpp"
