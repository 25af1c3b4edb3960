// SPDX-License-Identifier: MIT
#include "restart/restartbackend.h"

#include "platform/linux/applicationcloser.h"
#include "platform/linux/identification.h"
#include "platform/linux/launchrecord.h"
#include "platform/linux/processscan.h"
#include "platform/linux/registration.h"
#include "platform/linux/x11display.h"

#include <QCoreApplication>
#include <QFutureWatcher>
#include <QMap>
#include <QSocketNotifier>
#include <QtConcurrentRun>

#include <algorithm>
#include <vector>

using namespace std::chrono_literals;

namespace Entracte {

/// A program that shows nothing within this time and still runs counts as back.
static constexpr auto settlingTime = 2s;

/// Starts one closed application again and watches whether it stays.
class ApplicationStarter : public QObject
{
    Q_OBJECT

public:
    ApplicationStarter(const AffectedApplication &application, const LaunchRecord &record,
                       X11Display &display, Clock &clock)
        : m_application(application)
        , m_record(record)
        , m_display(display)
        , m_clock(clock)
    {
    }

    void start()
    {
        if (!m_record.isValid())
            return fail(tr("How it was started is not known.", "state of an application"));
        m_record.start(this, [this](const Result<UniqueProcess> &started) {
            if (!started)
                return fail(started.error().message);
            watch(*started);
        });
    }

    bool isSettled() const { return m_isSettled; }
    const AffectedApplication &application() const { return m_application; }

signals:
    void settled();

private:
    void watch(const UniqueProcess &process)
    {
        m_process = process;
        m_descriptor = openProcess(process);
        if (!m_descriptor.isValid())
            return ended();
        m_notifier = std::make_unique<QSocketNotifier>(m_descriptor.get(), QSocketNotifier::Read);
        connect(m_notifier.get(), &QSocketNotifier::activated, this, &ApplicationStarter::ended);
        connect(&m_display, &X11Display::changed, this, [this] {
            if (!m_display.windowsOf({pid_t(m_process.pid)}).isEmpty())
                succeed();
        });
        m_clock.callAfter(settlingTime, this, [this] { succeed(); });
    }

    void ended()
    {
        fail(tr("It ended right after it was opened again.", "state of an application"));
    }

    void succeed()
    {
        m_application.status |= ApplicationStatus::Restarted;
        settle();
    }

    void fail(const QString &reason)
    {
        m_application.status |= ApplicationStatus::ErrorOnRestart;
        m_application.reason = reason;
        settle();
    }

    void settle()
    {
        if (std::exchange(m_isSettled, true))
            return;
        m_notifier.reset();
        QMetaObject::invokeMethod(this, &ApplicationStarter::settled, Qt::QueuedConnection);
    }

    AffectedApplication m_application;
    LaunchRecord m_record;
    X11Display &m_display;
    Clock &m_clock;
    UniqueProcess m_process;
    Descriptor m_descriptor;
    std::unique_ptr<QSocketNotifier> m_notifier;
    bool m_isSettled = false;
};

/// The restart manager on Linux. The /proc pass runs in a worker; windows, signals and starts are
/// events in this thread.
class LinuxRestartBackend : public RestartBackend
{
    Q_OBJECT

public:
    explicit LinuxRestartBackend(std::shared_ptr<Clock> clock)
        : m_clock(std::move(clock))
    {
        connect(&m_scan, &QFutureWatcherBase::finished, this, &LinuxRestartBackend::scanned);
    }

    ~LinuxRestartBackend() override
    {
        m_cancelled = true;
        m_scan.waitForFinished();
    }

    void setFiles(const QStringList &files) override { m_files = identify(files); }

    void list() override
    {
        m_cancelled = false;
        m_scan.setFuture(QtConcurrent::run(
            [files = m_files, this] { return scanProcesses(files, m_cancelled); }));
    }

    void shutdown(const QList<AffectedApplication> &applications,
                  const QList<UniqueProcess> &forced) override
    {
        m_closers.clear();
        for (const AffectedApplication &application : applications) {
            record(application);
            auto closer = std::make_unique<ApplicationCloser>(
                application, forced.contains(application.process), m_display, *m_clock);
            connect(closer.get(), &ApplicationCloser::changed, this, [this, each = closer.get()] {
                emit applicationChanged(each->application());
                later(&LinuxRestartBackend::finishShutdownIfSettled);
            });
            m_closers.push_back(std::move(closer));
        }
        m_isShuttingDown = true;
        later(&LinuxRestartBackend::startClosers);
    }

