// SPDX-License-Identifier: MIT
#pragma once

#include "support/sampleproduct.h"

#include <csignal>
#include <memory>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

/// Real programs, copies of fileholder, that hold one file, and everything else that runs in the
/// same runtime directory: known by it, whoever's children they are by now.
class ApplicationFleet
{
public:
    /// \a folder: an empty one of ours.
    explicit ApplicationFleet(const QString &folder)
        : m_folder(folder)
        , m_program(folder + QStringLiteral("/holder"))
    {
        QDir().mkpath(runtimeDirectory());
        chmod(QFile::encodeName(runtimeDirectory()).constData(), 0700);
        if (!QFile::copy(QStringLiteral(ENTRACTE_FILE_HOLDER), m_program))
            qFatal("cannot copy the holder");
    }
    ApplicationFleet(const ApplicationFleet &) = delete;
    ApplicationFleet &operator=(const ApplicationFleet &) = delete;

    ~ApplicationFleet()
    {
        for (const pid_t pid : everybody())
            ::kill(pid, SIGKILL);
        for (const auto &started : m_started)
            started->waitForFinished();
    }

    QString runtimeDirectory() const { return m_folder + QStringLiteral("/runtime"); }

    QProcessEnvironment environment() const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), runtimeDirectory());
        return environment;
    }

    /// Starts program \a number, which holds \a file and ends when it is asked, or as \a manner
    /// says.
    void start(int number, const QString &file,
               const QStringList &manner = {QStringLiteral("--catch-term")})
    {
        auto process = std::make_unique<QProcess>();
        process->setProcessEnvironment(environment());
        process->setChildProcessModifier([] { setsid(); });
        process->start(m_program, manner
                                      + QStringList{QStringLiteral("--open"), file,
                                                    QStringLiteral("application-%1.").arg(number)});
        if (!process->waitForReadyRead())
            qFatal("the holder did not start");
        m_original.append(pid_t(process->processId()));
        m_started.push_back(std::move(process));
    }

    /// The processes that program \a number is now.
    QList<pid_t> running(int number) const
    {
        QList<pid_t> found;
        for (const pid_t pid : everybody()) {
            if (programOf(pid) == m_program
                && textOf(pid, "cmdline")
                       .contains(QByteArray("application-") + QByteArray::number(number) + '.'))
                found.append(pid);
        }
        return found;
    }

    /// What else runs here: installers and guardians.
    QList<pid_t> strangers() const
    {
        QList<pid_t> others = everybody();
        others.removeIf([this](pid_t pid) { return programOf(pid) == m_program; });
        return others;
    }

    static bool isStopped(pid_t pid)
    {
        const QByteArray stat = textOf(pid, "stat");
        return stat.mid(stat.lastIndexOf(')') + 2).startsWith('T');
    }

    bool wasRestarted(pid_t pid) const { return !m_original.contains(pid); }

    /// Whether \a pid has \a file open: the one that lies there now.
    static bool holds(pid_t pid, const QString &file)
    {
        struct stat there, held;
        if (stat(QFile::encodeName(file).constData(), &there) != 0)
            return false;
        const QString folder = QStringLiteral("/proc/%1/fd/").arg(pid);
        for (const QString &descriptor : QDir(folder).entryList(QDir::AllEntries | QDir::System))
            if (stat(QFile::encodeName(folder + descriptor).constData(), &held) == 0
                && held.st_dev == there.st_dev && held.st_ino == there.st_ino)
                return true;
        return false;
    }

    /// How many descriptors \a pid has open.
    static int descriptors(pid_t pid)
    {
        return int(QDir(QStringLiteral("/proc/%1/fd").arg(pid))
                       .entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot)
                       .size());
    }

    /// Everything in the session store that tells of a session: folders of live and dead ones.
    QStringList sessions() const
    {
        QStringList found;
        for (const char *const place : {"sessions", "abandoned"})
            found +=
                QDir(runtimeDirectory() + QStringLiteral("/entracte/") + QString::fromLatin1(place))
                    .entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
        return found;
    }

    /// Every living process whose runtime directory is ours.
    QList<pid_t> everybody() const
    {
        const QByteArray variable =
            "XDG_RUNTIME_DIR=" + QFile::encodeName(runtimeDirectory()) + '\0';
        QList<pid_t> found;
        for (const QString &name : QDir(QStringLiteral("/proc")).entryList(QDir::Dirs)) {
            const pid_t pid = name.toInt();
            if (pid > 0 && textOf(pid, "environ").contains(variable))
                found.append(pid);
        }
        return found;
    }

private:
    static QByteArray textOf(pid_t pid, const char *name)
    {
        QFile file(QStringLiteral("/proc/%1/%2").arg(pid).arg(QString::fromLatin1(name)));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    static QString programOf(pid_t pid)
    {
        return QFile::symLinkTarget(QStringLiteral("/proc/%1/exe").arg(pid));
    }

    QString m_folder;
    QString m_program;
    QList<pid_t> m_original;
    std::vector<std::unique_ptr<QProcess>> m_started;
};
