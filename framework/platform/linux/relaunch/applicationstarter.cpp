// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/applicationstarter.h"

#include <QSocketNotifier>

using namespace std::chrono_literals;

namespace Entracte {

/// A program that shows nothing within this time and still runs counts as back.
static constexpr auto settlingTime = 2s;
/// A file server that does not answer keeps a program that starts in a folder of it for ever.
static constexpr auto startLimit = 30s;

ApplicationStarter::ApplicationStarter(const AffectedApplication &application,
                                       const LaunchRecord &record, UserLauncher &launcher,
                                       X11Display &display, Clock &clock)
    : m_application(application)
    , m_record(record)
    , m_launcher(launcher)
    , m_display(display)
    , m_clock(clock)
{
}

ApplicationStarter::~ApplicationStarter() = default;

void ApplicationStarter::start(const RelaunchedPrograms &back)
{
    if (const auto found = back.constFind(m_record.mark()); found != back.cend())
        return watch(*found);
    if (!m_record.isValid())
        return fail(tr("How it was started is not known.", "state of an application"));
    m_clock.callAfter(startLimit, this, [this] {
        if (m_process.pid == 0)
            fail(tr("It did not start within the time allowed.", "state of an application"));
    });
    m_launcher.launch(m_record, m_application.unit, this,
                      [this](const Result<UniqueProcess> &started) {
                          if (m_isSettled)
                              return; // too late
                          if (!started)
                              return fail(started.error().message);
                          watch(*started);
                      });
}

void ApplicationStarter::watch(const UniqueProcess &process)
{
    m_process = process;
    m_descriptor = openProcess(process);
    if (!m_descriptor.isValid())
        return ended();
    m_notifier = std::make_unique<QSocketNotifier>(m_descriptor.get(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &ApplicationStarter::ended);
    connect(&m_display, &X11Display::changed, this, &ApplicationStarter::succeedWithWindow,
            Qt::UniqueConnection);
    m_clock.callAfter(settlingTime, this, [this, process] {
        if (process == m_process)
            succeed();
    });
}

void ApplicationStarter::succeedWithWindow()
{
    if (!m_display.windowsOf({pid_t(m_process.pid)}).isEmpty())
        succeed();
}

void ApplicationStarter::ended()
{
    m_notifier.reset();
    const UniqueProcess heir = relaunchedPrograms().value(m_record.mark());
    if (!m_isSettled && heir != UniqueProcess() && heir != m_process)
        return watch(heir);
    fail(tr("It ended right after it was opened again.", "state of an application"));
}

void ApplicationStarter::succeed()
{
    if (m_isSettled)
        return;
    m_application.status |= ApplicationStatus::Restarted;
    settle();
}

void ApplicationStarter::fail(const QString &reason)
{
    if (m_isSettled)
        return;
    m_application.status |= ApplicationStatus::ErrorOnRestart;
    m_application.reason = reason;
    settle();
}

void ApplicationStarter::settle()
{
    if (std::exchange(m_isSettled, true))
        return;
    m_notifier.reset();
    QMetaObject::invokeMethod(this, &ApplicationStarter::settled, Qt::QueuedConnection);
}

} // namespace Entracte

#include "moc_applicationstarter.cpp"
