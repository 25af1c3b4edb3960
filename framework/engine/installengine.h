// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/job.h"
#include "engine/exitcode.h"
#include "engine/installerchain.h"
#include "engine/installoptions.h"
#include "engine/uidelegate.h"
#include "guardian/guardian.h"
#include "manifest/manifest.h"
#include "plan/installplan.h"
#include "restart/eventlog.h"
#include "restart/logout.h"
#include "restart/reopening.h"
#include "restart/restartbackend.h"
#include "restart/systemrestart.h"

#include <QObject>

#include <memory>
#include <optional>

namespace Entracte {

class AffectedApplicationModel;
class PayloadExtractor;
class RestartSession;
class SessionMember;
class SessionStore;
class Transaction;
struct PayloadSurvey;

/// How an installation ended, for the finished page, the log and the exit status.
struct InstallOutcome
{
    ExitCode exitCode = ExitCode::Done;
    QString message;                        ///< one sentence; the error's, or what was achieved
    QList<AffectedApplication> reopened;    ///< came back
    QList<AffectedApplication> notReopened; ///< closed by us, did not come back; reason set
    QList<AffectedApplication>
        keptOldVersion;            ///< still run the old version (ContinueWithoutClosing)
    QList<ChainedOutcome> chained; ///< the other installers of this installation
    QStringList backups;           ///< foreign or edited files that were kept, new names
    RebootReasons rebootReasons;   ///< why closing applications was not enough
    /// What is to be started anew, beyond single applications, before nobody uses old files.
    RestartLevel advisedLevel = RestartLevel::None;

    /// advisedLevel for a person: one sentence; empty if no more than applications need it.
    QString advice() const;
};

/// The installation as an explicit state machine (design section 5): one enter(State), one Job at a
/// time, nothing else. It knows no window and no archive; it asks through UiDelegate.
///
/// Make one, connect, start(). finished() comes exactly once per start(), unless the review said
/// Revise: then the state is Ready again and start() may be called with other options.
/// Whatever happens between, what was closed is brought back before finished().
class InstallEngine : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Ready,
        Detecting,  ///< recovering leftovers, those closed too; reading receipt and payloads
        Planning,   ///< pure plan, then a first look at who is in the way
        Reviewing,  ///< UiDelegate::review
        Extracting, ///< staging while everything runs; paused when all is staged
        CheckingFilesInUse, ///< also when the last look before the swap finds a newcomer
        AwaitingDecision,   ///< UiDelegate::askFilesInUse
        AwaitingPrimary,    ///< we are a secondary: another installer asks and closes for us
        ShuttingDown,
        RunningChain, ///< the other installers of this installation swap
        Committing,
        Deferring, ///< what is staged is left to wait until the applications have been closed
        RollingBack,
        Relaunching,
        Succeeded,
        Deferred,
        Failed,
        Cancelled,
    };
    Q_ENUM(State)

    /// Everything the engine needs of the outside world; tests put doubles here.
    struct Ports
    {
        std::unique_ptr<RestartBackend> restartBackend;
        std::shared_ptr<Clock> clock;
        std::shared_ptr<SessionStore> sessionStore; ///< null: no chain, no joining
        QString sessionKey;              ///< of the session to join; empty: we are the primary
        Guardian::Starter startGuardian; ///< null: nobody tidies up if this process dies
        std::unique_ptr<SystemRestart> systemRestart =
            nullptr;                                    ///< null: the system may go down any time
        std::unique_ptr<Reopening> reopening = nullptr; ///< null: nothing opens after a restart
        std::unique_ptr<EventLog> eventLog = nullptr;   ///< null: the system keeps no events
        std::unique_ptr<LogOut> logOut = nullptr;       ///< null: people log out themselves

        /// Takes the key out of the environment, so that it reaches no child by accident.
        /// \a startGuardian is what Guardian::takeUp() returned in main().
        static Ports real(const Guardian::Starter &startGuardian = {});
    };

    InstallEngine(const Manifest &manifest, UiDelegate &ui, Ports ports, QObject *parent = nullptr);
    ~InstallEngine() override;

    /// Ready → Detecting. \a options decide the target, the policy and the relaunch.
    void start(const InstallOptions &options);

    /// Brings the question that an application asks before it closes to the front.
    void showQuestion(const Entracte::UniqueProcess &process);

    /// Stops at the next safe moment, closes nobody any more, undoes, brings back. Too late from
    /// Committing on: the installation then ends as it would have.
    void cancel();

    State state() const { return m_state; }
    bool canCancel() const;

    /// Whether the answer may be FilesInUseDecision::Defer: an update that is staged and depends on
    /// no other installer.
    bool canDefer() const;

    const Manifest &manifest() const { return m_manifest; }
    const InstallOptions &options() const { return m_options; }
    const InstallPlan &plan() const { return m_plan; }
    const AffectedApplicationModel &affectedApplications() const { return *m_model; }

    /// For a page that offers to restart the system, or to log out, when closing was not enough;
    /// null without one.
    SystemRestart *systemRestart() const { return m_systemRestart.get(); }
    Reopening *reopening() const { return m_reopening.get(); }
    LogOut *logOut() const { return m_logOut.get(); }

    /// Valid from finished() on.
    const InstallOutcome &outcome() const { return m_outcome; }

