// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/process.h"
#include "restart/restartsession.h"
#include "support/connectaudit.h"
#include "support/holderprocess.h"
#include "support/insidebox.h"
#include "support/manualclock.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <memory>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/// A root installer on a manual clock, and programs of user 1000 who has a display and a bus of
/// their own. The environment points there, as `sudo -E` leaves it.
class AgentLab
{
public:
    static constexpr uid_t user = 1000;

    AgentLab()
    {
        chmod(QFile::encodeName(m_folder.path()).constData(), 01777);
        writeFile(data(), "bytes");
        session = std::make_unique<Entracte::RestartSession>(Entracte::createRestartBackend(clock),
                                                             clock);
        if (!session->registerFiles({data()}))
            qFatal("cannot register");
        ConnectAudit::forget();
    }

    ~AgentLab()
    {
        session.reset();
        for (const Entracte::UniqueProcess &process : programs())
            ::kill(pid_t(process.pid), SIGKILL);
        for (const Entracte::UniqueProcess &agent : agents())
            ::kill(pid_t(agent.pid), SIGCONT);
        if (!QTest::qWaitFor([] { return agents().isEmpty(); }, 20'000))
            qFatal("an agent stays");
    }
    Q_DISABLE_COPY_MOVE(AgentLab)

    QString path(const QString &name) const { return m_folder.filePath(name); }
    QString data() const { return path(QStringLiteral("data")); }

    /// With their bus, which is started by who first connects to it: nobody's patience is measured.
    static bool startUsersManager()
    {
        const QStringList anything{QStringLiteral("busctl"), QStringLiteral("--user"),
                                   QStringLiteral("list")};
        return InsideBox::systemctl({QStringLiteral("start"), QStringLiteral("user@1000.service")})
            && InsideBox::run(QStringLiteral("/usr/bin/setpriv"), asUser({}) + anything);
    }

    static QStringList asUser(const QString &display)
    {
        return {QStringLiteral("--reuid=1000"),
                QStringLiteral("--regid=1000"),
                QStringLiteral("--init-groups"),
                QStringLiteral("--"),
                QStringLiteral("/usr/bin/env"),
                QStringLiteral("-i"),
                QStringLiteral("HOME=/tmp"),
                QStringLiteral("USER=user"),
                QStringLiteral("PATH=/usr/bin:/bin"),
                QStringLiteral("XDG_RUNTIME_DIR=/run/user/1000"),
                QStringLiteral("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus"),
                QStringLiteral("DISPLAY=") + display};
    }

    /// A copy of \a program, started as the user with the file open already; returns when it is
    /// ready.
    HolderProcess *startOfUser(const QString &program, const QStringList &arguments)
    {
        auto holder = std::make_unique<HolderProcess>();
        holder->process().setChildProcessModifier([file = QFile::encodeName(data())] {
            if (::open(file.constData(), O_RDONLY) < 0)
                _exit(99);
        });
        const bool isReady = holder->start(QStringLiteral("/usr/bin/setpriv"),
                                           asUser(qEnvironmentVariable("DISPLAY"))
                                               + QStringList{copyOf(program)} + arguments);
        m_holders.push_back(std::move(holder));
        return isReady ? m_holders.back().get() : nullptr;
    }

    /// Of root, on the display that the environment names, or on none.
    HolderProcess *startOfRoot(const QString &program, const QStringList &arguments,
                               bool isOnDisplay)
    {
        m_holders.push_back(std::make_unique<HolderProcess>());
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        if (!isOnDisplay)
            environment.remove(QStringLiteral("DISPLAY"));
        m_holders.back()->process().setProcessEnvironment(environment);
        return m_holders.back()->start(copyOf(program), arguments) ? m_holders.back().get()
                                                                   : nullptr;
    }

    /// What runs of the copies, started by us or again.
    QList<Entracte::UniqueProcess> programs(const QString &name = {}) const
    {
        return processesWhere(
            [&](pid_t pid) { return Entracte::executableOf(pid).startsWith(path(name)); });
    }

    static QList<Entracte::UniqueProcess> agents()
    {
        return processesWhere(
            [](pid_t pid) { return Entracte::argumentsOf(pid).value(0) == "entracte-agent"; });
    }

    /// Where root has connected to that is no place of the system's.
    static QList<QByteArray> placesOfUsers()
    {
        QList<QByteArray> places = ConnectAudit::places();
        places.removeIf([](const QByteArray &place) {
            return !place.startsWith("/run/user/") && !place.contains("X11-unix")
                && !place.startsWith("/tmp/");
        });
        return places;
    }

    void begin(std::unique_ptr<Entracte::RestartTask> task)
    {
        code.reset();
        running = std::move(task);
        QObject::connect(running.get(), &Entracte::Job::finished, running.get(),
                         [this] { code = running->code(); });
        running->start();
    }

    std::optional<Entracte::RestartCode> finish(std::unique_ptr<Entracte::RestartTask> task)
    {
        begin(std::move(task));
        (void)QTest::qWaitFor([this] { return code.has_value(); }, 60'000);
        return code;
    }

    /// Restarting waits a while whether a program stays.
    std::optional<Entracte::RestartCode> finishRestart()
    {
        begin(session->restart());
        (void)QTest::qWaitFor(
            [this] {
                clock->advance(std::chrono::milliseconds(10));
                return code.has_value();
            },
            60'000);
        return code;
    }

    Entracte::AffectedApplication application(qint64 pid) const
    {
        for (const Entracte::AffectedApplication &one : session->applications())
            if (one.process.pid == pid)
                return one;
        return {};
    }

    QByteArray text(const QString &name) const
    {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    const std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    std::unique_ptr<Entracte::RestartSession> session;
    std::unique_ptr<Entracte::RestartTask> running;
    std::optional<Entracte::RestartCode> code;

private:
    template <typename IsWanted>
    static QList<Entracte::UniqueProcess> processesWhere(IsWanted isWanted)
    {
        QList<Entracte::UniqueProcess> found;
        for (const QString &name : QDir(QStringLiteral("/proc")).entryList(QDir::Dirs))
            if (const pid_t pid = name.toInt(); pid > 0 && isWanted(pid))
                if (const auto process = Entracte::uniqueProcess(pid); isAlive(process))
                    found.append(process);
        return found;
    }

    QString copyOf(const QString &program)
    {
        const QString copy = path(QFileInfo(program).fileName());
        if (!QFile::exists(copy) && !QFile::copy(program, copy))
            qFatal("cannot copy %s", qPrintable(program));
        return copy;
    }

    QTemporaryDir m_folder;
    std::vector<std::unique_ptr<HolderProcess>> m_holders;
};
