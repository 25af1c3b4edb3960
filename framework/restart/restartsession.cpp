// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"

#include "core/logging.h"

#include <algorithm>

namespace Entracte {

namespace {

/// A job that ends when one of the backend's ending signals comes.
class BackendJob : public Job
{
public:
    explicit BackendJob(RestartBackend &backend)
        : m_backend(backend)
    {
    }

protected:
    void doCancel() override { m_backend.cancel(); }

    RestartBackend &m_backend;
};

bool holdsAFile(const AffectedApplication &application)
{
    return application.isRunning() && !application.files.isEmpty();
}

bool wasClosedByUs(const AffectedApplication &application)
{
    return application.status.testFlag(ApplicationStatus::Stopped);
}

bool awaitsRestart(const AffectedApplication &application)
{
    return wasClosedByUs(application) && !application.status.testFlag(ApplicationStatus::Restarted)
        && !application.status.testFlag(ApplicationStatus::RestartMasked);
}

/// The freshly listed \a now, with what the session already knows of the same application.
AffectedApplication withHistory(AffectedApplication now, const AffectedApplication &before)
{
    now.status |= before.status & ~ApplicationStatuses(ApplicationStatus::StoppedOther);
    now.closing = before.closing;
    if (now.reason.isEmpty())
        now.reason = before.reason;
    return now;
}

} // namespace

class RestartSession::ListJob : public BackendJob
{
public:
    explicit ListJob(RestartSession &session)
        : BackendJob(*session.m_backend)
        , m_session(session)
    {
    }

protected:
    void doStart() override
    {
        connect(&m_backend, &RestartBackend::listed, this,
                [this](const Result<AffectedApplications> &result) {
                    if (!result)
                        return finish(result.error());
                    m_session.merge(*result);
                    finish({});
                });
        m_backend.list();
    }

private:
    RestartSession &m_session;
};

class RestartSession::ShutdownJob : public BackendJob
{
public:
    ShutdownJob(RestartSession &session, QList<AffectedApplication> applications,
                QList<UniqueProcess> forced)
        : BackendJob(*session.m_backend)
        , m_applications(std::move(applications))
        , m_forced(std::move(forced))
    {
    }

protected:
    void doStart() override
    {
        connect(&m_backend, &RestartBackend::shutdownFinished, this,
                [this](const Result<> &result) { finish(result); });
        m_backend.shutdown(m_applications, m_forced);
    }

private:
    QList<AffectedApplication> m_applications;
    QList<UniqueProcess> m_forced;
};

class RestartSession::RestartJob : public BackendJob
{
public:
    RestartJob(RestartSession &session, QList<AffectedApplication> applications)
        : BackendJob(*session.m_backend)
        , m_applications(std::move(applications))
    {
    }

protected:
    void doStart() override
    {
        // Failures are statuses of applications; an error here would lead the caller to undo an
        // installation that succeeded (spec 1.5).
        connect(&m_backend, &RestartBackend::restartFinished, this, [this](const Result<> &result) {
            if (!result)
                qCWarning(lcRestart) << result.error().message;
            finish({});
        });
        m_backend.restart(m_applications);
    }

private:
    QList<AffectedApplication> m_applications;
};

RestartSession::RestartSession(std::unique_ptr<RestartBackend> backend, QObject *parent)
    : QObject(parent)
    , m_backend(std::move(backend))
{
    connect(m_backend.get(), &RestartBackend::applicationChanged, this, &RestartSession::update);
}

RestartSession::~RestartSession() = default;

void RestartSession::registerFiles(const QStringList &absolutePaths)
{
    m_backend->setFiles(absolutePaths);
}

std::unique_ptr<Job> RestartSession::list()
{
    return std::make_unique<ListJob>(*this);
}

std::unique_ptr<Job> RestartSession::shutdown(ShutdownTypes type,
                                              const QList<UniqueProcess> &forced)
{
    QList<AffectedApplication> asked;
    QList<UniqueProcess> endable = forced;
    for (const AffectedApplication &application : inTheWay()) {
        if (application.isCritical())
            continue;
        asked.append(application);
        if (type.testFlag(ShutdownType::Force) && application.canBeForced)
            endable.append(application.process);
    }

    const auto cannotComeBack = [](const AffectedApplication &application) {
        return application.restartability == Restartability::Cannot;
    };
    if (type.testFlag(ShutdownType::OnlyRestartable)
        && std::any_of(asked.cbegin(), asked.cend(), cannotComeBack)) {
        asked.clear(); // all or none: spec 3.11
    }
    return std::make_unique<ShutdownJob>(*this, asked, endable);
}

std::unique_ptr<Job> RestartSession::restart()
{
    return std::make_unique<RestartJob>(*this, notRestarted());
}

QList<AffectedApplication> RestartSession::inTheWay() const
{
    QList<AffectedApplication> found;
    std::copy_if(m_applications.cbegin(), m_applications.cend(), std::back_inserter(found),
                 holdsAFile);
    return found;
}

QList<AffectedApplication> RestartSession::notRestarted() const
{
    QList<AffectedApplication> found;
    std::copy_if(m_applications.cbegin(), m_applications.cend(), std::back_inserter(found),
                 awaitsRestart);
    return found;
}

void RestartSession::merge(const AffectedApplications &listed)
{
    QList<AffectedApplication> merged;
    QList<AffectedApplication> fresh = listed.applications;

    for (const AffectedApplication &known : std::as_const(m_applications)) {
        const auto again =
            std::find_if(fresh.begin(), fresh.end(), [&known](const auto &candidate) {
                return candidate.process == known.process;
            });
        if (again != fresh.end()) {
            merged.append(withHistory(*again, known));
            fresh.erase(again);
        } else if (wasClosedByUs(known)) {
            merged.append(known);
        }
    }
    merged += fresh;

    m_applications = merged;
    m_rebootReasons = listed.rebootReasons;
    m_processesNotInspected = listed.processesNotInspected;
    emit applicationsChanged();
}

void RestartSession::update(const AffectedApplication &application)
{
    const auto known = std::find_if(
        m_applications.begin(), m_applications.end(),
        [&application](const auto &candidate) { return candidate.process == application.process; });
    if (known == m_applications.end() || *known == application)
        return;
    *known = application;
    emit applicationsChanged();
}

} // namespace Entracte
