// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/agent/lookaround.h"
#include "platform/linux/detection/processscan.h"
#include "restart/affectedapplication.h"
#include "restart/resources.h"

#include <QFutureWatcher>
#include <QObject>

#include <atomic>
#include <memory>
#include <optional>

namespace Entracte {

/// Who holds what was registered, as applications: list() and refresh() of the RestartBackend.
/// Scanning and identifying run in a worker; in between the agents of other users say who is on
/// their desktops. One request at a time; found() follows from the event loop.
class HolderSearch : public QObject
{
    Q_OBJECT

public:
    /// \a installer: identify().
    HolderSearch(UserAgents &agents, Clock &clock, const UniqueProcess &installer);
    /// Waits for the worker.
    ~HolderSearch() override;

    // Not in the worker: the caller may replace a file as soon as this has returned (spec 34).
    void add(const Resources &resources);
    void remove(const Resources &resources);

    void list();
    void refresh();

    /// found() comes soon, with nothing.
    void cancel();

signals:
    /// nullopt: it was cancelled.
    void found(const std::optional<Entracte::AffectedApplications> &affected);

private:
    /// What was found, and for whom there has to be an agent to identify it.
    struct Findings
    {
        ProcessScan scan;
        QList<LaunchRecord> programs;
    };

    FileTable &changedFiles();
    void scanned();
    void lookedAround();
    void identified();
    void refreshed();

    UserAgents &m_agents;
    Clock &m_clock;
    UniqueProcess m_installer;
    ScanTargets m_targets;
    std::atomic<bool> m_cancelled = false;
    bool m_isListed = false; ///< of m_targets as they are
    std::unique_ptr<LookAround> m_lookAround;
    QFutureWatcher<Findings> m_scan;
    QFutureWatcher<AffectedApplications> m_identification;
    QFutureWatcher<bool> m_isOutdated;
};

} // namespace Entracte
