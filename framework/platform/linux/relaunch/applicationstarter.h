// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/userlauncher.h"
#include "platform/linux/process.h"
#include "platform/linux/relaunch/launchrecord.h"
#include "platform/linux/relaunch/starter.h"
#include "platform/linux/x11display.h"
#include "restart/affectedapplication.h"

#include <QObject>

#include <memory>
#include <optional>

class QSocketNotifier;

namespace Entracte {

/// Starts one closed application again and watches whether it stays: a window of its own, or two
/// seconds without ending, count as back. What it has left to a process that it started is watched
/// in its place.
class ApplicationStarter : public Starter
{
    Q_OBJECT

public:
    ApplicationStarter(const AffectedApplication &application, const LaunchRecord &record,
                       UserLauncher &launcher, X11Display &display, Clock &clock);
    ~ApplicationStarter() override;

    void start(const RelaunchedPrograms &back) override;
    bool isSettled() const override { return m_isSettled; }
    const AffectedApplication &application() const override { return m_application; }

private:
    void watch(const UniqueProcess &process);
    void ended();
    void succeedWithWindow();
    void succeed();
    void fail(const QString &reason);
    void settle();

    AffectedApplication m_application;
    LaunchRecord m_record;
    UserLauncher &m_launcher;
    X11Display &m_display;
    Clock &m_clock;
    UniqueProcess m_process;
    Descriptor m_descriptor;
    std::unique_ptr<QSocketNotifier> m_notifier;
    bool m_isSettled = false;
};

} // namespace Entracte
