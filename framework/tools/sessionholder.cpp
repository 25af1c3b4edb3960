// SPDX-License-Identifier: MIT
#include "tools/sessionholder.h"

#include "restart/sessionserver.h"
#include "tools/applicationjson.h"

#include <QCborMap>
#include <QJsonArray>
#include <QSocketNotifier>

#include <sys/syscall.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

using Operation = SessionMessage::Operation;

static QString phaseWord(RestartStep::Phase phase)
{
    switch (phase) {
    case RestartStep::Phase::Listing:
        return u"listing"_s;
    case RestartStep::Phase::Querying:
        return u"querying"_s;
    case RestartStep::Phase::Closing:
        return u"closing"_s;
    case RestartStep::Phase::Forcing:
        return u"forcing"_s;
    case RestartStep::Phase::Restarting:
        return u"restarting"_s;
    }
    Q_UNREACHABLE();
}

static QJsonObject toJson(const RestartFilter &filter)
{
    QJsonObject object{{u"action"_s, filter.action == FilterAction::NoRestart ? u"no-restart"_s
                                                                              : u"no-shutdown"_s}};
    if (const auto *executable = std::get_if<RestartFilter::Executable>(&filter.target))
        object.insert(u"executable"_s, executable->path);
    else if (const auto *process = std::get_if<UniqueProcess>(&filter.target))
        object.insert(u"process"_s, process->pid);
    else
        object.insert(u"service"_s, std::get<RestartFilter::Service>(filter.target).name);
    return object;
}

SessionHolder::SessionHolder(RestartRules rules, UniqueProcess owner,
                             std::chrono::seconds serviceLimit)
    : m_store(createSessionStore(std::make_shared<SystemClock>()))
    , m_log(createEventLog(owner))
    , m_session(createRestartBackend(std::make_shared<SystemClock>(), owner),
                std::make_shared<SystemClock>(), rules)
    , m_owner(owner)
{
    m_session.setServiceLimit(serviceLimit);
    connect(&m_session, &RestartSession::happened, this,
            [this](const RestartEvent &event) { m_log->write(event); });
}

SessionHolder::~SessionHolder() = default;

Result<> SessionHolder::start()
{
    const int owner = int(syscall(SYS_pidfd_open, pid_t(m_owner.pid), 0));
    if (owner < 0 || uniqueProcess(m_owner.pid) != m_owner)
        return restartError(
            RestartCode::BadArguments,
            tr("There is no process %1 to own the session.", "restart manager error")
                .arg(m_owner.pid));
    m_ownerNotifier = std::make_unique<QSocketNotifier>(owner, QSocketNotifier::Read);
    connect(m_ownerNotifier.get(), &QSocketNotifier::activated, this, &SessionHolder::ownerDied);

    if (const Result<> shared = m_session.share(*m_store); !shared)
        return shared;
    connect(m_session.server(), &SessionServer::primaryAsked, this, &SessionHolder::obey);
    return {};
}

QString SessionHolder::token() const
{
    return m_session.server()->token();
}

void SessionHolder::obey(int participant, const SessionMessage &message)
{
    switch (message.operation) {
    case Operation::List:
        return run(participant, m_session.list());
    case Operation::Shutdown:
        return run(participant, m_session.shutdown(ShutdownTypes(message.flags)));
    case Operation::Restart:
        return run(participant, m_session.restart());
    case Operation::Cancel:
        if (m_task)
            m_task->cancel();
        return reply(participant, {});
    case Operation::AddFilter:
        return reply(participant, m_session.addFilter(*message.filter));
    case Operation::RemoveFilter:
        return reply(participant, m_session.removeFilter(message.filter->target));
    case Operation::Filters: {
        QJsonArray filters;
        for (const RestartFilter &filter : m_session.filters())
            filters.append(toJson(filter));
        return m_session.server()->answer(
            participant,
            SessionMessage::reply(RestartCode::Success, {},
                                  QCborMap::fromJsonObject({{u"filters"_s, filters}})));
    }
    case Operation::End:
        reply(participant, {});
        // After the answer, which goes out in the server's thread.
        QMetaObject::invokeMethod(this, &SessionHolder::ended, Qt::QueuedConnection);
        return;
    default:
        return reply(participant, restartError(RestartCode::BadArguments));
    }
}

void SessionHolder::run(int participant, std::unique_ptr<RestartTask> task)
{
    if (m_task)
        return reply(participant, restartError(RestartCode::Busy));
    m_task = std::move(task);
    connect(m_task.get(), &RestartTask::stepped, this,
            [this, participant](const RestartStep &step) {
                SessionMessage progress;
                progress.operation = Operation::Progress;
                progress.body = QCborMap::fromJsonObject({{u"phase"_s, phaseWord(step.phase)},
                                                          {u"name"_s, step.application},
                                                          {u"pid"_s, step.process.pid},
                                                          {u"percent"_s, step.percent}});
                m_session.server()->answer(participant, progress);
            });
    connect(m_task.get(), &Job::finished, this, [this, participant](const Result<> &result) {
        const RestartCode code = m_task->code();
        m_task.release()->deleteLater();
        const bool isShutdown = code == RestartCode::Success && m_session.isClear();
        if (isShutdown)
            m_session.server()->release(RestartCode::Success);
        m_session.server()->answer(
            participant, SessionMessage::reply(code, result ? QString() : result.error().message,
                                               QCborMap::fromJsonObject(listing())));
    });
    m_task->start();
}

void SessionHolder::reply(int participant, const Result<> &result)
{
    m_session.server()->answer(
        participant, result ? SessionMessage::reply(RestartCode::Success)
                            : SessionMessage::reply(restartCodeOf(result), result.error().message));
}

void SessionHolder::ownerDied()
{
    m_ownerNotifier->setEnabled(false);
    if (m_task) {
        m_task->disconnect(this);
        connect(m_task.get(), &Job::finished, this, [this] {
            m_task.release()->deleteLater();
            ownerDied();
        });
        return m_task->cancel();
    }
    if (m_session.notRestarted().isEmpty())
        return emit ended();
    m_task = m_session.restart();
    connect(m_task.get(), &Job::finished, this, &SessionHolder::ended);
    m_task->start();
}

QJsonObject SessionHolder::listing() const
{
    return toJson(m_session, m_session.applications());
}

} // namespace Entracte

#include "moc_sessionholder.cpp"