signals:
    void stateChanged(Entracte::InstallEngine::State state);
    /// Bytes staged; only in Extracting. Waiting for people is not progress.
    void progressChanged(qint64 done, qint64 total);
    void finished(const Entracte::InstallOutcome &outcome);
    /// Something that the log should know and nobody need be stopped for.
    void noted(const QString &sentence);
    /// What the restart manager did, for logs; the system's has it already.
    void happened(const Entracte::RestartEvent &event);

private:
    using Next = void (InstallEngine::*)();

    void enter(State state);
    void keepSystemUp();
    void keep(const RestartEvent &event);
    void run(std::unique_ptr<Job> job, Next next);
    using Else = void (InstallEngine::*)(const Error &error);
    void run(std::unique_ptr<Job> job, Next next, Else otherwise);

    // One function per state, named after what happens in it …
    void detect();
    void bringBackOthers();
    void planAndList();
    void review();
    void extract();
    void guardSession();
    void startExtraction();
    void probe();
    void probed();
    void resume();
    void awaitPrimary();
    void runChain();
    void decide();
    void ask();
    void commit();
    void defer();
    void arrangeNextStart();
    void rollBack();
    void relaunch();
    void tidyUp();

    // … the roads between states …
    void join();
    void registerWithPrimary();
    void goAlone(const Error &error);
    void listOurselves();
    void shareSession();
    void startChain();
    void staged();
    void chainEnded();
    void primaryEnded(const Error &error);
    void resumeExtraction();
    void answered(const FilesInUseAnswer &answer);
    void refreshLater();
    void refreshed();
    void toPlanning();
    void toReviewing();
    void lookAgain();
    void toExtracting();
    void toRelaunching();
    void apply(const FilesInUseAnswer &answer);
    void fail(const Error &error);
    void notCommitted(const Error &error);
    void conclude();
    void noteAndConclude(const Error &error);
    void noteAndRelaunch(const Error &error);
    void concludeWithError();
    void concludeWithSuccess();
    void concludeDeferred();

    // … and the facts they turn on.
    bool mayAskSilently() const;
    bool mayNotCloseSilently(InUsePolicy policy) const;
    bool bringsBack() const;
    void startTimeout();
    Error cancelledByPerson() const;
    Error filesInUse() const;

    Manifest m_manifest;
    UiDelegate &m_ui;
    std::shared_ptr<Clock> m_clock;
    InstallOptions m_options;

    std::shared_ptr<SessionStore> m_sessionStore;
    QString m_sessionKey;
    std::unique_ptr<SystemRestart> m_systemRestart;
    std::unique_ptr<Reopening> m_reopening;
    std::unique_ptr<LogOut> m_logOut;
    std::unique_ptr<EventLog> m_eventLog; ///< outlives the session, which says when it ends
    std::unique_ptr<RestartSession> m_session;
    std::unique_ptr<SessionMember> m_membership; ///< set while we are a secondary
    std::unique_ptr<InstallerChain> m_chain;
    std::unique_ptr<AffectedApplicationModel> m_model;
    std::shared_ptr<PayloadSurvey> m_survey;
    InstallPlan m_plan;
    Guardian::Starter m_startGuardian;
    std::shared_ptr<std::unique_ptr<Guardian>> m_guardian; ///< set by the job that starts it
    std::unique_ptr<PayloadExtractor> m_extractor;
    std::unique_ptr<Job> m_job;

    State m_state = State::Ready;
    std::optional<Error> m_error; ///< the first error or cancellation; decides the final state
    InstallOutcome m_outcome;

    ShutdownTypes m_shutdownType;
    QList<UniqueProcess> m_forced;
    std::optional<FilesInUseAnswer> m_answer; ///< given while the list was being refreshed
    int m_policyRounds = 0;                   ///< how often a silent policy has asked
    bool m_continueWithoutClosing = false;
    bool m_listIsFresh = false; ///< made because the probe found somebody: it is believed
    std::shared_ptr<RestartBackend::Occupancy> m_occupancy; ///< what the last probe found
    std::optional<Error>
        m_swapRefusal; ///< a file was in use, said the system; the list says by whom
    std::shared_ptr<QStringList> m_notes; ///< of the job that runs, for noted() when it has ended
    bool m_isDeferred = false;
    bool m_cancelRequested = false;
    bool m_timedOut = false;
};

} // namespace Entracte
