// SPDX-License-Identifier: MIT
#include "engine/firstlook.h"

#include "core/workerjob.h"
#include "engine/deferral.h"
#include "engine/installoutcome.h"
#include "restart/restartsession.h"
#include "restart/sessionrecovery.h"
#include "restart/sessionstore.h"
#include "transaction/transaction.h"

using namespace std::chrono_literals;

namespace Entracte {

FirstLook::FirstLook(const Manifest &manifest, const QString &targetDirectory,
                     RestartSession &session, SessionStore *store,
                     std::shared_ptr<PayloadSurvey> survey)
    : m_manifest(manifest)
    , m_targetDirectory(targetDirectory)
    , m_session(session)
    , m_store(store)
    , m_survey(std::move(survey))
{
}

FirstLook::~FirstLook() = default;

void FirstLook::doStart()
{
    run(std::make_unique<WorkerJob>([this](WorkerJob::Context &context) -> Result<> {
            if (const Result<> recovered = Transaction::recover(m_targetDirectory); !recovered)
                return recovered;
            if (const Result<> looked = Deferral::takeUp(m_targetDirectory, m_session, m_notes);
                !looked)
                return looked;
            Result<PayloadSurvey> taken =
                PayloadSurvey::take(m_manifest, m_targetDirectory, context);
            if (!taken)
                return taken.error();
            *m_survey = std::move(*taken);
            return {};
        }),
        &FirstLook::bringBackOthers);
}

void FirstLook::doCancel()
{
    m_isCancelled = true;
    m_job->cancel();
}

void FirstLook::run(std::unique_ptr<Job> job, void (FirstLook::*next)())
{
    m_job = std::move(job);
    connect(m_job.get(), &Job::finished, this, [this, next](const Result<> &result) {
        m_job.release()->deleteLater();
        if (!result)
            return finish(result);
        if (m_isCancelled)
            return finish(Conclusion::cancelled());
        (this->*next)();
    });
    m_job->start();
}

// A look that fails is no reason not to install.
void FirstLook::bringBackOthers()
{
    for (const QString &note : std::as_const(m_notes))
        emit noted(note);
    Result<SessionStore::AbandonedSessions> sessions =
        m_store ? m_store->abandoned() : SessionStore::AbandonedSessions();
    if (!sessions)
        emit noted(sessions.error().message);
    if (!sessions || sessions->empty())
        return end();
    std::unique_ptr<SessionRecovery> recovery = m_session.recover(*std::move(sessions), 0ms);
    connect(recovery.get(), &SessionRecovery::happened, this, &FirstLook::happened);
    connect(recovery.get(), &SessionRecovery::applicationChanged, this, [this](const auto &one) {
        if (one.status.testFlag(ApplicationStatus::Restarted))
            emit noted(tr("%1 was left closed by an installation that was interrupted; it is open "
                          "again.",
                          "log")
                           .arg(one.name));
    });
    run(std::move(recovery), &FirstLook::end);
}

void FirstLook::end()
{
    finish({});
}

} // namespace Entracte

#include "moc_firstlook.cpp"
