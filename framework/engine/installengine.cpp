// SPDX-License-Identifier: MIT
#include "engine/installengine.h"

#include "core/logging.h"
#include "core/workerjob.h"
#include "engine/takeupdeferred.h"
#include "guardian/nextstart.h"
#include "payload/payloadextractor.h"
#include "payload/payloadsurvey.h"
#include "plan/planner.h"
#include "restart/affectedapplicationmodel.h"
#include "restart/restartsession.h"
#include "restart/sessionmember.h"
#include "restart/sessionrecovery.h"
#include "restart/sessionserver.h"
#include "restart/sessionstore.h"
#include "transaction/deferredversion.h"
#include "transaction/transaction.h"

#include <QDirIterator>
#include <QFutureWatcher>
#include <QLocale>

#include <algorithm>

using namespace std::chrono_literals;

namespace Entracte {

static constexpr auto refreshInterval = 1500ms;

static QString targetOf(const InstallOptions &options, const Manifest &manifest)
{
    return options.targetDirectory.isEmpty() ? manifest.targetDirectory : options.targetDirectory;
}

static QStringList filesIn(const QString &tree)
{
    QStringList files;
    QDirIterator found(tree, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (found.hasNext())
        files.append(found.next());
    return files;
}

static QStringList backupsIn(const InstallPlan &plan)
{
    QStringList backups;
    for (const Operation &operation : plan.operations)
        if (const auto *backup = std::get_if<BackUpFile>(&operation))
            backups.append(plan.targetDirectory + u'/' + backup->backupPath);
    return backups;
}

/// Calls \a handler with the answer, or with nothing if whoever was asked died; never if \a owner
/// is gone. (QFuture::then with a context asserts in Qt 6.4 when the context dies first.)
template <typename Answer>
static void whenAnswered(const QFuture<Answer> &future,
                         std::function<void(std::optional<Answer>)> handler, QObject *owner)
{
    auto *watcher = new QFutureWatcher<Answer>(owner);
    QObject::connect(watcher, &QFutureWatcherBase::finished, owner,
                     [watcher, handler = std::move(handler)] {
                         watcher->deleteLater();
                         const bool isAnswered = watcher->future().resultCount() > 0;
                         handler(isAnswered ? std::optional(watcher->result()) : std::nullopt);
                     });
    watcher->setFuture(future);
}

InstallEngine::Ports InstallEngine::Ports::real(const Guardian::Starter &startGuardian)
{
    auto clock = std::make_shared<SystemClock>();
    const QString key = qEnvironmentVariable(SessionMember::keyVariable);
    qunsetenv(SessionMember::keyVariable);
    return {createRestartBackend(clock),
            clock,
            createSessionStore(clock),
            key,
            startGuardian,
            createSystemRestart(),
            createReopening(clock),
            createEventLog(),
            createLogOut()};
}

InstallEngine::InstallEngine(const Manifest &manifest, UiDelegate &ui, Ports ports, QObject *parent)
    : QObject(parent)
    , m_manifest(manifest)
    , m_ui(ui)
    , m_clock(ports.clock)
    , m_sessionStore(std::move(ports.sessionStore))
    , m_sessionKey(ports.sessionKey)
    , m_systemRestart(std::move(ports.systemRestart))
    , m_reopening(std::move(ports.reopening))
    , m_logOut(std::move(ports.logOut))
    , m_eventLog(std::move(ports.eventLog))
    , m_session(std::make_unique<RestartSession>(std::move(ports.restartBackend), ports.clock))
    , m_model(std::make_unique<AffectedApplicationModel>(m_session.get()))
    , m_startGuardian(std::move(ports.startGuardian))
{
    connect(m_session.get(), &RestartSession::happened, this, &InstallEngine::keep);
    if (m_systemRestart)
        connect(m_systemRestart.get(), &SystemRestart::happened, this, &InstallEngine::keep);
}

InstallEngine::~InstallEngine() = default;

void InstallEngine::start(const InstallOptions &options)
{
    Q_ASSERT(m_state == State::Ready);
    m_options = options;
    m_error.reset();
    m_outcome = {};
    m_policyRounds = 0;
    m_continueWithoutClosing = false;
    m_listIsFresh = false;
    m_swapRefusal.reset();
    m_isDeferred = false;
    m_cancelRequested = false;
    m_timedOut = false;
    if (!bringsBack())
        m_session->leaveClosed();
    m_session->setServiceLimit(options.serviceTimeout.value_or(m_manifest.serviceTimeout));
    enter(State::Detecting);
}

void InstallEngine::enter(State state)
{
    qCInfo(lcEngine) << state;
    m_state = state;
    keepSystemUp();
    emit stateChanged(state);

    switch (state) {
    case State::Ready:
        return;
    case State::Detecting:
        return detect();
    case State::Planning:
        return planAndList();
    case State::Reviewing:
        return review();
    case State::Extracting:
        return extract();
    case State::CheckingFilesInUse:
        if (m_membership)
            return enter(State::AwaitingPrimary);
        return run(m_session->list(), &InstallEngine::decide);
    case State::AwaitingDecision:
        return ask();
    case State::AwaitingPrimary:
        return awaitPrimary();
    case State::RunningChain:
        return runChain();
    case State::ShuttingDown:
        return run(m_session->shutdown(m_shutdownType, m_forced), &InstallEngine::lookAgain);
    case State::Committing:
        return commit();
    case State::Deferring:
        return defer();
    case State::RollingBack:
        return rollBack();
    case State::Relaunching:
        return relaunch();
    case State::Succeeded:
    case State::Deferred:
    case State::Failed:
    case State::Cancelled:
        emit finished(m_outcome);
    }
}

// While files are written, and while what was closed is not back; never while people think.
void InstallEngine::keepSystemUp()
{
    if (!m_systemRestart)
        return;
    switch (m_state) {
    case State::Extracting:
    case State::RunningChain:
    case State::Committing:
    case State::Deferring:
    case State::RollingBack:
    case State::Relaunching:
        return m_systemRestart->forbid(
            tr("%1 is being installed.", "why the system must not go down")
                .arg(m_manifest.product.name));
    default:
        m_systemRestart->allow();
    }
}

void InstallEngine::keep(const RestartEvent &event)
{
    if (m_eventLog)
        m_eventLog->write(event);
    emit happened(event);
}

void InstallEngine::run(std::unique_ptr<Job> job, Next next)
{
    run(std::move(job), next, &InstallEngine::fail);
}

void InstallEngine::run(std::unique_ptr<Job> job, Next next, Else otherwise)
{
    m_job = std::move(job);
    connect(m_job.get(), &Job::finished, this, [this, next, otherwise](const Result<> &result) {
        m_job.release()->deleteLater();
        if (m_cancelRequested && canCancel())
            return fail(cancelledByPerson());
        if (!result)
            return (this->*otherwise)(result.error());
        (this->*next)();
    });
    m_job->start();
}

void InstallEngine::showQuestion(const UniqueProcess &process)
{
    if (m_session)
        m_session->showQuestion(process);
}

void InstallEngine::cancel()
{
    if (!canCancel())
        return;
    m_cancelRequested = true;
    if (m_job)
        return m_job->cancel();
    if (m_state == State::Extracting && m_extractor && !m_extractor->isPaused())
        return m_extractor->cancel();
    fail(cancelledByPerson());
}

bool InstallEngine::canCancel() const
{
    switch (m_state) {
    case State::Detecting:
    case State::Planning:
    case State::Reviewing:
    case State::Extracting:
    case State::CheckingFilesInUse:
    case State::AwaitingDecision:
    case State::AwaitingPrimary:
    case State::ShuttingDown:
        return true;
    case State::Ready:
    case State::RunningChain:
    case State::Committing:
    case State::Deferring:
    case State::RollingBack:
    case State::Relaunching:
    case State::Succeeded:
    case State::Deferred:
    case State::Failed:
    case State::Cancelled:
        return false;
    }
    Q_UNREACHABLE();
}

bool InstallEngine::canDefer() const
{
    return m_plan.isUpdate && !m_membership && !m_chain && m_extractor
        && m_extractor->transaction() != nullptr;
}

void InstallEngine::detect()
{
    m_survey = std::make_shared<PayloadSurvey>();
    m_notes = std::make_shared<QStringList>();
    run(std::make_unique<WorkerJob>(
            [manifest = m_manifest, target = targetOf(m_options, m_manifest), survey = m_survey,
             session = m_session.get(), notes = m_notes](WorkerJob::Context &context) -> Result<> {
                if (const Result<> recovered = Transaction::recover(target); !recovered)
                    return recovered;
                if (const Result<> looked = takeUpDeferred(target, *session, *notes); !looked)
                    return looked;
                Result<PayloadSurvey> taken = PayloadSurvey::take(manifest, target, context);
                if (!taken)
                    return taken.error();
                *survey = std::move(*taken);
                return {};
            }),
        &InstallEngine::bringBackOthers);
}

// An installer and its guardian were killed together: what they closed comes back now. A look that
// fails is no reason not to install.
void InstallEngine::bringBackOthers()
{
    for (const QString &note : std::as_const(*m_notes))
        emit noted(note);
    Result<SessionStore::AbandonedSessions> sessions =
        m_sessionStore ? m_sessionStore->abandoned() : SessionStore::AbandonedSessions();
    if (!sessions)
        emit noted(sessions.error().message);
    if (!sessions || sessions->empty() || !bringsBack())
        return toPlanning();
    std::unique_ptr<SessionRecovery> recovery = m_session->recover(*std::move(sessions), 0ms);
    connect(recovery.get(), &SessionRecovery::happened, this, &InstallEngine::keep);
    connect(recovery.get(), &SessionRecovery::applicationChanged, this, [this](const auto &one) {
        if (one.status.testFlag(ApplicationStatus::Restarted))
            emit noted(tr("%1 was left closed by an installation that was interrupted; it is open "
                          "again.",
                          "log")
                           .arg(one.name));
    });
    run(std::move(recovery), &InstallEngine::toPlanning);
}

void InstallEngine::planAndList()
{
    const Selection selection{targetOf(m_options, m_manifest), m_options.allowDowngrade};
    Result<InstallPlan> plan =
        Planner::plan(m_manifest, selection, m_survey->installed, m_survey->entries);
    if (!plan)
        return fail(plan.error());
    m_plan = std::move(*plan);

    if (!m_sessionKey.isEmpty() && m_sessionStore)
        return join();
    listOurselves();
}

// A secondary only adds what it will replace; the primary asks, closes and brings back (spec 4.2).
void InstallEngine::join()
{
    if (m_membership)
        return registerWithPrimary();
    m_membership = std::make_unique<SessionMember>(*m_sessionStore, m_clock);
    run(m_membership->join(m_sessionKey), &InstallEngine::registerWithPrimary,
        &InstallEngine::goAlone);
}

void InstallEngine::registerWithPrimary()
{
    run(m_membership->registerResources({m_plan.filesInTheWay, {}, {}}),
        &InstallEngine::toReviewing, &InstallEngine::goAlone);
}

// Failing to join must never fail the installation (spec 25).
void InstallEngine::goAlone(const Error &error)
{
    m_membership.reset();
    m_sessionKey.clear();
    emit noted(tr("The installation that started this one cannot be joined: %1 "
                  "It goes on by itself.",
                  "log; %1 is a sentence")
                   .arg(error.message));
    listOurselves();
}

void InstallEngine::listOurselves()
{
    // So that others may join, and that what we close can be brought back if we are killed.
    if (m_sessionStore && !m_session->isShared())
        shareSession();
    // A plan may be made again for another target: what the former one registered goes.
    if (const Result<> forgotten = m_session->unregisterResources(m_session->ownResources());
        !forgotten)
        return fail(forgotten.error());
    if (const Result<> registered = m_session->registerFiles(m_plan.filesInTheWay); !registered)
        return fail(registered.error());
    run(m_session->list(),
        m_state == State::Planning ? &InstallEngine::toReviewing : &InstallEngine::lookAgain);
}

void InstallEngine::shareSession()
{
    if (const Result<> shared = m_session->share(*m_sessionStore); !shared)
        return emit noted(shared.error().message);
    // A secondary that goes alone has its guardian already.
    if (m_guardian && *m_guardian)
        if (const Result<> guarded = (*m_guardian)->guardSession(m_session->server()->id());
            !guarded)
            emit noted(guarded.error().message);
}

void InstallEngine::review()
{
    const InstallReview review{m_plan, m_survey->installed.receipt.version,
                               int(m_session->inTheWay().size())};
    whenAnswered<ReviewDecision>(
        m_ui.review(review),
        [this](std::optional<ReviewDecision> decision) {
            if (m_state != State::Reviewing)
                return; // cancelled meanwhile
            switch (decision.value_or(ReviewDecision::Cancel)) {
            case ReviewDecision::Install:
                return enter(State::Extracting);
            case ReviewDecision::Revise:
                return enter(State::Ready);
            case ReviewDecision::Cancel:
                return fail(cancelledByPerson());
            }
        },
        this);
}

void InstallEngine::extract()
{
    if (m_extractor)
        return probe(); // second entry: everything is staged, nobody is in the way
    if (!m_startGuardian)
        return startExtraction();
    m_guardian = std::make_shared<std::unique_ptr<Guardian>>();
    run(std::make_unique<WorkerJob>([start = m_startGuardian, guardian = m_guardian,
                                     target = m_plan.targetDirectory](WorkerJob::Context &) {
            Result<std::unique_ptr<Guardian>> started = start();
            if (!started)
                return Result<>(started.error());
            *guardian = *std::move(started);
            return (*guardian)->guardTarget(target);
        }),
        &InstallEngine::guardSession);
}

// A secondary has no session of its own: the primary's guardian brings back what that closed.
void InstallEngine::guardSession()
{
    if (m_session->isShared())
        if (const Result<> guarded = (*m_guardian)->guardSession(m_session->server()->id());
            !guarded)
            return fail(guarded.error());
    startExtraction();
}

void InstallEngine::startExtraction()
{
    startChain();
    m_extractor = std::make_unique<PayloadExtractor>(m_plan, m_survey->archives, m_clock);
    connect(m_extractor.get(), &PayloadExtractor::noted, this, &InstallEngine::noted);
    connect(m_extractor.get(), &Job::progressChanged, this, &InstallEngine::progressChanged);
    connect(m_extractor.get(), &PayloadExtractor::paused, this, &InstallEngine::staged);
    connect(m_extractor.get(), &Job::finished, this, [this](const Result<> &result) {
        if (m_state != State::Extracting)
            return; // RollingBack ended it
        if (!result)
            return fail(m_cancelRequested ? cancelledByPerson() : result.error());
        enter(State::Committing);
    });
    m_extractor->start();
}

// Somebody may have come since the list was made: asked once more, quickly, just before the swap.
void InstallEngine::probe()
{
    if (m_membership || m_continueWithoutClosing || std::exchange(m_listIsFresh, false))
        return resume();
    m_occupancy = std::make_shared<RestartBackend::Occupancy>(RestartBackend::Occupancy::Free);
    run(std::make_unique<WorkerJob>([session = m_session.get(), occupancy = m_occupancy,
                                     files = m_session->contestedFiles()](WorkerJob::Context &) {
            *occupancy = session->probe(files);
            return Result<>();
        }),
        &InstallEngine::probed);
}

void InstallEngine::probed()
{
    if (*m_occupancy == RestartBackend::Occupancy::Free)
        return resume();
    m_listIsFresh = true;
    enter(State::CheckingFilesInUse);
}

void InstallEngine::resume()
{
    // Not paused any more when a swap file by file came back because of a file in use.
    m_extractor->isPaused() ? m_extractor->resume() : enter(State::Committing);
}

// The others prepare while we do; all are asked about together.
void InstallEngine::startChain()
{
    if (m_manifest.chain.isEmpty())
        return;
    m_chain = std::make_unique<InstallerChain>(m_manifest.chain, m_session->server());
    connect(m_chain.get(), &InstallerChain::ready, this, &InstallEngine::staged);
    connect(m_chain.get(), &InstallerChain::finished, this, &InstallEngine::chainEnded);
    m_chain->start();
}

void InstallEngine::staged()
{
    const bool isStaged = m_extractor && m_extractor->isPaused();
    const bool othersAreReady = !m_chain || m_chain->isReady();
    if (m_state == State::Extracting && isStaged && othersAreReady)
        enter(State::CheckingFilesInUse);
}

void InstallEngine::awaitPrimary()
{
    run(m_membership->awaitShutdown(), &InstallEngine::resumeExtraction,
        &InstallEngine::primaryEnded);
}

// The primary gave up, and so do we; or it died, and we ask for ourselves.
void InstallEngine::primaryEnded(const Error &error)
{
    if (restartCodeOf(error) == RestartCode::Cancelled)
        return fail(Error{ErrorCode::Cancelled, cancelledByPerson().message});
    goAlone(error);
}

void InstallEngine::runChain()
{
    m_chain->proceed();
}

void InstallEngine::chainEnded()
{
    m_outcome.chained = m_chain->outcomes();
    for (const ChainedOutcome &outcome : std::as_const(m_outcome.chained))
        if (!outcome.isInstalled())
            emit noted(outcome.problem);
    if (m_state == State::RollingBack)
        return rollBack();
    for (const ChainedOutcome &outcome : std::as_const(m_outcome.chained))
        if (outcome.required && !outcome.isInstalled())
            return fail({ErrorCode::PrerequisiteMissing, outcome.problem});
    m_listIsFresh = false;
    resumeExtraction();
}

void InstallEngine::resumeExtraction()
{
    enter(State::Extracting);
}

void InstallEngine::decide()
{
    m_outcome.advisedLevel = m_session->advisedLevel();
    const std::optional<Error> refusal = std::exchange(m_swapRefusal, std::nullopt);
    if (refusal && m_session->isClear())
        return fail(*refusal); // by nobody who could be asked: to try again would be for ever
    if (m_session->isClear() || m_continueWithoutClosing)
        return toExtracting();

    const InUsePolicy policy = m_options.effectivePolicy(m_manifest);
    switch (policy) {
    case InUsePolicy::Ask:
        return enter(State::AwaitingDecision);
    case InUsePolicy::Skip:
        return apply({FilesInUseDecision::ContinueWithoutClosing, {}, true});
    case InUsePolicy::Defer:
        return apply(
            {canDefer() ? FilesInUseDecision::Defer : FilesInUseDecision::Cancel, {}, true});
    case InUsePolicy::Fail:
        return apply({FilesInUseDecision::Cancel, {}, true});
    case InUsePolicy::Close:
    case InUsePolicy::Force:
        if (!mayAskSilently() || mayNotCloseSilently(policy))
            return apply({FilesInUseDecision::Cancel, {}, true});
        ++m_policyRounds;
        startTimeout();
        m_shutdownType =
            policy == InUsePolicy::Force ? ShutdownType::Force : ShutdownType::Graceful;
        m_forced.clear();
        return enter(State::ShuttingDown);
    }
}

// Once; and once more those who came, or came back, meanwhile, but never who has refused. Something
// that always comes back would be for ever.
bool InstallEngine::mayAskSilently() const
{
    const QList<AffectedApplication> inTheWay = m_session->inTheWay();
    const bool haveRefused =
        std::any_of(inTheWay.cbegin(), inTheWay.cend(), [](const auto &application) {
            return application.status.testFlag(ApplicationStatus::ErrorOnStop);
        });
    return m_policyRounds == 0 || (m_policyRounds == 1 && !haveRefused);
}

// Promise 1 of the design: what cannot come back is never closed by a silent policy but force.
bool InstallEngine::mayNotCloseSilently(InUsePolicy policy) const
{
    const QList<AffectedApplication> inTheWay = m_session->inTheWay();
    return std::any_of(inTheWay.cbegin(), inTheWay.cend(), [policy](const auto &application) {
        return application.isCritical()
            || (policy != InUsePolicy::Force
                && application.restartability == Restartability::Cannot);
    });
}

void InstallEngine::startTimeout()
{
    if (!m_options.inUseTimeout)
        return;
    m_clock->callAfter(*m_options.inUseTimeout, this, [this] {
        if (m_state != State::ShuttingDown && m_state != State::AwaitingDecision)
            return;
        m_timedOut = true;
        cancel();
    });
}

void InstallEngine::ask()
{
    startTimeout();
    refreshLater();
    whenAnswered<FilesInUseAnswer>(
        m_ui.askFilesInUse(*m_model),
        [this](const std::optional<FilesInUseAnswer> &answer) {
            answered(answer.value_or(FilesInUseAnswer()));
        },
        this);
}

void InstallEngine::answered(const FilesInUseAnswer &answer)
{
    if (m_state != State::AwaitingDecision)
        return; // cancelled meanwhile
    if (m_job)
        m_answer = answer; // the look that is under way ends first
    else
        apply(answer);
}

// People close programs by hand while the question is on the screen: the list stays true.
void InstallEngine::refreshLater()
{
    m_clock->callAfter(refreshInterval, this, [this] {
        if (m_state == State::AwaitingDecision && !m_job)
            run(m_session->list(), &InstallEngine::refreshed);
    });
}

void InstallEngine::refreshed()
{
    if (m_answer)
        return apply(*std::exchange(m_answer, std::nullopt));
    refreshLater();
}

void InstallEngine::apply(const FilesInUseAnswer &answer)
{
    m_forced = answer.forced;
    m_shutdownType = ShutdownType::Graceful;

    switch (answer.decision) {
    case FilesInUseDecision::CloseApplications:
    case FilesInUseDecision::ForceClose:
        return enter(State::ShuttingDown);
    case FilesInUseDecision::ContinueWithoutClosing:
        m_continueWithoutClosing = true;
        m_outcome.keptOldVersion = m_session->inTheWay();
        for (const AffectedApplication &application : std::as_const(m_outcome.keptOldVersion))
            m_outcome.advisedLevel = std::max(m_outcome.advisedLevel, application.requiredLevel);
        return toExtracting();
    case FilesInUseDecision::Defer:
        return canDefer() ? enter(State::Deferring) : fail(cancelledByPerson());
    case FilesInUseDecision::Retry:
        return enter(State::CheckingFilesInUse);
    case FilesInUseDecision::Cancel:
        return fail(answer.byPolicy ? filesInUse() : cancelledByPerson());
    }
}

void InstallEngine::commit()
{
    run(std::make_unique<WorkerJob>([transaction = m_extractor->transaction()](
                                        WorkerJob::Context &) { return transaction->commit(); }),
        &InstallEngine::toRelaunching, &InstallEngine::notCommitted);
}

// A file that came into use leads back into the same loop; nothing has changed.
void InstallEngine::notCommitted(const Error &error)
{
    if (error.code != ErrorCode::FilesInUse || m_continueWithoutClosing || m_membership)
        return fail(error);
    m_swapRefusal = error;
    enter(State::CheckingFilesInUse);
}

// Who finds the guardian dead, or never had one, is served by the next start.
void InstallEngine::defer()
{
    run(std::make_unique<WorkerJob>([transaction = m_extractor->transaction()](
                                        WorkerJob::Context &) { return transaction->defer(); }),
        &InstallEngine::arrangeNextStart);
}

void InstallEngine::arrangeNextStart()
{
    m_isDeferred = true;
    if (!m_guardian || !*m_guardian)
        return toRelaunching();
    if (const Result<> told = (*m_guardian)->seeThrough(m_plan.targetDirectory); !told)
        emit noted(told.error().message);
    run(std::make_unique<WorkerJob>([target = m_plan.targetDirectory,
                                     name = m_manifest.product.name](WorkerJob::Context &) {
            return NextStart::arrange(target, name);
        }),
        &InstallEngine::toRelaunching, &InstallEngine::noteAndRelaunch);
}

// The guardian waits; only what comes after it was not arranged.
void InstallEngine::noteAndRelaunch(const Error &error)
{
    emit noted(error.message);
    toRelaunching();
}

void InstallEngine::rollBack()
{
    if (m_chain && !m_chain->isFinished())
        return m_chain->stop(); // and again when they have ended
    const std::shared_ptr<Transaction> transaction =
        m_extractor ? m_extractor->transaction() : nullptr;
    if (!transaction)
        return enter(State::Relaunching);

    run(std::make_unique<WorkerJob>(
            [transaction](WorkerJob::Context &) { return transaction->rollBack(); }),
        &InstallEngine::toRelaunching);
}

void InstallEngine::relaunch()
{
    if (!bringsBack() || m_session->notRestarted().isEmpty())
        return tidyUp();
    run(m_session->restart(), &InstallEngine::tidyUp);
}

// Only now is there no way back: the old version goes, unless somebody still runs it.
void InstallEngine::tidyUp()
{
    if (m_error || m_isDeferred || !m_extractor || !m_extractor->transaction())
        return conclude();
    const auto oldVersion = m_outcome.keptOldVersion.isEmpty() ? Transaction::OldVersion::Remove
                                                               : Transaction::OldVersion::Keep;
    run(std::make_unique<WorkerJob>([transaction = m_extractor->transaction(), oldVersion,
                                     session = m_session.get(),
                                     target = m_plan.targetDirectory](WorkerJob::Context &) {
            const QStringList trees = Transaction::keptTrees(target);
            const bool anotherWaited = DeferredVersion::isPresent(target);
            const Result<> closed = transaction->close(oldVersion);
            if (anotherWaited && !DeferredVersion::isPresent(target))
                (void)NextStart::forget(target); // else it finds nothing, and forgets itself
            for (const QString &tree : trees) {
                if (closed && session->probe(filesIn(tree)) == RestartBackend::Occupancy::Free)
                    (void)Transaction::removeKeptTree(tree);
            }
            return closed;
        }),
        &InstallEngine::conclude, &InstallEngine::noteAndConclude);
}

// The new version is in place: what is left behind is for the next run.
void InstallEngine::noteAndConclude(const Error &error)
{
    emit noted(error.message);
    conclude();
}

// The first thing that went wrong decides how the installation ends; what follows only adds that
// the old version could not be restored.
void InstallEngine::fail(const Error &error)
{
    qCInfo(lcEngine) << error.message;
    const bool whileUndoing = m_state == State::RollingBack;
    if (!m_error || error.code == ErrorCode::RollbackIncomplete)
        m_error = error;
    else if (whileUndoing)
        m_error = Error{ErrorCode::RollbackIncomplete, error.message};

    const bool nothingWasTouched =
        m_state == State::Detecting || m_state == State::Planning || m_state == State::Reviewing;
    if (nothingWasTouched || m_state == State::Relaunching)
        return conclude();
    enter(whileUndoing ? State::Relaunching : State::RollingBack);
}

void InstallEngine::conclude()
{
    for (const AffectedApplication &application : m_session->applications())
        if (application.status.testFlag(ApplicationStatus::Restarted))
            m_outcome.reopened.append(application);
    if (bringsBack())
        m_outcome.notReopened = m_session->notRestarted();

    // The applications are back. The session goes before the guardian does, and not only when the
    // last page is closed: what somebody closes from now on is not to be opened by the next start.
    // Files that could not be restored are left to the guardian, and after it to that start.
    const QString session = m_session->isShared() ? m_session->server()->id() : QString();
    m_chain.reset();
    m_session->unshare();
    if (m_guardian && *m_guardian) {
        const bool hasToStay =
            m_isDeferred || (m_error && m_error->code == ErrorCode::RollbackIncomplete);
        if (!hasToStay)
            (*m_guardian)->dismiss();
        else if (!session.isEmpty())
            (*m_guardian)->releaseSession(session);
    }
    m_guardian.reset();
    m_outcome.rebootReasons = m_session->rebootReasons();
    if (m_error)
        return concludeWithError();
    m_isDeferred ? concludeDeferred() : concludeWithSuccess();
}

void InstallEngine::concludeWithError()
{
    m_outcome.message = m_error->message;
    m_outcome.keptOldVersion.clear();
    m_outcome.advisedLevel = RestartLevel::None;
    m_outcome.exitCode = exitCodeFor(m_error->code);
    const bool somebodyWasClosed =
        !m_outcome.reopened.isEmpty() || !m_outcome.notReopened.isEmpty();
    if (m_error->code == ErrorCode::Cancelled && somebodyWasClosed)
        m_outcome.exitCode = ExitCode::CancelledRolledBack;
    enter(m_error->code == ErrorCode::Cancelled ? State::Cancelled : State::Failed);
}

void InstallEngine::concludeDeferred()
{
    QStringList names;
    for (const AffectedApplication &application : m_session->inTheWay())
        names.append(application.name);
    m_outcome.advisedLevel = RestartLevel::None;
    m_outcome.message =
        tr("Version %1 of %2 will be put in place when its files are no longer in use by %3, or at "
           "the next start.",
           "outcome; %3: applications")
            .arg(m_manifest.product.version.toString(), m_manifest.product.name,
                 QLocale().createSeparatedList(names));
    m_outcome.exitCode =
        m_outcome.notReopened.isEmpty() ? ExitCode::Deferred : ExitCode::DoneSomeNotReopened;
    enter(State::Deferred);
}

QString InstallOutcome::advice() const
{
    switch (advisedLevel) {
    case RestartLevel::None:
    case RestartLevel::Application:
        break;
    case RestartLevel::Session:
        return InstallEngine::tr("Log out and in again, so that the new version is used "
                                 "everywhere.",
                                 "outcome");
    case RestartLevel::SoftReboot:
    case RestartLevel::Reboot:
        return InstallEngine::tr("Restart the computer, so that the new version is used "
                                 "everywhere.",
                                 "outcome");
    }
    return {};
}

void InstallEngine::concludeWithSuccess()
{
    const InstallPlan &plan = m_extractor->plan();
    m_outcome.backups = backupsIn(plan);
    for (auto kept = plan.edited.cbegin(); kept != plan.edited.cend(); ++kept) {
        if (kept.key() != kept.value())
            emit noted(tr("The edited file “%1” was kept; the new one is “%2”.", "log")
                           .arg(kept.key(), kept.value()));
    }
    m_outcome.message = m_plan.isUpdate ? tr("%1 was updated to version %2.", "outcome")
                                        : tr("%1 %2 was installed.", "outcome");
    m_outcome.message =
        m_outcome.message.arg(m_manifest.product.name, m_manifest.product.version.toString());
    if (!m_outcome.notReopened.isEmpty())
        m_outcome.exitCode = ExitCode::DoneSomeNotReopened;
    else if (!m_outcome.keptOldVersion.isEmpty() || !m_outcome.advice().isEmpty())
        m_outcome.exitCode = ExitCode::DoneRestartNeeded;
    enter(State::Succeeded);
}

bool InstallEngine::bringsBack() const
{
    return m_options.relaunch && m_manifest.relaunch;
}

Error InstallEngine::cancelledByPerson() const
{
    if (m_timedOut)
        return {ErrorCode::FilesInUse,
                tr("The time allowed for closing applications is over; nothing was changed.",
                   "outcome")};
    return {ErrorCode::Cancelled,
            tr("The installation was cancelled; nothing was changed.", "outcome")};
}

Error InstallEngine::filesInUse() const
{
    QStringList names;
    for (const AffectedApplication &application : m_session->inTheWay())
        names.append(application.name);
    return {ErrorCode::FilesInUse,
            tr("Files that would be replaced are in use by %1; nothing was changed.", "outcome")
                .arg(QLocale().createSeparatedList(names))};
}

void InstallEngine::toPlanning()
{
    enter(State::Planning);
}
void InstallEngine::toReviewing()
{
    enter(State::Reviewing);
}
void InstallEngine::lookAgain()
{
    enter(State::CheckingFilesInUse);
}
// Nobody is in the way any more: the others swap first, because ours may need them.
void InstallEngine::toExtracting()
{
    enter(m_chain && m_outcome.chained.isEmpty() ? State::RunningChain : State::Extracting);
}
void InstallEngine::toRelaunching()
{
    enter(State::Relaunching);
}

} // namespace Entracte
