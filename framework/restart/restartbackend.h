// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "restart/affectedapplication.h"

#include <QObject>
#include <QStringList>

#include <memory>

namespace Entracte {

/// Port: the running system's restart manager, shaped like one Windows session so that Windows can
/// implement it too (aesthetics: Linux can imitate that shape, Windows no other). It finds, closes
/// and starts; it decides nothing. RestartSession is the only caller.
///
/// Asynchronous: every request returns at once and is answered by exactly one of the ending
/// signals, never before the request has returned. One request at a time. Signals come in the
/// object's thread.
class RestartBackend : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Replaces the set of files whose holders matter (absolute paths). Identity (device and inode)
    /// is taken now: a holder is found even after the path was replaced by rename. Missing files
    /// are allowed and held by nobody.
    virtual void setFiles(const QStringList &files) = 0;

    /// Looks who holds the files right now → listed().
    virtual void list() = 0;

    /// Records how to start each of \a applications again, asks each once, politely, then watches →
    /// applicationChanged()… → shutdownFinished(). Never ends a process without consent: only those
    /// in \a forced, and only after they did not follow the polite request.
    ///
    /// Ends when every application is Closed, Refused or NotResponding-and-not-forced. There is no
    /// limit while an application is WaitingForUser.
    virtual void shutdown(const QList<AffectedApplication> &applications,
                          const QList<UniqueProcess> &forced) = 0;

    /// Starts each of \a applications (closed by an earlier shutdown()) again, with what was
    /// recorded, and watches that it stays alive for a moment → applicationChanged()… →
    /// restartFinished().
    virtual void restart(const QList<AffectedApplication> &applications) = 0;

    /// Stops waiting: the running request ends now, with ErrorCode::Cancelled where it was cut
    /// short. Nothing that was asked is un-asked.
    virtual void cancel() = 0;

signals:
    void listed(const Entracte::Result<Entracte::AffectedApplications> &result);
    /// The same application (by process) with new status, closing, reason or windowTitles.
    void applicationChanged(const Entracte::AffectedApplication &application);
    void shutdownFinished(const Entracte::Result<> &result);
    void restartFinished(const Entracte::Result<> &result);
};

/// The running system's implementation. All its limits run on \a clock.
std::unique_ptr<RestartBackend> createRestartBackend(std::shared_ptr<Clock> clock);

} // namespace Entracte
