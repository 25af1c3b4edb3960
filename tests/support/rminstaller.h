// SPDX-License-Identifier: MIT
#pragma once

#include <QFile>
#include <QList>
#include <QProcess>
#include <QRegularExpression>
#include <QSet>

#include <csignal>

#include <fcntl.h>
#include <pty.h>
#include <sys/resource.h>
#include <unistd.h>

/// An installer in C that makes the calls of the C interface one by one (rmclient.c).
class RmInstaller
{
public:
    explicit RmInstaller(const QProcessEnvironment &environment, uid_t uid = 0,
                         rlim_t largestFile = RLIM_INFINITY)
    {
        m_process.setProcessEnvironment(environment);
        m_process.setChildProcessModifier([uid, largestFile] {
            const rlimit limit{largestFile, largestFile};
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &limit);
            if (uid != 0 && (setgid(uid) != 0 || setuid(uid) != 0))
                _exit(99);
        });
        const QStringList command = QStringLiteral(ENTRACTE_RM_CLIENT).split(u' ');
        m_process.start(command.first(), command.mid(1));
        if (!m_process.waitForStarted())
            qFatal("%s", qPrintable(m_process.errorString()));
    }

    ~RmInstaller()
    {
        m_process.closeWriteChannel();
        if (m_process.state() != QProcess::NotRunning && !m_process.waitForFinished())
            kill();
    }

    void kill()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    qint64 pid() const { return m_process.processId(); }

    /// The lines of the answer, each in its fields.
    QList<QStringList> call(const QStringList &fields)
    {
        m_process.write(fields.join(u'\t').toUtf8() + '\n');
        QList<QStringList> answer;
        while (m_process.state() == QProcess::Running || m_process.canReadLine()) {
            if (!m_process.canReadLine() && !m_process.waitForReadyRead(60'000))
                break;
            if (!m_process.canReadLine())
                continue;
            const QString line = QString::fromUtf8(m_process.readLine().chopped(1));
            if (line == QStringLiteral("ok"))
                return answer;
            answer.append(line.split(u'\t'));
        }
        qFatal("the installer did not answer %s: %s", qPrintable(fields.join(u' ')),
               m_process.readAllStandardError().constData());
    }

    /// The last line's first field.
    int code(const QStringList &fields) { return call(fields).constLast().constFirst().toInt(); }

    struct Session
    {
        int code = -1;
        QString handle;
        QString key;
    };
    Session start()
    {
        const QStringList answer = call({QStringLiteral("start")}).constFirst();
        return {answer[0].toInt(), answer[1], answer[2]};
    }
    Session join(const QString &key)
    {
        const QStringList answer = call({QStringLiteral("join"), key}).constFirst();
        return {answer[0].toInt(), answer[1], key};
    }
    /// A session that has registered \a file.
    QString sessionFor(const QString &file)
    {
        const QString handle = start().handle;
        if (code({QStringLiteral("register"), handle, QStringLiteral("f:") + file}) != 0)
            qFatal("could not register");
        return handle;
    }

    struct Entry
    {
        qint64 pid;
        quint64 startTime;
        int type;
        int status;
        bool restartable;
        int logonSession;
        QString service;
        QString name;
    };
    struct List
    {
        int code;
        int needed;
        int count;
        int reasons;
        QList<Entry> entries;

        QSet<qint64> pids() const
        {
            QSet<qint64> all;
            for (const Entry &entry : entries)
                all.insert(entry.pid);
            return all;
        }
        Entry of(qint64 pid) const
        {
            for (const Entry &entry : entries)
                if (entry.pid == pid)
                    return entry;
            return {};
        }
    };
    List list(const QString &handle, int room = 50)
    {
        QList<QStringList> lines = call({QStringLiteral("list"), handle, QString::number(room)});
        const QStringList head = lines.takeFirst();
        List list{head[0].toInt(), head[1].toInt(), head[2].toInt(), head[3].toInt(), {}};
        for (const QStringList &line : lines)
            list.entries.append({line[0].toLongLong(), line[1].toULongLong(), line[2].toInt(),
                                 line[3].toInt(), line[4] == QStringLiteral("1"), line[5].toInt(),
                                 line[6], line[7]});
        return list;
    }
    int shutdown(const QString &handle, int flags = 0)
    {
        return code({QStringLiteral("shutdown"), handle, QString::number(flags)});
    }
    int restart(const QString &handle) { return code({QStringLiteral("restart"), handle}); }

    QByteArray log() { return m_process.readAllStandardError(); }

private:
    QProcess m_process;
};

/// One application that holds files (linkedholder.cpp), and the log of what happened to it and to
/// its successors.
class LinkedProgram
{
public:
    LinkedProgram(const QString &executable, const QString &log, const QStringList &options,
                  const QProcessEnvironment &environment, const QString &folder, uid_t uid = 0,
                  bool inTerminal = false)
        : m_log(log)
    {
        m_process.setProcessEnvironment(environment);
        m_process.setWorkingDirectory(folder);
        if (inTerminal)
            openpty(&m_master, &m_slave, m_terminal, nullptr, nullptr);
        m_process.setChildProcessModifier([this, uid, inTerminal] {
            setsid();
            if (inTerminal)
                ::open(m_terminal, O_RDWR); // becomes the controlling one
            if (uid != 0 && (setgid(uid) != 0 || setuid(uid) != 0))
                _exit(99);
        });
        m_process.start(executable, QStringList{log} + options);
        if (!m_process.waitForReadyRead() || !m_process.readAll().startsWith("ready"))
            qFatal("%s did not start", qPrintable(executable));
        m_pid = m_process.processId();
    }

    ~LinkedProgram()
    {
        m_process.kill();
        m_process.waitForFinished();
        if (m_master >= 0) {
            ::close(m_master);
            ::close(m_slave);
        }
    }

    /// Also when it has ended.
    qint64 pid() const { return m_pid; }
    bool isRunning()
    {
        m_process.waitForFinished(1);
        return m_process.state() == QProcess::Running;
    }
    void end()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    QStringList log() const
    {
        QFile file(m_log);
        return file.open(QIODevice::ReadOnly)
                 ? QString::fromLocal8Bit(file.readAll()).split(u'\n', Qt::SkipEmptyParts)
                 : QStringList();
    }
    /// How often it was started, the first time included.
    int starts() const
    {
        return int(log().filter(QRegularExpression(QStringLiteral("^started "))).size());
    }
    int count(const QString &event) const { return int(log().count(event)); }

private:
    QString m_log;
    QProcess m_process;
    qint64 m_pid = 0;
    int m_master = -1;
    int m_slave = -1;
    char m_terminal[64] = {};
};
