// SPDX-License-Identifier: MIT
#pragma once

#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTest>

#include <csignal>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

/// A program that nobody here wrote, and everything that it starts in its own session. Ends with
/// this object.
class RealProgram
{
public:
    RealProgram() = default;
    ~RealProgram() { end(); }

    /// Loads this library into the program, as a product's library would be: LD_PRELOAD.
    void preload(const QString &library) { setVariable(QStringLiteral("LD_PRELOAD"), library); }
    void setVariable(const QString &name, const QString &value) { m_variables.insert(name, value); }
    /// Lets it inherit \a file, open.
    void holdOpen(const QString &file) { m_held = QFile::encodeName(file); }
    void runAs(uid_t uid) { m_uid = uid; }
    void startIn(const QString &folder) { m_process.setWorkingDirectory(folder); }

    qint64 start(const QString &program, const QStringList &arguments = {})
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(m_variables);
        m_process.setProcessEnvironment(environment);
        m_process.setChildProcessModifier([held = m_held, uid = m_uid] {
            setsid();
            if (uid != 0 && (setgid(uid) != 0 || setuid(uid) != 0))
                _exit(98);
            if (!held.isEmpty() && open(held.constData(), O_RDONLY) < 0)
                _exit(99);
        });
        m_process.start(program, arguments);
        if (!m_process.waitForStarted())
            return 0;
        const QString library = m_variables.value(QStringLiteral("LD_PRELOAD"));
        if (!library.isEmpty() && !waitUntilLoaded(pid(), library))
            return 0;
        return pid();
    }

    /// A program that runs has not loaded its libraries yet.
    static bool waitUntilLoaded(qint64 pid, const QString &library)
    {
        return QTest::qWaitFor(
            [&] {
                QFile maps(QStringLiteral("/proc/%1/maps").arg(pid));
                return maps.open(QIODevice::ReadOnly)
                    && maps.readAll().contains(QFile::encodeName(library));
            },
            20'000);
    }

    qint64 pid() const { return m_process.processId(); }
    bool isRunning() const { return m_process.state() == QProcess::Running; }
    QProcess &process() { return m_process; }

    void end()
    {
        if (m_process.processId() > 0)
            ::kill(-pid_t(m_process.processId()), SIGKILL); // its own group: see setsid above
        m_process.kill();
        m_process.waitForFinished();
    }

    /// True when a window whose title holds \a title can be seen.
    static bool showsWindow(const QString &title)
    {
        QProcess xdotool;
        xdotool.start(QStringLiteral("xdotool"),
                      {QStringLiteral("search"), QStringLiteral("--onlyvisible"),
                       QStringLiteral("--name"), title});
        return xdotool.waitForFinished() && !xdotool.readAllStandardOutput().trimmed().isEmpty();
    }

    static bool waitForWindow(const QString &title)
    {
        return QTest::qWaitFor([&title] { return showsWindow(title); }, 40'000);
    }

private:
    QProcess m_process;
    QProcessEnvironment m_variables;
    QByteArray m_held;
    uid_t m_uid = 0;
};
