// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "support/sampleproduct.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// The real back end over real processes: helpers that hold a file in each way, and this test
/// itself.
class tst_RestartBackend : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void eachWayOfHoldingIsFound_data();
    void eachWayOfHoldingIsFound();
    void otherFilesAreNobodys();
    void hardLinksAreTheSameFile();
    void aFileThatWasReplacedStillHasItsHolders();
    void aRefreshTakesOffWhoHasGone();
    void ourselvesAreNeverClosed();
    void whoCatchesTheSignalClosesAndComesBackAsItWas();
    void whoDoesNotCatchItIsLeftAlone();
    void forceNeedsConsentAndReachesThoseWhoIgnoreTheSignal();
    void aProgramThatCannotBeRunAgainIsReported();
    void aRegistrationNamesTheRowAndTheArguments();
    void aRegistrationThatIsALinkIsIgnored();
    void anotherUsersProgramComesBackAsThatUser();

private:
    QProcess *start(const QStringList &arguments, const QString &program = {}, uid_t uid = 0);
    void finish(std::unique_ptr<Job> job);
    void look(const QString &file);
    QString path(const QString &name) const { return m_folder->filePath(name); }
    QByteArray report() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<RestartSession> m_session;
    std::vector<std::unique_ptr<QProcess>> m_holders;
    QString m_program;
};

void tst_RestartBackend::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    chmod(QFile::encodeName(m_folder->path()).constData(), 0777);
    for (const QString &name : {u"held"_s, u"other"_s})
        SampleProduct::write(path(name), "bytes");
    QDir().mkpath(path(u"runtime"_s));
    chmod(QFile::encodeName(path(u"runtime"_s)).constData(), 0700);
    m_program = path(u"holder"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_FILE_HOLDER), m_program));
    m_session =
        std::make_unique<RestartSession>(createRestartBackend(std::make_shared<SystemClock>()));
}

void tst_RestartBackend::cleanup()
{
    for (const auto &holder : m_holders) {
        holder->kill();
        holder->waitForFinished();
    }
    m_holders.clear();
    // What came back is nobody's child: it is known by running our own copy of the helper.
    const QStringList processes = QDir(u"/proc"_s).entryList(QDir::Dirs);
    for (const QString &process : processes)
        if (QFile::symLinkTarget(u"/proc/%1/exe"_s.arg(process)) == m_program)
            ::kill(process.toInt(), SIGKILL);
}

QProcess *tst_RestartBackend::start(const QStringList &arguments, const QString &program, uid_t uid)
{
    auto holder = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"XDG_RUNTIME_DIR"_s, path(u"runtime"_s));
    environment.insert(u"HOLDER_TEST"_s, u"two\nlines"_s);
    environment.insert(u"INVOCATION_ID"_s, u"of one start only"_s);
    holder->setProcessEnvironment(environment);
    holder->setWorkingDirectory(m_folder->path());
    holder->setChildProcessModifier([uid] {
        setsid();
        umask(027);
        if (uid != 0 && (setgid(uid) != 0 || setuid(uid) != 0))
            _exit(99);
    });
    holder->start(program.isEmpty() ? m_program : program, arguments);
    if (!holder->waitForReadyRead() || !holder->readAll().startsWith("ready"))
        qFatal("the holder did not start: %s", holder->readAllStandardError().constData());
    m_holders.push_back(std::move(holder));
    return m_holders.back().get();
}

