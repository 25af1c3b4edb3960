// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/identification/displayclients.h"
#include "restart/restartsession.h"
#include "support/manualclock.h"
#include "support/sampleproduct.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

/// Real programs that hold a product file, a session that closes them, and a clock that moves only
/// when the test says so: programs, windows and buses are as fast as they are, limits pass at once.
class ClosingLab
{
public:
    enum class Hold {
        Nothing,
        Descriptor, ///< the file was open before the program ran, and its children have it too
        Library,    ///< it maps the library
    };

    explicit ClosingLab(const Entracte::UniqueProcess &installer = {})
    {
        using namespace Qt::StringLiterals;
        SampleProduct::write(held(), "bytes");
        if (!QFile::copy(QStringLiteral(ENTRACTE_HELD_LIBRARY), library()))
            qFatal("cannot copy the library");
        renew(installer);
    }

    ~ClosingLab()
    {
        session.reset();
        for (const auto &program : programs) {
            program->kill();
            program->waitForFinished();
        }
        if (server)
            qputenv("DISPLAY", m_outerDisplay);
    }
    Q_DISABLE_COPY_MOVE(ClosingLab)

    /// A session that knows nothing yet, on the display and the bus that the environment names now.
    void renew(const Entracte::UniqueProcess &installer = {})
    {
        session = std::make_unique<Entracte::RestartSession>(
            Entracte::createRestartBackend(clock, installer), clock);
        if (!session->registerFiles({held(), library()}))
            qFatal("cannot register");
    }

    QString path(const QString &name) const { return m_folder.filePath(name); }
    QString held() const { return path(QStringLiteral("held")); }
    QString library() const { return path(QStringLiteral("libproduct.so")); }

    /// Starts \a program in a session of its own; \a before runs in it just before exec.
    QProcess *start(const QString &program, const QStringList &arguments, Hold hold,
                    const std::function<void()> &before = {})
    {
        auto process = std::make_unique<QProcess>();
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        if (hold == Hold::Library)
            environment.insert(QStringLiteral("LD_PRELOAD"), library());
        process->setProcessEnvironment(environment);
        process->setWorkingDirectory(m_folder.path());
        process->setChildProcessModifier(
            [file = QFile::encodeName(held()), isHeld = hold == Hold::Descriptor, before] {
                setsid();
                if (isHeld && open(file.constData(), O_RDONLY) < 0)
                    _exit(99);
                if (before)
                    before();
            });
        process->start(program, arguments);
        if (!process->waitForStarted())
            return nullptr;
        programs.push_back(std::move(process));
        return programs.back().get();
    }

    /// tests/support/windowholder, with its window on the display.
    QProcess *startWindow(const QString &title, const QStringList &options)
    {
        QProcess *const process = start(QStringLiteral(ENTRACTE_WINDOW_HOLDER),
                                        QStringList(title) + options, Hold::Descriptor);
        return process && says(*process, "ready") && windowOf(title) != 0 ? process : nullptr;
    }

    /// A display of its own, with a window manager; programs and looks are on it from now on, until
    /// the lab goes. What each of the two holds. False if it does not come up.
    bool startDesktop(Hold ofServer, Hold ofManager)
    {
        using namespace Qt::StringLiterals;
        server =
            start(u"Xvfb"_s, {u"-displayfd"_s, u"1"_s, u"-nolisten"_s, u"tcp"_s, u"-noreset"_s},
                  ofServer);
        if (!server || !says(*server, "\n"))
            return false;
        qputenv("DISPLAY", ":" + server->property("said").toByteArray().trimmed());
        manager = start(u"openbox"_s, {u"--sm-disable"_s}, ofManager);
        return manager
            && QTest::qWaitFor(
                   [this] {
                       return Entracte::DisplayClients::take().manager == manager->processId();
                   },
                   20'000);
    }

    /// Waits until \a process has said \a word.
    static bool says(QProcess &process, const QByteArray &word)
    {
        return QTest::qWaitFor(
            [&] {
                const QByteArray said =
                    process.property("said").toByteArray() + process.readAllStandardOutput();
                process.setProperty("said", said);
                return said.contains(word);
            },
            20'000);
    }
    /// How often it has said it so far.
    static int timesSaid(QProcess &process, const QByteArray &word)
    {
        says(process, {}); // reads what is there
        return int(process.property("said").toByteArray().count(word));
    }

    static QByteArray xdotool(const QStringList &arguments)
    {
        QProcess process;
        process.start(QStringLiteral("xdotool"), arguments);
        process.waitForFinished();
        return process.readAllStandardOutput().trimmed();
    }

    /// The window whose title matches, once it is shown; 0 after a minute without.
    static quint32 windowOf(const QString &title)
    {
        quint32 window = 0;
        const bool isShown = QTest::qWaitFor(
            [&] {
                const QByteArray found =
                    xdotool({QStringLiteral("search"), QStringLiteral("--onlyvisible"),
                             QStringLiteral("--name"), title});
                window = found.split('\n').first().toUInt();
                return window != 0;
            },
            60'000);
        return isShown ? window : 0;
    }

    std::unique_ptr<Entracte::RestartTask> begin(std::unique_ptr<Entracte::RestartTask> task)
    {
        result.reset();
        code.reset();
        QObject::connect(task.get(), &Entracte::Job::finished, task.get(),
                         [this, running = task.get()](const Entracte::Result<> &ended) {
                             code = running->code();
                             result = ended;
                         });
        task->start();
        return task;
    }

    /// Starts \a task and waits for its end, without moving the clock.
    bool finish(std::unique_ptr<Entracte::RestartTask> task)
    {
        const std::unique_ptr<Entracte::RestartTask> running = begin(std::move(task));
        return QTest::qWaitFor([this] { return result.has_value(); }, 40'000);
    }
    bool look() { return finish(session->list()); }

    /// Looks until exactly \a count applications hold the files.
    bool seesHolders(int count)
    {
        return QTest::qWaitFor([&] { return look() && session->inTheWay().size() == count; },
                               20'000);
    }

    Entracte::AffectedApplication application(qint64 pid) const
    {
        for (const Entracte::AffectedApplication &one : session->applications())
            for (const Entracte::UniqueProcess &process : one.processes)
                if (process.pid == pid)
                    return one;
        return {};
    }
    Entracte::ClosingState closing(qint64 pid) const { return application(pid).closing; }

    const std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    std::unique_ptr<Entracte::RestartSession> session;
    std::optional<Entracte::Result<>> result;
    std::optional<Entracte::RestartCode> code;
    std::vector<std::unique_ptr<QProcess>> programs;
    QProcess *server = nullptr; ///< of startDesktop()
    QProcess *manager = nullptr;

private:
    const QByteArray m_outerDisplay = qgetenv("DISPLAY");
    QTemporaryDir m_folder;
};
