// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"

#include "core/logging.h"
#include "restart/closingorder.h"
#include "restart/sessionrecovery.h"
#include "restart/sessionserver.h"
#include "restart/sessionstore.h"

#include <QFileInfo>
#include <QPointer>

#include <algorithm>

using namespace std::chrono_literals;

namespace Entracte {

namespace {

using Phase = RestartStep::Phase;

bool comesBefore(const AffectedApplication &a, const AffectedApplication &b)
{
    const auto key = [](const AffectedApplication &one) {
        return std::tuple(classOf(one.type), one.name.toCaseFolded(), one.process);
    };
    return key(a) < key(b);
}

bool wasClosedByUs(const AffectedApplication &application)
{
    return application.status.testFlag(ApplicationStatus::Stopped);
}

bool isMasked(const AffectedApplication &application)
{
    return application.status.testFlag(ApplicationStatus::ShutdownMasked);
}

bool isInTheWay(const AffectedApplication &application)
{
    return application.isRunning() && !isMasked(application);
}

bool awaitsRestart(const AffectedApplication &application)
{
    return wasClosedByUs(application) && !application.isRunning()
        && !application.status.testFlag(ApplicationStatus::Restarted)
        && !application.status.testFlag(ApplicationStatus::RestartMasked);
}

/// Whether \a fresh is the program of one that this session has closed: opened again by a person,
/// or by something that keeps it alive.
bool hasReappeared(const AffectedApplication &fresh, const QList<AffectedApplication> &known)
{
    return !fresh.executable.isEmpty()
        && std::any_of(known.cbegin(), known.cend(), [&fresh](const AffectedApplication &before) {
               return wasClosedByUs(before) && !before.isRunning()
                   && before.executable == fresh.executable && before.ownerUid == fresh.ownerUid;
           });
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

template <typename Predicate>
QList<AffectedApplication> filtered(const QList<AffectedApplication> &all, Predicate predicate)
{
    QList<AffectedApplication> found;
    std::copy_if(all.cbegin(), all.cend(), std::back_inserter(found), predicate);
    return found;
}

/// \a applications in groups of one class, in closing order.
QList<QList<AffectedApplication>> byClass(const QList<AffectedApplication> &applications)
{
    QMap<int, QList<AffectedApplication>> classes;
    for (const AffectedApplication &application : applications)
        classes[classOf(application.type)].append(application);
    return classes.values();
}

} // namespace

void RestartTask::finishWith(RestartCode code)
{
    m_code = code;
    finish({});
}

void RestartTask::finishWith(const Error &error)
{
    m_code = restartCodeOf(error);
    finish(error);
}

// --- list ------------------------------------------------------------------------------------

class RestartSession::ListTask : public RestartTask
{
public:
    using Look = void (RestartBackend::*)();

    ListTask(RestartSession &session, Look look)
        : m_session(session)
        , m_look(look)
    {
    }

protected:
    void doStart() override
    {
        if (!m_session.begin(this))
            return finishWith(RestartCode::Busy);
        if (m_session.m_rules == RestartRules::Windows && m_session.knowsDirectory())
            return ended(RestartCode::AccessDenied);
        emit stepped({});
        connect(m_session.m_backend.get(), &RestartBackend::listed, this,
                [this](const Result<AffectedApplications> &result) {
                    if (!result) {
                        m_session.sayTrouble(result.error());
                        m_session.end();
                        return finishWith(result.error());
                    }
                    m_session.merge(*result);
                    ended(RestartCode::Success);
                });
        (m_session.m_backend.get()->*m_look)();
    }

    void doCancel() override { m_session.m_backend->cancel(); }

private:
    void ended(RestartCode code)
    {
        m_session.end();
        finishWith(code);
    }

    RestartSession &m_session;
    const Look m_look;
};

// --- shutdown --------------------------------------------------------------------------------

/// list ─► may we? ─► query ─► take down ─► class by class: ask, watch, force ─► code
class RestartSession::ShutdownTask : public RestartTask
{
public:
    ShutdownTask(RestartSession &session, ShutdownTypes type, const QList<UniqueProcess> &forced)
        : m_session(session)
        , m_backend(*session.m_backend)
        , m_type(type)
        , m_forced(forced)
    {
    }

protected:
    void doStart() override
    {
        if (!m_session.begin(this))
            return finishWith(RestartCode::Busy);
        m_session.m_shutdownWasAttempted = true;
        if (m_session.m_rules == RestartRules::Windows && m_session.knowsDirectory())
            return ended(RestartCode::AccessDenied);
        connect(&m_backend, &RestartBackend::listed, this, &ShutdownTask::listed);
        connect(&m_backend, &RestartBackend::queryFinished, this, &ShutdownTask::queried);
        connect(&m_backend, &RestartBackend::applicationChanged, this, &ShutdownTask::changed);
        connect(&m_backend, &RestartBackend::shutdownFinished, this, &ShutdownTask::classFinished);
        emit stepped({});
        m_backend.list();
    }

