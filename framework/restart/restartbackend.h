// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "restart/affectedapplication.h"
#include "restart/resources.h"
#include "restart/sessionrecord.h"

#include <QObject>

#include <memory>

namespace Entracte {

/// Port: the running system's restart manager. It finds, asks, closes and starts; it decides
/// nothing: RestartSession is the only caller and keeps order, rules and history.
///
/// Asynchronous: every request returns at once and is answered by exactly one of the ending
/// signals, never before the request has returned. One request at a time. Signals come in the
/// object's thread.
class RestartBackend : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Adds resources whose holders matter. A file's identity (device and inode) is taken now: a
    /// holder is found even after the path was replaced by rename. Missing files are allowed and
    /// held by nobody.
    virtual void addResources(const Resources &resources) = 0;
    virtual void removeResources(const Resources &resources) = 0;

    /// Looks who holds the resources right now → listed().
    virtual void list() = 0;

    /// As list(), for looking again and again while one waits: costs next to nothing as long as
    /// nobody has gone, and then tells what it told before. Who came since is seen by list() alone.
    virtual void refresh() = 0;

    enum class Occupancy { Free, InUse, Unknown };

    /// Whether anybody holds one of \a files, without asking who: blocks for some microseconds a
    /// file. Unknown where the system does not tell (files of another owner, some file systems);
    /// then only list() knows. The installer itself counts as a holder. From any thread.
    virtual Occupancy probe(const QStringList &files) const = 0;

    /// Asks those of \a applications that speak the handshake of Entracte::Client "may you close?"
    /// and collects the answers → applicationChanged()… → queryFinished(). Nobody closes yet.
    /// The others are not asked: for them the request to close is the question. Who keeps the
    /// system from being shut down just now has said no (spec 84).
    virtual void query(const QList<AffectedApplication> &applications) = 0;

    /// Tells those who were queried, and not closed, that it is off.
    virtual void callOff() = 0;

    /// Takes down how to start \a application again, while it still runs: the application with the
    /// restartability it has now, and an empty launch if it cannot be known.
    virtual ClosedApplication takeDown(const AffectedApplication &application) = 0;

    /// Asks each of \a applications once, politely, then watches → applicationChanged()… →
    /// shutdownFinished(). Never ends a process without consent: only those in \a forced, and only
    /// after they did not follow the polite request.
    ///
    /// Ends when every application is Closed, Refused or NotResponding-and-not-forced. There is no
    /// limit while an application is WaitingForUser.
    virtual void shutdown(const QList<AffectedApplication> &applications,
                          const QList<UniqueProcess> &forced) = 0;

    /// Brings the window in which \a application asks something to the front; nothing where windows
    /// cannot be reached. Answers nothing.
    virtual void showQuestion(const AffectedApplication &application) = 0;

    /// How long a service that may be ended is given to stop, instead of serviceLimit; where it may
    /// not, the limit is its unit's own. From the next shutdown() on.
    static constexpr std::chrono::seconds serviceLimit{20}; ///< spec 3.4, 71
    virtual void setServiceLimit(std::chrono::milliseconds limit) = 0;

    /// How long \a application, one of those that shutdown() asked, is waited for in all before it
    /// is ended or counts as refusing; for a service with those that need it.
    virtual std::chrono::milliseconds patience(const AffectedApplication &application) const = 0;

    /// Starts each of \a applications again and watches that it stays alive for a moment →
    /// applicationChanged()… → restartFinished(). Twice is as once: what was started from the same
    /// record before, by a process that died then, and lives is not started again.
    virtual void restart(const QList<ClosedApplication> &applications) = 0;

    /// What each step of closing \a application would meet. Asks nobody, does nothing, blocks for
    /// a moment.
    virtual QList<ClosingStep> preview(const AffectedApplication &application) = 0;

    /// Stops waiting: the running request ends now, with ErrorCode::Cancelled where it was cut
    /// short. Nothing that was asked is un-asked.
    virtual void cancel() = 0;

signals:
    void listed(const Entracte::Result<Entracte::AffectedApplications> &result);
    /// The same application (by process) with new status, closing, reason or windowTitles.
    void applicationChanged(const Entracte::AffectedApplication &application);
    /// \a refusing said no, or did not answer within the limit.
    void queryFinished(const Entracte::Result<> &result,
                       const QList<Entracte::UniqueProcess> &refusing);
    void shutdownFinished(const Entracte::Result<> &result);
    void restartFinished(const Entracte::Result<> &result);
};

/// The running system's implementation. All its limits run on \a clock. \a installer, with its
/// ancestors, counts as the installer itself beside this process and its own: for a process that
/// acts for another.
std::unique_ptr<RestartBackend> createRestartBackend(std::shared_ptr<Clock> clock,
                                                     const UniqueProcess &installer = {});

} // namespace Entracte
