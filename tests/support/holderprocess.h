// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/processscan.h"

#include <QFile>
#include <QProcess>
#include <QTest>

/// A program that says "ready" once it holds what it is told to hold; ends with this object.
class HolderProcess
{
public:
    ~HolderProcess() { end(); }

    bool start(const QString &program, const QStringList &arguments)
    {
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(program, arguments);
        return QTest::qWaitFor(
            [this] {
                m_said += m_process.readAllStandardOutput();
                return m_said.contains("ready");
            },
            20'000);
    }

    void end()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    qint64 pid() const { return m_process.processId(); }
    QProcess &process() { return m_process; }

private:
    QProcess m_process;
    QByteArray m_said;
};

/// One scan for \a paths, as they are now.
inline Entracte::ProcessScan scanFor(const QStringList &paths,
                                     const Entracte::ScanFeatures &features = {})
{
    auto files = std::make_shared<Entracte::FileTable>();
    files->add(paths, features);
    Entracte::ScanTargets targets;
    targets.files = files;
    const std::atomic<bool> cancelled = false;
    return Entracte::scanProcesses(targets, cancelled, features);
}

inline QList<qint64> pidsOf(const Entracte::ProcessScan &scan)
{
    QList<qint64> pids;
    for (const Entracte::FileHolder &holder : scan.holders)
        pids.append(holder.process.pid);
    return pids;
}

inline void writeFile(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}