    void doCancel() override
    {
        m_isCancelled = true;
        m_backend.cancel();
    }

private:
    void listed(const Result<AffectedApplications> &result)
    {
        if (!result)
            return failed(result.error());
        m_session.merge(*result);
        if (m_isCancelled)
            return failed(restartError(RestartCode::Cancelled));
        if (const RestartCode code = m_session.obstacle(); code != RestartCode::Success)
            return ended(code);

        m_targets = m_session.inTheWay();
        const auto staysAway = [this](const auto &one) { return !m_session.canComeBack(one); };
        if (m_type.testFlag(ShutdownType::OnlyRestartable)
            && std::any_of(m_targets.cbegin(), m_targets.cend(), staysAway))
            return ended(RestartCode::FailShutdown); // all or none: spec 3.11
        for (const AffectedApplication &target : std::as_const(m_targets))
            if (m_type.testFlag(ShutdownType::Force) && target.canBeForced)
                m_forced.append(target.process);
        m_backend.query(m_targets);
    }

    void queried(const Result<> &result, const QList<UniqueProcess> &refusing)
    {
        if (!result)
            return calledOff(result.error());
        for (const UniqueProcess &process : refusing)
            if (!m_forced.contains(process)) {
                m_backend.callOff();
                return ended(RestartCode::FailShutdown);
            }

        for (AffectedApplication &target : m_targets) {
            ClosedApplication closed = m_backend.takeDown(target);
            target.restartability = closed.application.restartability;
            m_session.m_launches.insert(target.process, closed.launch);
            m_session.update(closed.application);
        }
        m_classes = byClass(m_targets);
        nextClass();
    }

    void nextClass()
    {
        if (m_classes.isEmpty())
            return ended(RestartCode::Success);
        m_current = m_classes.takeFirst();
        for (const AffectedApplication &target : std::as_const(m_current))
            m_session.m_asked.insert(target.process);
        if (const Result<> saved = m_session.saveClosed(); !saved)
            return calledOff(saved.error());
        m_backend.shutdown(m_current, m_forced);
    }

    void classFinished(const Result<> &result)
    {
        if (!result)
            return calledOff(result.error());
        const bool somebodyStayed =
            std::any_of(m_current.cbegin(), m_current.cend(), [this](const auto &asked) {
                const QList<AffectedApplication> &all = m_session.m_applications;
                return std::any_of(all.cbegin(), all.cend(), [&asked](const auto &one) {
                    return one.process == asked.process && isInTheWay(one);
                });
            });
        if (somebodyStayed) {
            m_backend.callOff();
            return ended(RestartCode::FailShutdown);
        }
        nextClass();
    }

    void changed(const AffectedApplication &application)
    {
        RestartStep step;
        step.application = application.name;
        step.process = application.process;
        step.total = int(m_targets.size());
        switch (application.closing) {
        case ClosingState::Queried:
            step.phase = Phase::Querying;
            break;
        case ClosingState::Ending:
            step.phase = Phase::Forcing;
            break;
        default:
            step.phase = Phase::Closing;
        }
        if (application.closing == ClosingState::Asked && !m_askedAt.contains(application.process))
            m_askedAt.insert(application.process, m_session.m_clock->now());
        if (application.closing == ClosingState::Asked)
            step.remaining = std::max(
                0ms, m_backend.patience(application)
                         - (m_session.m_clock->now() - m_askedAt.value(application.process)));
        if (!application.isRunning())
            m_gone.insert(application.process);
        step.done = int(m_gone.size());
        step.percent = step.total == 0 ? 0 : 100 * step.done / step.total;
        emit stepped(step);
    }

    void calledOff(const Error &error)
    {
        m_backend.callOff();
        failed(error);
    }

    void failed(const Error &error)
    {
        m_session.sayTrouble(error);
        m_session.end();
        finishWith(error);
    }

    void ended(RestartCode code)
    {
        m_session.end();
        if (code == RestartCode::Success) {
            RestartStep last;
            last.phase = Phase::Closing;
            last.total = last.done = int(m_targets.size());
            last.percent = 100;
            emit stepped(last);
        }
        finishWith(code);
    }

