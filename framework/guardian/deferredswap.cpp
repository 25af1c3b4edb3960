// SPDX-License-Identifier: MIT
#include "guardian/deferredswap.h"

#include "core/logging.h"
#include "restart/processwatch.h"
#include "restart/restartsession.h"
#include "transaction/deferredversion.h"
#include "transaction/transaction.h"

namespace Entracte {

DeferredSwap::DeferredSwap(const QString &targetDirectory, Patience patience,
                           std::unique_ptr<RestartBackend> backend, std::shared_ptr<Clock> clock,
                           QObject *parent)
    : Job(parent)
    , m_target(targetDirectory)
    , m_patience(patience)
    , m_clock(clock)
    , m_session(std::make_unique<RestartSession>(std::move(backend), clock))
{
}

DeferredSwap::~DeferredSwap() = default;

// Perhaps it was being put in place, and whoever did so was killed.
void DeferredSwap::doStart()
{
    m_watch.reset();
    work([target = m_target](WorkerJob::Context &) { return Transaction::recover(target); },
         &DeferredSwap::look);
}

/// What may succeed later is tried again, from the beginning.
void DeferredSwap::work(WorkerJob::Work toDo, void (DeferredSwap::*next)())
{
    m_job = std::make_unique<WorkerJob>(std::move(toDo));
    connect(m_job.get(), &Job::finished, this, [this, next](const Result<> &result) {
        m_job.release()->deleteLater();
        const bool maySucceedLater = !result
                                  && (result.error().code == ErrorCode::FilesInUse
                                      || result.error().code == ErrorCode::AlreadyRunning);
        if (result)
            (this->*next)();
        else if (maySucceedLater && m_patience == Patience::UntilFree && !m_isCancelled)
            wait();
        else
            finish(result);
    });
    m_job->start();
}

void DeferredSwap::doCancel()
{
    m_isCancelled = true;
    if (m_job)
        return m_job->cancel();
    m_pause.reset();
    m_watch.reset();
    finish(Error{ErrorCode::Cancelled, tr("The installation waits on.", "error message")});
}

void DeferredSwap::look()
{
    if (m_job || !isRunning())
        return; // two reasons to look came together
    m_pause.reset();
    m_watch.reset();
    const Result<std::optional<DeferredVersion>> version = DeferredVersion::of(m_target);
    if (!version)
        return finish(version.error());
    const bool isOurs =
        *version && (m_transactionId.isEmpty() || (*version)->transactionId == m_transactionId);
    if (!isOurs)
        return finish({}); // dropped, put in place or replaced by somebody
    m_transactionId = (*version)->transactionId;
    if ((*version)->isObsolete)
        return swap(); // which drops it, and says why
    if (const Result<> registered = registerFiles((*version)->filesInTheWay); !registered)
        return finish(registered);
    m_job = m_session->list();
    connect(m_job.get(), &Job::finished, this, [this](const Result<> &result) {
        m_job.release()->deleteLater();
        if (!result)
            return finish(result);
        listed();
    });
    m_job->start();
}

/// Anew each time: a file may be another one by now.
Result<> DeferredSwap::registerFiles(const QStringList &files)
{
    m_files = files;
    const Result<> forgotten = m_session->unregisterResources(m_session->ownResources());
    return forgotten ? m_session->registerFiles(files) : forgotten;
}

void DeferredSwap::listed()
{
    if (m_session->isClear())
        return probeAndSwap();
    if (m_patience == Patience::UntilFree)
        return wait();
    finish(Error{ErrorCode::FilesInUse,
                 tr("The files are still in use by %1.", "error message; %1: applications")
                     .arg(namesOf(m_session->inTheWay()))});
}

void DeferredSwap::wait()
{
    m_isBelieved = false;
    emit waiting();
    QList<UniqueProcess> holders;
    for (const AffectedApplication &application : m_session->inTheWay())
        holders.append(application.processes);
    m_watch = std::make_unique<ProcessWatch>(holders);
    connect(m_watch.get(), &ProcessWatch::someEnded, this, &DeferredSwap::look,
            Qt::QueuedConnection);
    m_pause = std::make_unique<QObject>();
    m_clock->callAfter(interval, m_pause.get(), [this] {
        m_pause.release()->deleteLater(); // it is what calls us
        doStart();
    });
}

// Somebody may have come since the list was made. Whom the next list does not know either is not
// somebody: then the list is believed.
void DeferredSwap::probeAndSwap()
{
    const bool isFree = std::exchange(m_isBelieved, true)
                     || m_session->probe(m_files) == RestartBackend::Occupancy::Free;
    isFree ? swap() : look();
}

void DeferredSwap::swap()
{
    m_isBelieved = false;
    emit swapping();
    const auto swapNow = [target = m_target,
                          hasSwapped = m_hasSwapped](WorkerJob::Context &) -> Result<> {
        const Result<std::unique_ptr<Transaction>> transaction = Transaction::reopen(target);
        if (!transaction)
            return transaction.error();
        if (!*transaction)
            return {};
        if (const Result<> committed = (*transaction)->commit(); !committed)
            return committed;
        *hasSwapped = true;
        return (*transaction)->close();
    };
    work(swapNow, &DeferredSwap::swapped);
}

void DeferredSwap::swapped()
{
    finish({});
}

} // namespace Entracte

#include "moc_deferredswap.cpp"
