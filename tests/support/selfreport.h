// SPDX-License-Identifier: MIT
#pragma once

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QProcess>
#include <QTest>

#include <csignal>
#include <memory>

#include <unistd.h>

/// tests/support/selfreport.py, as its first self and as whoever it comes back as. Ends with this
/// object.
class SelfReport
{
public:
    using Properties = QMap<QString, QString>;

    /// \a folder: an empty one of ours, that whoever it becomes may write to.
    explicit SelfReport(const QString &folder)
        : m_report(folder + QStringLiteral("/report"))
    {
    }
    ~SelfReport()
    {
        if (pid() > 0)
            ::kill(-pid_t(pid()), SIGKILL); // with what is around it: see setsid below
        m_first.waitForFinished();
        for (const pid_t each : everybody()) // who came back is nobody's child
            ::kill(each, SIGKILL);
    }
    Q_DISABLE_COPY_MOVE(SelfReport)

    static QString script()
    {
        return QStringLiteral(ENTRACTE_SOURCE_DIR "/tests/support/selfreport.py");
    }
    QString reportPath() const { return m_report; }

    /// Starts it, changed as \a settings say, by the command \a around if there is one; false
    /// unless it has written its report.
    bool start(const QJsonObject &settings, const QStringList &around = {})
    {
        const QByteArray json = QJsonDocument(settings).toJson(QJsonDocument::Compact);
        m_first.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_first.setChildProcessModifier([] { setsid(); });
        const QStringList command =
            around
            + QStringList{QStringLiteral("/usr/bin/python3"), script(), QStringLiteral("--become"),
                          QString::fromUtf8(json)};
        m_first.start(command.first(), command.mid(1));
        return waitForReport();
    }

    bool waitForReport() const
    {
        return QTest::qWaitFor([this] { return QFile::exists(m_report); }, 20'000);
    }

    /// What it says of itself; takes the report away, so that the next is another.
    Properties take() const
    {
        Properties properties;
        QFile file(m_report);
        if (!file.open(QIODevice::ReadOnly))
            return properties;
        const QStringList lines =
            QString::fromUtf8(file.readAll()).split(u'\n', Qt::SkipEmptyParts);
        for (const QString &line : lines)
            properties.insert(line.section(u'\t', 0, 0), line.section(u'\t', 1));
        file.remove();
        return properties;
    }

    qint64 pid() const { return m_first.processId(); }
    /// Its own, where a command stays around it and ends with it.
    qint64 innerPid() const
    {
        QFile children(QStringLiteral("/proc/%1/task/%1/children").arg(pid()));
        const qint64 child =
            children.open(QIODevice::ReadOnly) ? children.readAll().trimmed().toLongLong() : 0;
        return child > 0 ? child : pid();
    }
    bool isRunning() const { return m_first.state() == QProcess::Running; }
    bool end()
    {
        m_first.terminate();
        return m_first.waitForFinished();
    }

private:
    /// Everybody who is to write our report.
    QList<pid_t> everybody() const
    {
        QList<pid_t> found;
        const QByteArray word = '\0' + QFile::encodeName(m_report) + '\0';
        for (const QString &name : QDir(QStringLiteral("/proc")).entryList(QDir::Dirs)) {
            QFile words(QStringLiteral("/proc/%1/cmdline").arg(name));
            if (name.toInt() > 0 && words.open(QIODevice::ReadOnly)
                && words.readAll().contains(word))
                found.append(name.toInt());
        }
        return found;
    }

    QString m_report;
    QProcess m_first;
};