    RestartSession &m_session;
    RestartBackend &m_backend;
    ShutdownTypes m_type;
    QList<UniqueProcess> m_forced;
    QList<AffectedApplication> m_targets;
    QList<QList<AffectedApplication>> m_classes;
    QList<AffectedApplication> m_current;
    QMap<UniqueProcess, std::chrono::milliseconds> m_askedAt;
    QSet<UniqueProcess> m_gone;
    bool m_isCancelled = false;
};

// --- restart ---------------------------------------------------------------------------------

class RestartSession::RestartingTask : public RestartTask
{
public:
    explicit RestartingTask(RestartSession &session)
        : m_session(session)
        , m_backend(*session.m_backend)
    {
    }

protected:
    void doStart() override
    {
        if (!m_session.begin(this))
            return finishWith(RestartCode::Busy);
        if (!m_session.m_shutdownWasAttempted) {
            m_session.end();
            return finishWith(RestartCode::RequestOutOfSequence);
        }
        connect(&m_backend, &RestartBackend::applicationChanged, this, &RestartingTask::changed);
        connect(&m_backend, &RestartBackend::restartFinished, this, &RestartingTask::classFinished);
        m_session.explainWhoStaysClosed();
        const QList<AffectedApplication> waiting =
            filtered(m_session.notRestarted(),
                     [this](const auto &one) { return m_session.canComeBack(one); });
        m_total = int(waiting.size());
        m_classes = byClass(waiting);
        nextClass();
    }

    void doCancel() override
    {
        m_isCancelled = true;
        m_backend.cancel();
    }

private:
    void nextClass()
    {
        if (m_isCancelled || m_classes.isEmpty())
            return ended();
        QList<ClosedApplication> closed;
        for (const AffectedApplication &application : m_classes.takeLast())
            closed.append({application, m_session.m_launches.value(application.process)});
        m_backend.restart(closed);
    }

    void changed(const AffectedApplication &application)
    {
        RestartStep step;
        step.phase = Phase::Restarting;
        step.application = application.name;
        step.process = application.process;
        step.total = m_total;
        m_done.insert(application.process);
        step.done = int(m_done.size());
        step.percent = m_total == 0 ? 0 : 100 * step.done / m_total;
        m_hasFailures |= application.status.testFlag(ApplicationStatus::ErrorOnRestart);
        m_session.saveClosedOrSay(); // who is back is not brought back by a rescuer
        emit stepped(step);
    }

    // Failures are statuses of applications; an error here would lead the caller to undo an
    // installation that succeeded (spec 1.5).
    void classFinished(const Result<> &result)
    {
        if (!result) {
            qCWarning(lcRestart) << result.error().message;
            m_session.sayTrouble(result.error());
        }
        nextClass();
    }

    void ended()
    {
        m_session.end();
        m_session.saveClosedOrSay();
        if (m_isCancelled)
            return finishWith(restartError(RestartCode::Cancelled));
        if (m_hasFailures)
            return finishWith(RestartCode::FailRestart);
        RestartStep last;
        last.phase = Phase::Restarting;
        last.total = last.done = m_total;
        last.percent = 100;
        emit stepped(last);
        finishWith(RestartCode::Success);
    }

