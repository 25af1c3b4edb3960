// SPDX-License-Identifier: MIT
#include "support/restartmanagertest.h"

#include "restart/restartsession.h"
#include "restart/sessionstore.h"
#include "support/endprograms.h"
#include "support/sampleproduct.h"

#include <QDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

void RestartManagerTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    chmod(QFile::encodeName(m_folder->path()).constData(), 0777);
    for (const QString &name : {u"held"_s, u"other"_s})
        SampleProduct::write(path(name), "bytes");
    for (const uid_t uid : {uid_t(0), nobody}) {
        const QString runtime = environment(uid).value(u"XDG_RUNTIME_DIR"_s);
        QDir().mkpath(runtime);
        chmod(QFile::encodeName(runtime).constData(), 0700);
        if (geteuid() == 0)
            QCOMPARE(chown(QFile::encodeName(runtime).constData(), uid, uid), 0);
    }
    qputenv("XDG_RUNTIME_DIR", environment().value(u"XDG_RUNTIME_DIR"_s).toLocal8Bit());
}

void RestartManagerTest::cleanup()
{
    m_programs.clear();
    endProgramsOf(m_folder->path());
}

QProcessEnvironment RestartManagerTest::environment(uid_t uid) const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"XDG_RUNTIME_DIR"_s, path(u"runtime-%1"_s.arg(uid)));
    environment.insert(u"QT_LOGGING_RULES"_s, u"entracte.restart=true"_s);
    environment.remove(u"DISPLAY"_s);
    return environment;
}

std::unique_ptr<RestartManagerTest::Installer> RestartManagerTest::installer(uid_t uid,
                                                                             rlim_t largestFile)
{
    return std::make_unique<Installer>(environment(uid), uid, largestFile);
}

RestartManagerTest::Program *RestartManagerTest::start(const QString &name,
                                                       const QStringList &options, uid_t uid,
                                                       bool inTerminal)
{
    const QString program = path(name);
    if (!QFile::exists(program) && !QFile::copy(QStringLiteral(ENTRACTE_LINKED_HOLDER), program))
        qFatal("could not copy the helper");
    const QString log = path(u"%1-%2.log"_s.arg(name).arg(m_programs.size()));
    m_programs.push_back(std::make_unique<Program>(program, log, options, environment(uid),
                                                   m_folder->path(), uid, inTerminal));
    return m_programs.back().get();
}

void RestartManagerTest::finish(std::unique_ptr<Job> job, RestartCode code)
{
    std::optional<Result<>> result;
    connect(job.get(), &Job::finished, this, [&](const Result<> &ended) { result = ended; });
    job->start();
    QTRY_VERIFY_WITH_TIMEOUT(result, 60'000);
    const auto *task = qobject_cast<RestartTask *>(job.get());
    QCOMPARE(int(task ? task->code() : restartCodeOf(*result)), int(code));
}

std::unique_ptr<SessionStore> RestartManagerTest::store(std::shared_ptr<Clock> clock) const
{
    return createSessionStore(std::move(clock),
                              {environment(geteuid()).value(u"XDG_RUNTIME_DIR"_s) + u"/entracte"_s,
                               std::chrono::seconds(5)});
}

QString RestartManagerTest::textOf(const QString &name) const
{
    QFile file(path(name));
    return file.open(QIODevice::ReadOnly) ? QString::fromLocal8Bit(file.readAll()) : QString();
}

QStringList RestartManagerTest::runEntracte(const QStringList &arguments, uid_t uid)
{
    QProcess process;
    process.setProcessEnvironment(environment(uid));
    process.start(QStringLiteral(ENTRACTE_COMMAND), arguments);
    if (!process.waitForFinished(60'000))
        qFatal("entracte did not end");
    return QString::fromUtf8(process.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts);
}