void tst_RestartBackend::finish(std::unique_ptr<Job> job)
{
    std::optional<Result<>> result;
    connect(job.get(), &Job::finished, this, [&](const Result<> &ended) { result = ended; });
    job->start();
    QTRY_VERIFY_WITH_TIMEOUT(result, 40'000);
    QVERIFY(*result);
}

void tst_RestartBackend::look(const QString &file)
{
    QVERIFY(m_session->registerFiles({file}));
    finish(m_session->list());
}

QByteArray tst_RestartBackend::report() const
{
    QFile file(path(u"report"_s));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void tst_RestartBackend::eachWayOfHoldingIsFound_data()
{
    QTest::addColumn<QString>("option");
    QTest::addColumn<HoldKinds>("kinds");

    QTest::newRow("open descriptor") << u"--open"_s << HoldKinds(HoldKind::Open);
    QTest::newRow("mapping, closed file") << u"--map"_s << HoldKinds(HoldKind::Mapped);
    QTest::newRow("executable") << QString() << HoldKinds(HoldKind::Executable | HoldKind::Mapped);
}

void tst_RestartBackend::eachWayOfHoldingIsFound()
{
    QFETCH(const QString, option);
    QFETCH(const HoldKinds, kinds);
    const QString file = option.isEmpty() ? m_program : path(u"held"_s);
    const QProcess *holder = start(option.isEmpty() ? QStringList() : QStringList{option, file});

    look(file);

    QCOMPARE(m_session->inTheWay().size(), 1);
    const AffectedApplication found = m_session->inTheWay().first();
    QCOMPARE(found.process.pid, holder->processId());
    HeldFile held;
    held.path = file;
    held.kinds = kinds;
    held.processes = {found.process};
    QCOMPARE(found.files, QList<HeldFile>({held}));
    QCOMPARE(found.name, u"holder"_s);
}

void tst_RestartBackend::otherFilesAreNobodys()
{
    start({u"--open"_s, path(u"held"_s), u"--cwd"_s, m_folder->path()});

    look(path(u"other"_s));

    QVERIFY(m_session->isClear());
}

void tst_RestartBackend::hardLinksAreTheSameFile()
{
    QVERIFY(link(QFile::encodeName(path(u"held"_s)).constData(),
                 QFile::encodeName(path(u"alias"_s)).constData())
            == 0);
    start({u"--open"_s, path(u"alias"_s)});

    look(path(u"held"_s));

    QCOMPARE(m_session->inTheWay().size(), 1);
}

void tst_RestartBackend::aFileThatWasReplacedStillHasItsHolders()
{
    start({u"--open"_s, path(u"held"_s)});
    QVERIFY(m_session->registerFiles({path(u"held"_s)}));
    QVERIFY(std::rename(QFile::encodeName(path(u"other"_s)).constData(),
                        QFile::encodeName(path(u"held"_s)).constData())
            == 0);

    finish(m_session->list());

    QCOMPARE(m_session->inTheWay().size(), 1);
}

void tst_RestartBackend::aRefreshTakesOffWhoHasGone()
{
    QProcess *const goes = start({u"--open"_s, path(u"held"_s)});
    look(path(u"held"_s));
    start({u"--open"_s, path(u"held"_s)}); // somebody who came since
    finish(m_session->refresh());
    QCOMPARE(m_session->inTheWay().size(), 1); // nobody has gone: nobody looks
    QCOMPARE(m_session->inTheWay().first().process.pid, goes->processId());

    finish(m_session->list());
    QCOMPARE(m_session->inTheWay().size(), 2);
    goes->kill();
    QVERIFY(goes->waitForFinished());
    finish(m_session->refresh());
    QCOMPARE(m_session->inTheWay().size(), 1);
}

void tst_RestartBackend::ourselvesAreNeverClosed()
{
    QFile held(path(u"held"_s));
    QVERIFY(held.open(QIODevice::ReadOnly));

    look(held.fileName());
    finish(m_session->shutdown(ShutdownType::Force));

    QCOMPARE(m_session->inTheWay().size(), 1);
    QVERIFY(m_session->inTheWay().first().isCritical());
    QVERIFY(!m_session->inTheWay().first().canBeForced);
    QVERIFY(m_session->rebootReasons().testFlag(RebootReason::DetectedSelf));
}

void tst_RestartBackend::whoCatchesTheSignalClosesAndComesBackAsItWas()
{
    const QProcess *holder = start(
        {u"--catch-term"_s, u"--open"_s, path(u"held"_s), u""_s, u"--report"_s, path(u"report"_s)});
    const qint64 before = holder->processId();
    const QByteArray was = report();
    look(path(u"held"_s));

    finish(m_session->shutdown(ShutdownType::Graceful));
    finish(m_session->list());
    QVERIFY(m_session->isClear());
    QVERIFY(QFile::remove(path(u"report"_s)));
    finish(m_session->restart());

    QTRY_VERIFY(!report().isEmpty());
    QVERIFY(was.contains("INVOCATION_ID of one start only"));
    QCOMPARE(report(), QByteArray(was).replace("of one start only", ""));
    QVERIFY(m_session->notRestarted().isEmpty());
    look(path(u"held"_s));
    QCOMPARE(m_session->inTheWay().size(), 1);
    QVERIFY(m_session->inTheWay().first().process.pid != before);
}

void tst_RestartBackend::whoDoesNotCatchItIsLeftAlone()
{
    const QProcess *holder = start({u"--open"_s, path(u"held"_s)});
    look(path(u"held"_s));

    finish(m_session->shutdown(ShutdownType::Graceful));

    const AffectedApplication asked = m_session->applications().first();
    QCOMPARE(asked.closing, ClosingState::Refused);
    QVERIFY(!asked.reason.isEmpty());
    QCOMPARE(holder->state(), QProcess::Running);
}

void tst_RestartBackend::forceNeedsConsentAndReachesThoseWhoIgnoreTheSignal()
{
    QProcess *holder = start({u"--ignore-term"_s, u"--open"_s, path(u"held"_s)});
    look(path(u"held"_s));

    finish(m_session->shutdown(ShutdownType::Graceful));
    QCOMPARE(holder->state(), QProcess::Running);
    finish(
        m_session->shutdown(ShutdownType::Graceful, {m_session->applications().first().process}));

    QTRY_COMPARE(holder->state(), QProcess::NotRunning);
    QCOMPARE(m_session->applications().first().closing, ClosingState::Closed);
}

void tst_RestartBackend::aProgramThatCannotBeRunAgainIsReported()
{
    start({u"--catch-term"_s, u"--open"_s, path(u"held"_s)});
    look(path(u"held"_s));
    finish(m_session->shutdown(ShutdownType::Graceful));
    QVERIFY(QFile::remove(m_program));

    finish(m_session->restart());

    QCOMPARE(m_session->notRestarted().size(), 1);
    const AffectedApplication lost = m_session->notRestarted().first();
    QVERIFY(lost.status.testFlag(ApplicationStatus::ErrorOnRestart));
    QVERIFY2(lost.reason.contains(m_program), qPrintable(lost.reason));
}

void tst_RestartBackend::aRegistrationNamesTheRowAndTheArguments()
{
    const QString target = path(u"held"_s);
    start({u"--catch-term"_s, u"--open"_s, target, u"--register"_s, u"Fine Holder"_s,
           u"--version"_s});
    look(target);

    QCOMPARE(m_session->inTheWay().first().name, u"Fine Holder"_s);
    QCOMPARE(m_session->inTheWay().first().restartability, Restartability::Registered);
}

void tst_RestartBackend::aRegistrationThatIsALinkIsIgnored()
{
    start({u"--open"_s, path(u"held"_s), u"--register"_s, u"Fine Holder"_s, u"x"_s});
    const QDir apps(path(u"runtime/entracte/apps"_s));
    const QString file = apps.absoluteFilePath(apps.entryList(QDir::Files).value(0));
    QVERIFY(QFile::rename(file, path(u"elsewhere"_s)));
    QVERIFY(QFile::link(path(u"elsewhere"_s), file));

    look(path(u"held"_s));

    QCOMPARE(m_session->inTheWay().first().name, u"holder"_s);
}

void tst_RestartBackend::anotherUsersProgramComesBackAsThatUser()
{
    if (geteuid() != 0)
        QSKIP("closing another user's program needs root");
    constexpr uid_t nobody = 65534;
    start({u"--catch-term"_s, u"--open"_s, path(u"held"_s), u"--report"_s, path(u"report"_s)}, {},
          nobody);
    QVERIFY(report().contains("uid 65534"));
    QVERIFY(QFile::remove(path(u"report"_s)));
    look(path(u"held"_s));

    finish(m_session->shutdown(ShutdownType::Graceful));
    finish(m_session->restart());

    QTRY_VERIFY(report().contains("uid 65534"));
}

QTEST_GUILESS_MAIN(tst_RestartBackend)
#include "tst_restartbackend.moc"