    RestartSession &m_session;
    RestartBackend &m_backend;
    QList<QList<AffectedApplication>> m_classes;
    QSet<UniqueProcess> m_done;
    int m_total = 0;
    bool m_hasFailures = false;
    bool m_isCancelled = false;
};

// --- session ---------------------------------------------------------------------------------

RestartSession::RestartSession(std::unique_ptr<RestartBackend> backend,
                               std::shared_ptr<Clock> clock, RestartRules rules, QObject *parent)
    : QObject(parent)
    , m_backend(std::move(backend))
    , m_clock(std::move(clock))
    , m_rules(rules)
{
    connect(m_backend.get(), &RestartBackend::applicationChanged, this, &RestartSession::update);
}

RestartSession::~RestartSession()
{
    unshare();
}

Result<> RestartSession::share(SessionStore &store)
{
    Result<std::unique_ptr<StoredSession>> stored = store.create();
    if (!stored)
        return stored.error();
    Result<std::unique_ptr<SessionServer>> server =
        SessionServer::start(std::move(*stored), m_rules);
    if (!server)
        return server.error();
    m_server = std::move(*server);
    // Identities are taken as soon as this thread has a moment, at the latest when listing.
    connect(m_server.get(), &SessionServer::resourcesChanged, this, &RestartSession::absorb);
    connect(m_server.get(), &SessionServer::joined, this,
            [this](int participant) { say(sessionJoined(participant)); });
    say(sessionStarted(m_rules));
    return registerResources(m_own);
}

void RestartSession::unshare()
{
    if (!m_server)
        return;
    say(sessionEnded());
    m_server.reset();
}

QString RestartSession::key() const
{
    return m_server ? m_server->key() : QString();
}

Result<> RestartSession::registerResources(const Resources &resources)
{
    if (const Result<> valid = resources.validate(); !valid)
        return valid;
    if (m_server)
        if (const Result<> stored = m_server->registerResources(0, resources); !stored)
            return stored;
    m_own.unite(resources);
    absorb();
    return {};
}

Result<> RestartSession::unregisterResources(const Resources &resources)
{
    if (m_rules == RestartRules::Windows)
        return restartError(RestartCode::BadArguments);
    if (m_server)
        if (const Result<> stored = m_server->unregisterResources(0, resources); !stored)
            return stored;
    m_own.subtract(resources);
    absorb();
    return {};
}

Resources RestartSession::resources() const
{
    return m_server ? m_server->resources() : m_own;
}

Result<> RestartSession::addFilter(const RestartFilter &filter)
{
    const auto *executable = std::get_if<RestartFilter::Executable>(&filter.target);
    if (executable && !executable->path.startsWith(u'/'))
        return restartError(RestartCode::BadArguments);
    m_filters.removeIf([&](const RestartFilter &known) { return known.target == filter.target; });
    m_filters.append(filter);
    applyFilters();
    return {};
}

Result<> RestartSession::removeFilter(const RestartFilter::Target &target)
{
    const auto removed =
        m_filters.removeIf([&](const RestartFilter &known) { return known.target == target; });
    applyFilters();
    return removed == 0 ? Result<>(restartError(RestartCode::FileNotFound)) : Result<>();
}

std::unique_ptr<RestartTask> RestartSession::list()
{
    return std::make_unique<ListTask>(*this, &RestartBackend::list);
}

std::unique_ptr<RestartTask> RestartSession::refresh()
{
    return std::make_unique<ListTask>(*this, &RestartBackend::refresh);
}

std::unique_ptr<RestartTask> RestartSession::shutdown(ShutdownTypes type,
                                                      const QList<UniqueProcess> &forced)
{
    return std::make_unique<ShutdownTask>(*this, type, forced);
}

std::unique_ptr<SessionRecovery>
RestartSession::recover(std::vector<std::unique_ptr<AbandonedSession>> sessions,
                        std::chrono::milliseconds patience)
{
    return std::make_unique<SessionRecovery>(std::move(sessions), *m_backend, m_clock, patience);
}

void RestartSession::showQuestion(const UniqueProcess &process)
{
    for (const AffectedApplication &application : std::as_const(m_applications))
        if (application.process == process)
            m_backend->showQuestion(application);
}

std::unique_ptr<RestartTask> RestartSession::restart()
{
    return std::make_unique<RestartingTask>(*this);
}

QList<AffectedApplication> RestartSession::inTheWay() const
{
    return filtered(m_applications, isInTheWay);
}

QStringList RestartSession::contestedFiles() const
{
    QStringList files = resources().files;
    files.removeIf([this](const QString &file) { return m_ubiquitousFiles.contains(file); });
    return files;
}

QList<AffectedApplication> RestartSession::notRestarted() const
{
    return filtered(m_applications, [this](const AffectedApplication &application) {
        return awaitsRestart(application)
            && (m_rules == RestartRules::Native || canComeBack(application));
    });
}

// Under Windows rules only who said how, ran as the caller's user, or is a service comes back
// (spec 3.12).
bool RestartSession::canComeBack(const AffectedApplication &application) const
{
    if (m_rules == RestartRules::Native)
        return application.restartability != Restartability::Cannot;
    return application.type == ApplicationType::Service
        || (application.restartability == Restartability::Registered && !application.isForeign);
}

// The Windows event 10010: an administrator must be able to find out.
void RestartSession::explainWhoStaysClosed()
{
    for (const AffectedApplication &application : m_applications) {
        if (!awaitsRestart(application) || canComeBack(application))
            continue;
        QString why = application.reason;
        if (m_rules == RestartRules::Windows)
            why = application.isForeign ? QStringLiteral("it belongs to another user")
                                        : QStringLiteral("it did not register for restart");
        qCInfo(lcRestart).noquote()
            << application.name << application.process.pid << "is not started again:" << why;
        say(applicationStaysClosed(application, why));
    }
}

void RestartSession::say(const RestartEvent &event)
{
    emit happened(m_server ? withSession(event, m_server->id()) : event);
}

void RestartSession::sayTrouble(const Error &error)
{
    if (restartCodeOf(error) != RestartCode::Cancelled)
        say(trouble(error));
}

bool RestartSession::begin(RestartTask *task)
{
    if (m_running)
        return false;
    m_running = task;
    connect(task, &QObject::destroyed, this, [this, task] {
        if (m_running == task)
            m_running = nullptr;
    });
    absorb();
    return true;
}

void RestartSession::end()
{
    // A task that is over hears nothing of the next one's.
    m_backend->disconnect(m_running);
    m_running = nullptr;
}

void RestartSession::absorb()
{
    const Resources all = resources();
    if (all == m_absorbed)
        return;
    Resources gone = m_absorbed;
    gone.subtract(all);
    Resources come = all;
    come.subtract(m_absorbed);
    m_backend->removeResources(gone);
    m_backend->addResources(come);
    m_absorbed = all;
    if (!come.isEmpty())
        say(resourcesRegistered(come));
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
    for (AffectedApplication &newcomer : fresh) {
        if (newcomer.reason.isEmpty() && hasReappeared(newcomer, m_applications))
            newcomer.reason =
                tr("Was opened again after it had been closed.", "state of an application");
        say(applicationFound(newcomer));
    }
    merged += fresh;
    std::stable_sort(merged.begin(), merged.end(), comesBefore);

    if (listed.rebootReasons && listed.rebootReasons != m_rebootReasons)
        say(restartNeeded(listed.rebootReasons));
    m_applications = merged;
    m_rebootReasons = listed.rebootReasons;
    m_processesNotInspected = listed.processesNotInspected;
    m_unattributedFiles = listed.unattributedFiles;
    m_ubiquitousFiles = listed.ubiquitousFiles;
    m_advisedLevel = listed.advisedLevel;
    applyFilters();
    emit applicationsChanged();
}

void RestartSession::update(const AffectedApplication &application)
{
    const auto known = std::find_if(
        m_applications.begin(), m_applications.end(),
        [&application](const auto &candidate) { return candidate.process == application.process; });
    if (known == m_applications.end() || *known == application)
        return;
    const QList<RestartEvent> events = eventsBetween(*known, application);
    *known = application;
    emit applicationsChanged();
    for (const RestartEvent &event : events)
        say(event);
}

void RestartSession::applyFilters()
{
    bool changed = false;
    for (AffectedApplication &application : m_applications) {
        const ApplicationStatuses before = application.status;
        application.status.setFlag(ApplicationStatus::ShutdownMasked, false);
        application.status.setFlag(ApplicationStatus::RestartMasked, false);
        for (const RestartFilter &filter : std::as_const(m_filters))
            if (filter.appliesTo(application))
                application.status |= filter.action == FilterAction::NoShutdown
                                        ? ApplicationStatus::ShutdownMasked
                                        : ApplicationStatus::RestartMasked;
        changed |= application.status != before;
    }
    if (changed)
        emit applicationsChanged();
}

bool RestartSession::knowsDirectory() const
{
    return std::any_of(m_absorbed.files.cbegin(), m_absorbed.files.cend(),
                       [](const QString &file) { return QFileInfo(file).isDir(); });
}

// What may have to be brought back if we die: written before the first request to close.
Result<> RestartSession::saveClosed()
{
    if (!m_server || m_leavesClosed)
        return {};
    QList<ClosedApplication> closed;
    for (const AffectedApplication &application : std::as_const(m_applications)) {
        const bool isBack = application.status.testFlag(ApplicationStatus::Restarted);
        if (m_launches.contains(application.process) && !isBack && canComeBack(application))
            closed.append({application, m_launches.value(application.process),
                           m_asked.contains(application.process)});
    }
    return m_server->saveClosed(closed);
}

void RestartSession::saveClosedOrSay()
{
    if (const Result<> saved = saveClosed(); !saved)
        qCWarning(lcRestart) << saved.error().message;
}

RestartCode RestartSession::obstacle() const
{
    if (m_rules == RestartRules::Windows)
        return m_rebootReasons ? RestartCode::FailNoActionReboot : RestartCode::Success;
    const bool isBlocked =
        std::any_of(m_applications.cbegin(), m_applications.cend(),
                    [](const auto &one) { return isInTheWay(one) && one.isCritical(); });
    return isBlocked ? RestartCode::FailNoActionReboot : RestartCode::Success;
}

} // namespace Entracte

#include "moc_restartsession.cpp"
