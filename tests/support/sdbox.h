// SPDX-License-Identifier: MIT
#pragma once

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

/// A real systemd in throw-away namespaces (tests/support/sdbox), for a test that stays outside. It
/// ends with this object, or with the test.
class SdBox
{
public:
    ~SdBox() { down(); }

    QString path(const QString &name = {}) const { return m_folder.filePath(name); }

    /// A unit of the box's systemd; before up(), or followed by `systemctl daemon-reload`.
    void writeUnit(const QString &name, const QByteArray &text)
    {
        QDir().mkpath(path(QStringLiteral("units")));
        QFile file(path(QStringLiteral("units/") + name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write the unit %s", qPrintable(name));
    }

    /// The distribution's own \a unit, unmodified.
    void addUnit(const QString &unit)
    {
        QDir().mkpath(path(QStringLiteral("units")));
        QFile::link(QStringLiteral("/lib/systemd/system/") + unit,
                    path(QStringLiteral("units/") + unit));
    }

    /// Gives the box an empty directory of its own in the place of \a directory; before up().
    void makePrivate(const QString &directory)
    {
        QFile file(path(QStringLiteral("private")));
        if (file.open(QIODevice::WriteOnly | QIODevice::Append))
            file.write(QFile::encodeName(directory) + '\n');
    }

    /// False with whyNot() when it did not come up; wasImpossible() when no box can on this host.
    bool up() { return sdbox({QStringLiteral("up"), m_folder.path()}) == 0; }
    void down()
    {
        if (QFile::exists(path(QStringLiteral("cgroup"))))
            sdbox({QStringLiteral("down"), m_folder.path()});
    }
    bool wasImpossible() const { return m_status == 77; }
    QString whyNot() const { return QString::fromLocal8Bit(m_errorOutput).trimmed(); }

    /// Runs \a command inside, as root; its status.
    int run(const QStringList &command)
    {
        return sdbox(QStringList{QStringLiteral("exec"), m_folder.path()} + command);
    }
    /// What the last command said, trimmed.
    QByteArray output() const { return m_output; }
    QByteArray errorOutput() const { return m_errorOutput; }

    /// For a program that goes on while the test does; it is run inside by sdbox.
    static QString script() { return QStringLiteral(ENTRACTE_SOURCE_DIR "/tests/support/sdbox"); }

private:
    int sdbox(const QStringList &arguments)
    {
        QProcess process;
        process.start(script(), arguments);
        process.waitForFinished(60'000);
        m_output = process.readAllStandardOutput().trimmed();
        m_errorOutput = process.readAllStandardError().trimmed();
        return m_status = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    }

    QTemporaryDir m_folder;
    QByteArray m_output;
    QByteArray m_errorOutput;
    int m_status = 0;
};
