// SPDX-License-Identifier: MIT
#pragma once

#include "core/job.h"
#include "restart/affectedapplication.h"
#include "restart/restartbackend.h"

#include <QObject>

#include <memory>

namespace Entracte {

/// One unit of work of the restart manager (spec 1.1): files in, affected applications out; closes
/// them, remembers what it closed, brings exactly that back.
///
///     registerFiles ─► list ─► applications() ─► shutdown ─► (the swap) ─► restart
///
/// Each of list, shutdown and restart is a Job that the caller starts; one at a time. The session
/// outlives its jobs. Applications it closed stay in applications() with their history.
class RestartSession : public QObject
{
    Q_OBJECT

public:
    explicit RestartSession(std::unique_ptr<RestartBackend> backend, QObject *parent = nullptr);
    ~RestartSession() override;

    /// Sets the files whose holders matter. Invalidates the last list.
    void registerFiles(const QStringList &absolutePaths);

    /// Looks who is in the way. Applications that have gone since the last list leave it, unless
    /// this session closed them.
    std::unique_ptr<Job> list();

    /// Asks everybody that is in the way to close, each once; see ClosingState for what may come of
    /// it. \a forced: those that may be ended when they do not follow. The job succeeds when the
    /// asking is over, whatever the answers were: list() again, never assume.
    /// With ShutdownType::Force everybody who canBeForced counts as forced.
    std::unique_ptr<Job> shutdown(ShutdownTypes type, const QList<UniqueProcess> &forced = {});

    /// Brings back what shutdown() closed and nobody brought back yet. Failures are collected per
    /// application (ErrorOnRestart) and are never the job's error.
    std::unique_ptr<Job> restart();

    const QList<AffectedApplication> &applications() const { return m_applications; }

    /// Those that hold a file now: running, whether or not they were asked.
    QList<AffectedApplication> inTheWay() const;
    bool isClear() const { return inTheWay().isEmpty(); }

    /// Those that were closed by this session and did not come back.
    QList<AffectedApplication> notRestarted() const;

    RebootReasons rebootReasons() const { return m_rebootReasons; }
    int processesNotInspected() const { return m_processesNotInspected; }

signals:
    /// applications() differs from before; the model works out how.
    void applicationsChanged();

private:
    class ListJob;
    class ShutdownJob;
    class RestartJob;

    void merge(const AffectedApplications &listed);
    void update(const AffectedApplication &application);

    std::unique_ptr<RestartBackend> m_backend;
    QList<AffectedApplication> m_applications;
    RebootReasons m_rebootReasons;
    int m_processesNotInspected = 0;
};

} // namespace Entracte
