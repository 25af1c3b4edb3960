// SPDX-License-Identifier: MIT
#include "engine/installengine.h"

#include "core/logging.h"
#include "core/workerjob.h"
#include "engine/deferral.h"
#include "engine/filesinusequestion.h"
#include "engine/firstlook.h"
#include "engine/oldversion.h"
#include "engine/whenanswered.h"
#include "payload/payloadextractor.h"
#include "payload/payloadsurvey.h"
#include "plan/planner.h"
#include "restart/affectedapplicationmodel.h"
#include "restart/restartsession.h"
#include "restart/sessionmember.h"
#include "restart/sessionserver.h"
#include "restart/sessionstore.h"
#include "transaction/transaction.h"

#include <algorithm>

namespace Entracte {

static QString targetOf(const InstallOptions &options, const Manifest &manifest)
{
    return options.targetDirectory.isEmpty() ? manifest.targetDirectory : options.targetDirectory;
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
    m_policy = FilesInUsePolicy(options.effectivePolicy(m_manifest));
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
        return run(m_session->shutdown(m_shutdownType, m_forced), State::CheckingFilesInUse);
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

void InstallEngine::run(std::unique_ptr<Job> job, Next next, Else otherwise)
{
    m_job = std::move(job);
    connect(m_job.get(), &Job::finished, this, [this, next, otherwise](const Result<> &result) {
        m_job.release()->deleteLater();
        if (m_cancelRequested && canCancel())
            return fail(cancelledByPerson());
        if (!result)
            return (this->*otherwise)(result.error());
        if (const State *state = std::get_if<State>(&next))
            return enter(*state);
        (this->*std::get<Function>(next))();
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
    auto look =
        std::make_unique<FirstLook>(m_manifest, targetOf(m_options, m_manifest), *m_session,
                                    bringsBack() ? m_sessionStore.get() : nullptr, m_survey);
    connect(look.get(), &FirstLook::noted, this, &InstallEngine::noted);
    connect(look.get(), &FirstLook::happened, this, &InstallEngine::keep);
    run(std::move(look), State::Planning);
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
    run(m_membership->registerResources({m_plan.filesInTheWay(), {}, {}}), State::Reviewing,
        &InstallEngine::goAlone);
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
    if (const Result<> registered = m_session->registerFiles(m_plan.filesInTheWay()); !registered)
        return fail(registered.error());
    run(m_session->list(),
        m_state == State::Planning ? State::Reviewing : State::CheckingFilesInUse);
}

void InstallEngine::shareSession()
{
    if (const Result<> shared = m_session->share(*m_sessionStore); !shared)
        return emit noted(shared.error().message);
    // A secondary that goes alone has its guardian already.
    if (m_guardian)
        if (const Result<> guarded = m_guardian->guardSession(m_session->server()->id()); !guarded)
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
    run(std::make_unique<WorkerJob>([this](WorkerJob::Context &) {
            Result<std::unique_ptr<Guardian>> started = m_startGuardian();
            if (!started)
                return Result<>(started.error());
            m_guardian = *std::move(started);
            return m_guardian->guardTarget(m_plan.targetDirectory);
        }),
        &InstallEngine::guardSession);
}

// A secondary has no session of its own: the primary's guardian brings back what that closed.
void InstallEngine::guardSession()
{
    if (m_session->isShared())
        if (const Result<> guarded = m_guardian->guardSession(m_session->server()->id()); !guarded)
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
    run(m_membership->awaitShutdown(), State::Extracting, &InstallEngine::primaryEnded);
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

    const std::optional<FilesInUseAnswer> answer =
        m_policy.answer(m_session->inTheWay(), canDefer());
    if (!answer)
        return enter(State::AwaitingDecision);
    startTimeout();
    apply(*answer);
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
    m_answer = std::make_shared<FilesInUseAnswer>();
    run(std::make_unique<FilesInUseQuestion>(m_ui, *m_model, *m_session, m_clock, m_answer),
        &InstallEngine::answered);
}

void InstallEngine::answered()
{
    apply(*m_answer);
}

void InstallEngine::apply(const FilesInUseAnswer &answer)
{
    const bool forceAll = answer.byPolicy && answer.decision == FilesInUseDecision::ForceClose;
    m_forced = answer.forced;
    m_shutdownType = forceAll ? ShutdownType::Force : ShutdownType::Graceful;

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
        return fail(answer.byPolicy ? Conclusion::filesInUse(m_session->inTheWay())
                                    : cancelledByPerson());
    }
}

void InstallEngine::commit()
{
    run(std::make_unique<WorkerJob>([transaction = m_extractor->transaction()](
                                        WorkerJob::Context &) { return transaction->commit(); }),
        State::Relaunching, &InstallEngine::notCommitted);
}

// A file that came into use leads back into the same loop; nothing has changed.
void InstallEngine::notCommitted(const Error &error)
{
    if (error.code != ErrorCode::FilesInUse || m_continueWithoutClosing || m_membership)
        return fail(error);
    m_swapRefusal = error;
    enter(State::CheckingFilesInUse);
}

void InstallEngine::defer()
{
    m_notes.clear();
    run(std::make_unique<WorkerJob>(
            [this, transaction = m_extractor->transaction()](WorkerJob::Context &) {
                return Deferral::begin(*transaction, m_guardian.get(), m_plan.targetDirectory,
                                       m_manifest.product.name, m_notes);
            }),
        &InstallEngine::deferred);
}

void InstallEngine::deferred()
{
    m_isDeferred = true;
    for (const QString &note : std::as_const(m_notes))
        emit noted(note);
    enter(State::Relaunching);
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
        State::Relaunching);
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
    run(std::make_unique<WorkerJob>([this, oldVersion, transaction = m_extractor->transaction()](
                                        WorkerJob::Context &) {
            return removeOldVersions(*transaction, oldVersion, m_plan.targetDirectory, *m_session);
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
    m_outcome.rebootReasons = m_session->rebootReasons();
    leave();

    const Conclusion conclusion(m_manifest.product, m_outcome);
    if (m_error) {
        m_outcome = conclusion.failed(*m_error);
        return enter(m_error->code == ErrorCode::Cancelled ? State::Cancelled : State::Failed);
    }
    if (m_isDeferred) {
        m_outcome = conclusion.deferred(m_session->inTheWay());
        return enter(State::Deferred);
    }
    for (const QString &note : Conclusion::keptEdits(m_extractor->plan()))
        emit noted(note);
    m_outcome = conclusion.succeeded(m_extractor->plan());
    enter(State::Succeeded);
}

void InstallEngine::leave()
{
    // The applications are back. The session goes before the guardian does, and not only when the
    // last page is closed: what somebody closes from now on is not to be opened by the next start.
    // Files that could not be restored are left to the guardian, and after it to that start.
    const QString session = m_session->isShared() ? m_session->server()->id() : QString();
    m_chain.reset();
    m_session->unshare();
    if (m_guardian) {
        const bool hasToStay =
            m_isDeferred || (m_error && m_error->code == ErrorCode::RollbackIncomplete);
        if (!hasToStay)
            m_guardian->dismiss();
        else if (!session.isEmpty())
            m_guardian->releaseSession(session);
    }
    m_guardian.reset();
}

bool InstallEngine::bringsBack() const
{
    return m_options.relaunch && m_manifest.relaunch;
}

Error InstallEngine::cancelledByPerson() const
{
    return m_timedOut ? Conclusion::timeIsOver() : Conclusion::cancelled();
}

// Nobody is in the way any more: the others swap first, because ours may need them.
void InstallEngine::toExtracting()
{
    enter(m_chain && m_outcome.chained.isEmpty() ? State::RunningChain : State::Extracting);
}

} // namespace Entracte

#include "moc_installengine.cpp"
