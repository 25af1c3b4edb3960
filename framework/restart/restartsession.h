// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/job.h"
#include "restart/affectedapplication.h"
#include "restart/resources.h"
#include "restart/restartbackend.h"
#include "restart/restartcode.h"
#include "restart/restartevent.h"

#include <QObject>
#include <QSet>
#include <QStringList>

#include <memory>
#include <optional>
#include <vector>

namespace Entracte {

class AbandonedSession;
class SessionRecovery;
class SessionServer;
class SessionStore;

/// What a task is doing right now, for a person who watches (spec 1.4.12 and its wish for more).
struct RestartStep
{
    enum class Phase {
        Listing,
        Querying, ///< "may you close?" to those who speak the handshake
        Closing,
        Forcing,
        Restarting,
    };

    Phase phase = Phase::Listing;
    QString application; ///< its name; empty for Listing
    UniqueProcess process;
    int done = 0; ///< applications finished
    int total = 0;
    int percent = 0; ///< of applications, not of time; never falls, 100 on success
    /// Until the application counts as refusing; nullopt where nobody is being hurried.
    std::optional<std::chrono::milliseconds> remaining;
};

/// One list, shutdown or restart of a session.
class RestartTask : public Job
{
    Q_OBJECT

public:
    /// Valid from finished() on. The job itself fails only when it was cancelled or could not look
    /// at all; that somebody stayed open (FailShutdown) or did not come back (FailRestart) is an
    /// outcome, told here and in the statuses of the applications.
    RestartCode code() const { return m_code; }

signals:
    void stepped(const Entracte::RestartStep &step);

protected:
    void finishWith(RestartCode code);
    void finishWith(const Error &error);

private:
    RestartCode m_code = RestartCode::Success;
};

/// One unit of work of the restart manager (spec 1.1): resources in, affected applications out;
/// closes them, remembers what it closed, brings exactly that back. This object is the primary;
/// after share() secondaries join with key().
///
///     registerResources ─► list ─► applications() ─► shutdown ─► (the swap) ─► restart
///
/// Each of list, shutdown and restart is a Job that the caller starts; one at a time: a second one
/// ends at once with RestartCode::Busy. The session outlives its jobs. Applications it closed stay
/// in applications() with their history. Ending the session (its destructor) starts nothing.
class RestartSession : public QObject
{
    Q_OBJECT

public:
    explicit RestartSession(std::unique_ptr<RestartBackend> backend,
                            std::shared_ptr<Clock> clock = std::make_shared<SystemClock>(),
                            RestartRules rules = RestartRules::Native, QObject *parent = nullptr);
    ~RestartSession() override;

    /// Takes one of the user's 64 places in \a store, so that secondaries can join and a crash
    /// loses nothing. Without it the session is this process's alone. Call once, first.
    Result<> share(SessionStore &store);
    bool isShared() const { return m_server != nullptr; }
    /// Ends that: secondaries learn that the session has gone, and nothing that was closed is on
    /// record any more. Call when all is brought back that will be; the list stays.
    void unshare();
    /// The shared session's server; null before share().
    SessionServer *server() const { return m_server.get(); }
    QString key() const;

    RestartRules rules() const { return m_rules; }

    /// Adds to what everybody else registered. All or nothing: RestartCode::BadArguments for bad
    /// input, WriteFault when it could not be stored.
    Result<> registerResources(const Resources &resources);
    Result<> registerFiles(const QStringList &absolutePaths)
    {
        return registerResources({absolutePaths, {}, {}});
    }
    /// Takes back what this primary registered (native rules only).
    Result<> unregisterResources(const Resources &resources);
    /// What this primary registered, and what all participants did.
    const Resources &ownResources() const { return m_own; }
    Resources resources() const;

    /// The last filter for a target replaces the one before; it needs no running target. In effect
    /// from now until the session ends.
    Result<> addFilter(const RestartFilter &filter);
    /// RestartCode::FileNotFound if \a target has no filter.
    Result<> removeFilter(const RestartFilter::Target &target);
    const QList<RestartFilter> &filters() const { return m_filters; }

    /// Looks who is in the way. Applications that have gone since the last list leave it, unless
    /// this session closed them.
    std::unique_ptr<RestartTask> list();
    /// The same at next to no cost while nobody has gone; who came since may be missing
    /// (RestartBackend::refresh).
    std::unique_ptr<RestartTask> refresh();

    /// Whether anybody holds one of \a files right now (RestartBackend::probe): for the last moment
    /// before they are replaced. From any thread.
    RestartBackend::Occupancy probe(const QStringList &files) const
    {
        return m_backend->probe(files);
    }

