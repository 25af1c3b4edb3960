// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/relaunch/starter.h"
#include "platform/linux/systemd/servicerecord.h"

#include <QCoreApplication>

namespace Entracte {

/// Starts again what ServiceCloser stopped, through the manager, each unit when the one before is
/// up. The unit files are read anew before: the update may have replaced them. It counts as back
/// when the service itself is up; what else does not come up is told in the log.
class ServiceStarter : public Starter
{
    Q_OBJECT

public:
    /// The units are held no longer when start() is called, those of other starters neither: one
    /// service may need another.
    ServiceStarter(const AffectedApplication &application, const ServiceRecord &record,
                   UnitManager &manager, Clock &clock);
    ~ServiceStarter() override;

    void start(const RelaunchedPrograms &back) override;
    bool isSettled() const override { return m_isSettled; }
    const AffectedApplication &application() const override { return m_application; }

private:
    void startNext();
    void started(const QString &unit, const Result<> &result);
    void settleLater();
    void verify();
    void settle(const QString &problem = {});

    AffectedApplication m_application;
    ServiceRecord m_record;
    UnitManager &m_manager;
    Clock &m_clock;
    QStringList m_remaining;
    QString m_problem; ///< of the service itself
    int m_step = 0;    ///< a limit is that of one step
    bool m_isSettled = false;
};

} // namespace Entracte
