// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/job.h"
#include "restart/restartbackend.h"
#include "restart/restartevent.h"
#include "restart/sessionstore.h"

#include <memory>
#include <vector>

namespace Entracte {

class ProcessWatch;

/// Brings back what primaries closed that died before they could: each application once.
///
/// Who was asked to close and has ended is started again, in the reverse order of closing. Who was
/// asked and is still there may be about to close, or a person may be answering its question: it is
/// waited for, for \a patience, while the others come back; whoever is alive then stays as it is,
/// and whom another installer closes meanwhile that one brings back.
/// Nothing that lives is started a second time. Who was not asked is not ours to start (spec 93).
///
/// What is back leaves the record at once, and RestartBackend::restart() knows who was started
/// already by a rescuer that died too: whoever comes next goes on.
class SessionRecovery : public Job
{
    Q_OBJECT

public:
    /// How long a guardian waits for those who were asked: people answer "save your work?".
    static constexpr std::chrono::minutes guardianPatience{5};

    SessionRecovery(SessionStore::AbandonedSessions sessions, RestartBackend &backend,
                    std::shared_ptr<Clock> clock, std::chrono::milliseconds patience);
    ~SessionRecovery() override;

    /// Those that were started, or could not be: from finished() on.
    const QList<AffectedApplication> &applications() const { return m_applications; }

signals:
    void applicationChanged(const Entracte::AffectedApplication &application);
    /// For a log (EventLog).
    void happened(const Entracte::RestartEvent &event);

protected:
    void doStart() override;
    void doCancel() override;

private:
    void sortOut(const SessionRecord &record);
    void look();
    bool isAnothers(const UniqueProcess &process) const;
    void startNext();
    void changed(const AffectedApplication &application);
    void batchFinished();
    void conclude();

    SessionStore::AbandonedSessions m_sessions;
    RestartBackend &m_backend;
    std::shared_ptr<Clock> m_clock;
    std::chrono::milliseconds m_patience;
    std::unique_ptr<ProcessWatch> m_watch;
    QList<ClosedApplication> m_closing; ///< asked, not gone yet
    QList<ClosedApplication> m_gone;    ///< to be started
    QList<AffectedApplication> m_applications;
    bool m_isStarting = false;
    bool m_isCancelled = false;
};

} // namespace Entracte