    /// Looks again, then asks everybody that is in the way to close, each once, in the order of
    /// spec 3.3; see ClosingState for what may come of it. \a forced: those that may be ended when
    /// they do not follow; with ShutdownType::Force that is everybody who canBeForced.
    ///
    /// Closes nobody at all when somebody cannot be closed (FailNoActionReboot; under native rules
    /// a NoShutdown filter on that one lets the others go on), when OnlyRestartable meets one that
    /// is not, or when one that speaks the handshake says no (FailShutdown). Whoever stays open in
    /// one class keeps the later classes from being asked.
    std::unique_ptr<RestartTask> shutdown(ShutdownTypes type,
                                          const QList<UniqueProcess> &forced = {});

    /// Whoever is closed stays closed, also if this process dies: nobody is put on record to be
    /// brought back. Call before shutdown().
    void leaveClosed() { m_leavesClosed = true; }

    /// How long a service that may be ended is given to stop (spec 71). Call before shutdown().
    void setServiceLimit(std::chrono::milliseconds limit) { m_backend->setServiceLimit(limit); }

    /// Brings back what primaries closed that died (SessionRecovery): their \a sessions, and how
    /// long to wait for those who were asked and are still there.
    std::unique_ptr<SessionRecovery>
    recover(std::vector<std::unique_ptr<AbandonedSession>> sessions,
            std::chrono::milliseconds patience);

    /// Brings the window in which \a process asks a person something to the front; while it is
    /// WaitingForUser.
    void showQuestion(const UniqueProcess &process);

    /// Brings back what shutdown() closed, nobody brought back yet, and canComeBack(), in the
    /// reverse order.
    std::unique_ptr<RestartTask> restart();

    const QList<AffectedApplication> &applications() const { return m_applications; }

    /// Those that hold a resource now, filters against closing aside.
    QList<AffectedApplication> inTheWay() const;
    bool isClear() const { return inTheWay().isEmpty(); }

    /// Those that were closed by this session and are not back: not yet, or they failed, or (native
    /// rules only) they cannot be brought back and a person closed them knowing that.
    QList<AffectedApplication> notRestarted() const;

    RebootReasons rebootReasons() const { return m_rebootReasons; }
    int processesNotInspected() const { return m_processesNotInspected; }
    /// Registered files that the kernel uses, or a process that cannot be inspected.
    const QStringList &unattributedFiles() const { return m_unattributedFiles; }

    /// Registered system libraries that nearly everything uses: because of them nobody is in the
    /// way. advisedLevel() says what to start anew once they were replaced; None without any.
    const QStringList &ubiquitousFiles() const { return m_ubiquitousFiles; }
    RestartLevel advisedLevel() const { return m_advisedLevel; }
    /// The registered files that somebody could be asked to let go: all but the ubiquitous ones,
    /// which are in use at any time.
    QStringList contestedFiles() const;

    /// True when \a application will be started again after a close under this session's rules.
    bool canComeBack(const AffectedApplication &application) const;

signals:
    /// applications() differs from before; the model works out how.
    void applicationsChanged();
    /// For a log (EventLog): from share() on with the session's id, the last one when it ends.
    void happened(const Entracte::RestartEvent &event);

private:
    class ListTask;
    class ShutdownTask;
    class RestartingTask;

    /// Marks the session busy for as long as a task runs.
    bool begin(RestartTask *task);
    void end();

    void absorb();
    void merge(const AffectedApplications &listed);
    void update(const AffectedApplication &application);
    void applyFilters();
    bool knowsDirectory() const;
    Result<> saveClosed();
    void saveClosedOrSay();
    RestartCode obstacle() const;
    void explainWhoStaysClosed();
    void say(const RestartEvent &event);
    void sayTrouble(const Error &error);

    std::unique_ptr<RestartBackend> m_backend;
    std::shared_ptr<Clock> m_clock;
    RestartRules m_rules;
    std::unique_ptr<SessionServer> m_server;
    Resources m_own;      ///< registered by this primary
    Resources m_absorbed; ///< told to the back end
    QList<RestartFilter> m_filters;
    QList<AffectedApplication> m_applications;  ///< in shutdown order, then by name
    QMap<UniqueProcess, QByteArray> m_launches; ///< of those we ask to close
    QSet<UniqueProcess> m_asked;
    RebootReasons m_rebootReasons;
    int m_processesNotInspected = 0;
    QStringList m_unattributedFiles;
    QStringList m_ubiquitousFiles;
    RestartLevel m_advisedLevel = RestartLevel::None;
    RestartTask *m_running = nullptr;
    bool m_shutdownWasAttempted = false;
    bool m_leavesClosed = false;
};

} // namespace Entracte
