// SPDX-License-Identifier: MIT
#include "restart/sessionrecovery.h"

#include "core/logging.h"
#include "restart/closingorder.h"
#include "restart/processwatch.h"
#include "restart/restartcode.h"

#include <algorithm>

namespace Entracte {

static bool isMasked(const AffectedApplication &application)
{
    return application.status.testFlag(ApplicationStatus::RestartMasked)
        || application.status.testFlag(ApplicationStatus::ShutdownMasked);
}

SessionRecovery::SessionRecovery(SessionStore::AbandonedSessions sessions, RestartBackend &backend,
                                 std::shared_ptr<Clock> clock, std::chrono::milliseconds patience)
    : m_sessions(std::move(sessions))
    , m_backend(backend)
    , m_clock(std::move(clock))
    , m_patience(patience)
{
}

SessionRecovery::~SessionRecovery() = default;

void SessionRecovery::doStart()
{
    for (const auto &session : m_sessions)
        sortOut(session->record());
    connect(&m_backend, &RestartBackend::applicationChanged, this, &SessionRecovery::changed);
    connect(&m_backend, &RestartBackend::restartFinished, this, &SessionRecovery::batchFinished);

    QList<UniqueProcess> processes;
    for (const ClosedApplication &each : std::as_const(m_closing))
        processes += each.application.processes;
    m_watch = std::make_unique<ProcessWatch>(processes);
    connect(m_watch.get(), &ProcessWatch::someEnded, this, &SessionRecovery::look);
    m_clock->callAfter(m_patience, this, [this] {
        m_patience = {};
        look();
    });
    look();
}

void SessionRecovery::doCancel()
{
    m_isCancelled = true;
    m_isStarting ? m_backend.cancel() : look();
}

void SessionRecovery::sortOut(const SessionRecord &record)
{
    for (const ClosedApplication &each : record.closed) {
        if (each.wasAsked && !isMasked(each.application))
            m_closing.append(each);
    }
}

void SessionRecovery::look()
{
    if (!isRunning())
        return;
    const QList<UniqueProcess> running = m_watch->running();
    for (auto each = m_closing.begin(); each != m_closing.end();) {
        const bool isGone = std::none_of(
            each->application.processes.cbegin(), each->application.processes.cend(),
            [&running](const UniqueProcess &process) { return running.contains(process); });
        if (isGone && !isAnothers(each->application.process))
            m_gone.append(*each);
        each = isGone ? m_closing.erase(each) : each + 1;
    }
    if (m_isStarting)
        return;
    if (m_isCancelled)
        return finish(restartError(RestartCode::Cancelled));
    if (!m_gone.isEmpty())
        return startNext();
    if (m_closing.isEmpty() || m_patience.count() == 0)
        conclude();
}

// While a guardian waits for it, another installer may have closed it, and brings it back.
bool SessionRecovery::isAnothers(const UniqueProcess &process) const
{
    return std::any_of(m_sessions.cbegin(), m_sessions.cend(),
                       [&process](const auto &session) { return session->isAnothersToo(process); });
}

// One class at a time, the last that was closed first: a service before the programs that use it.
void SessionRecovery::startNext()
{
    int next = 0;
    for (const ClosedApplication &each : std::as_const(m_gone))
        next = std::max(next, classOf(each.application.type));
    QList<ClosedApplication> batch;
    for (auto each = m_gone.begin(); each != m_gone.end();) {
        const bool isNext = classOf(each->application.type) == next;
        if (isNext) {
            each->application.status.setFlag(ApplicationStatus::Running, false);
            each->application.status |= ApplicationStatus::Stopped;
            batch.append(*each);
        }
        each = isNext ? m_gone.erase(each) : each + 1;
    }
    m_isStarting = true;
    m_backend.restart(batch);
}

void SessionRecovery::changed(const AffectedApplication &application)
{
    qCInfo(lcRestart) << application.name << "was left closed by an installation that died; now"
                      << application.status;
    m_applications.append(application);
    emit applicationChanged(application);
    AffectedApplication before = application;
    before.status &=
        ~(ApplicationStatuses(ApplicationStatus::Restarted) | ApplicationStatus::ErrorOnRestart);
    for (const RestartEvent &event : eventsBetween(before, application))
        emit happened(event);
    for (const auto &session : m_sessions) {
        SessionRecord record = session->record();
        const auto removed = record.closed.removeIf([&application](const auto &closed) {
            return closed.application.process == application.process;
        });
        if (removed == 0)
            continue;
        if (const Result<> saved = session->save(record); !saved)
            qCWarning(lcRestart) << saved.error().message;
    }
}

void SessionRecovery::batchFinished()
{
    m_isStarting = false;
    look();
}

void SessionRecovery::conclude()
{
    for (const auto &session : m_sessions)
        session->forget();
    finish({});
}

} // namespace Entracte

#include "moc_sessionrecovery.cpp"
