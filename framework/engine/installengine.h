// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/job.h"
#include "engine/filesinusepolicy.h"
#include "engine/installoptions.h"
#include "engine/installoutcome.h"
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
#include <variant>

namespace Entracte {

class AffectedApplicationModel;
class PayloadExtractor;
class RestartSession;
class SessionMember;
class SessionStore;
class Transaction;
struct PayloadSurvey;

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
    using Function = void (InstallEngine::*)();
    using Next = std::variant<State, Function>;
    using Else = void (InstallEngine::*)(const Error &error);

    void enter(State state);
    void keepSystemUp();
    void keep(const RestartEvent &event);
    void run(std::unique_ptr<Job> job, Next next, Else otherwise = &InstallEngine::fail);

    // One function per state, named after what happens in it …
    void detect();
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
    void answered();
    void deferred();
    void toExtracting();
    void apply(const FilesInUseAnswer &answer);
    void fail(const Error &error);
    void notCommitted(const Error &error);
    void conclude();
    void leave();
    void noteAndConclude(const Error &error);

    // … and the facts they turn on.
    bool bringsBack() const;
    void startTimeout();
    Error cancelledByPerson() const;

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
    std::unique_ptr<Guardian> m_guardian; ///< set by the job that starts it
    std::unique_ptr<PayloadExtractor> m_extractor;

    State m_state = State::Ready;
    std::optional<Error> m_error; ///< the first error or cancellation; decides the final state
    InstallOutcome m_outcome;

    ShutdownTypes m_shutdownType;
    QList<UniqueProcess> m_forced;
    FilesInUsePolicy m_policy;
    std::shared_ptr<FilesInUseAnswer> m_answer; ///< to the last question
    bool m_continueWithoutClosing = false;
    bool m_listIsFresh = false; ///< made because the probe found somebody: it is believed
    std::shared_ptr<RestartBackend::Occupancy> m_occupancy; ///< what the last probe found
    std::optional<Error>
        m_swapRefusal;   ///< a file was in use, said the system; the list says by whom
    QStringList m_notes; ///< of the job that runs, for noted() when it has ended
    bool m_isDeferred = false;
    bool m_cancelRequested = false;
    bool m_timedOut = false;

    /// Last, so that it goes first: a worker may still use any of the above, and is waited for.
    std::unique_ptr<Job> m_job;
};

} // namespace Entracte
