// SPDX-License-Identifier: MIT
#include "guardian/rescue.h"

#include "core/logging.h"
#include "restart/eventlog.h"
#include "restart/sessionrecovery.h"
#include "transaction/transaction.h"

#include <QEventLoop>

namespace Entracte {

namespace {

SessionStore::AbandonedSessions taken(SessionStore &store, const QStringList &ids)
{
    SessionStore::AbandonedSessions sessions;
    for (const QString &id : ids) {
        Result<std::unique_ptr<AbandonedSession>> session = store.awaitAbandoned(id);
        if (!session)
            qCWarning(lcRestart) << session.error().message;
        else if (*session)
            sessions.push_back(*std::move(session));
    }
    return sessions;
}

Result<> bringBack(SessionStore::AbandonedSessions sessions, const std::shared_ptr<Clock> &clock)
{
    const std::unique_ptr<RestartBackend> backend = createRestartBackend(clock);
    SessionRecovery recovery(std::move(sessions), *backend, clock,
                             SessionRecovery::guardianPatience);
    const std::unique_ptr<EventLog> log = createEventLog();
    QObject::connect(&recovery, &SessionRecovery::happened, &recovery,
                     [&log](const RestartEvent &event) { log->write(event); });
    QEventLoop loop;
    Result<> outcome;
    QObject::connect(
        &recovery, &Job::finished, &loop,
        [&](const Result<> &result) {
            outcome = result;
            loop.quit();
        },
        Qt::QueuedConnection);
    recovery.start();
    loop.exec();
    return outcome;
}

} // namespace

Result<> rescue(const Duties &duties)
{
    const auto clock = std::make_shared<SystemClock>();
    const std::unique_ptr<SessionStore> store = createSessionStore(clock);
    SessionStore::AbandonedSessions sessions = taken(*store, duties.sessions);
    Result<> outcome;
    for (const QString &target : duties.targets) {
        const Result<> done = Transaction::recoverWhenFree(target);
        if (!done)
            qCWarning(lcTransaction) << done.error().message;
        if (outcome)
            outcome = done;
    }
    const Result<> back = sessions.empty() ? Result<>() : bringBack(std::move(sessions), clock);
    return outcome ? back : outcome;
}

} // namespace Entracte