    void restart(const QList<AffectedApplication> &applications) override
    {
        m_starters.clear();
        for (const AffectedApplication &application : applications) {
            auto starter = std::make_unique<ApplicationStarter>(
                application, m_records.value(application.process), m_display, *m_clock);
            connect(starter.get(), &ApplicationStarter::settled, this,
                    [this, each = starter.get()] {
                        emit applicationChanged(each->application());
                        finishRestartIfSettled();
                    });
            m_starters.push_back(std::move(starter));
        }
        m_isRestarting = true;
        later(&LinuxRestartBackend::startStarters);
    }

    void cancel() override
    {
        m_cancelled = true;
        const Error cancelled{ErrorCode::Cancelled,
                              tr("Closing the applications was cancelled.", "outcome")};
        if (std::exchange(m_isShuttingDown, false)) {
            m_closers.clear();
            emit shutdownFinished(cancelled);
        }
        if (std::exchange(m_isRestarting, false))
            emit restartFinished(cancelled);
    }

private:
    /// What will be needed to start \a application again, taken while it still runs.
    void record(const AffectedApplication &application)
    {
        LaunchRecord launch = LaunchRecord::of(application.process);
        const std::optional<Registration> registration = registrationOf(application.process);
        if (registration && registration->arguments)
            launch.setArguments(*registration->arguments);
        if (launch.isValid())
            m_records.insert(application.process, launch);
    }

    void scanned()
    {
        if (m_cancelled) {
            emit listed(Error{ErrorCode::Cancelled,
                              tr("The search for applications was cancelled.", "outcome")});
            return;
        }
        emit listed(Identification::identify(m_scan.result(), m_display));
    }

    // Those who will most likely ask a question come first: a refusal then costs the others
    // nothing.
    void startClosers()
    {
        std::stable_partition(m_closers.begin(), m_closers.end(), [](const auto &closer) {
            return closer->application().type == ApplicationType::MainWindow;
        });
        for (const auto &closer : m_closers)
            closer->start();
        later(&LinuxRestartBackend::finishShutdownIfSettled);
    }

    void finishShutdownIfSettled()
    {
        const bool allSettled = std::all_of(m_closers.cbegin(), m_closers.cend(),
                                            [](const auto &closer) { return closer->isSettled(); });
        if (!m_isShuttingDown || !allSettled)
            return;
        m_isShuttingDown = false;
        m_closers.clear();
        emit shutdownFinished({});
    }

    void startStarters()
    {
        for (const auto &starter : m_starters)
            starter->start();
        finishRestartIfSettled();
    }

    void finishRestartIfSettled()
    {
        const bool allSettled =
            std::all_of(m_starters.cbegin(), m_starters.cend(),
                        [](const auto &starter) { return starter->isSettled(); });
        if (!m_isRestarting || !allSettled)
            return;
        m_isRestarting = false;
        later(&LinuxRestartBackend::reportRestartFinished);
    }

    void reportRestartFinished()
    {
        m_starters.clear();
        emit restartFinished({});
    }

    /// Endings never come before the request has returned, and never from inside a helper that the
    /// ending deletes.
    void later(void (LinuxRestartBackend::*action)())
    {
        QMetaObject::invokeMethod(this, action, Qt::QueuedConnection);
    }

    std::shared_ptr<Clock> m_clock;
    X11Display m_display;
    FileTable m_files;
    std::atomic<bool> m_cancelled = false;
    QFutureWatcher<ProcessScan> m_scan;
    QMap<UniqueProcess, LaunchRecord> m_records;
    std::vector<std::unique_ptr<ApplicationCloser>> m_closers;
    std::vector<std::unique_ptr<ApplicationStarter>> m_starters;
    bool m_isShuttingDown = false;
    bool m_isRestarting = false;
};

std::unique_ptr<RestartBackend> createRestartBackend(std::shared_ptr<Clock> clock)
{
    return std::make_unique<LinuxRestartBackend>(std::move(clock));
}

} // namespace Entracte

#include "restartbackend.moc"
