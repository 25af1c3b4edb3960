// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "support/sampleproduct.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include <fcntl.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// Programs that nobody here wrote, on a real display with a real window manager. They hold a
/// product file the way programs do, by an open descriptor or a mapped library; their pid is never
/// registered.
class tst_RealApplications : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void xtermClosesByItsWindowAndComesBack();
    void mousepadWithUnsavedTextWaitsForThePersonAndLosesNothing();

private:
    qint64 start(const QString &program, const QStringList &arguments, const QString &title,
                 bool mapLibrary);
    std::unique_ptr<Job> begin(std::unique_ptr<Job> job);
    void finish(std::unique_ptr<Job> job);
    void look(const QString &file);
    ClosingState closing() const { return m_session->applications().value(0).closing; }
    static QByteArray xdotool(const QStringList &arguments);

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_held;
    QString m_library;
    std::unique_ptr<RestartSession> m_session;
    std::unique_ptr<QProcess> m_program;
    std::optional<Result<>> m_result;
};

void tst_RealApplications::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_held = m_folder->filePath(u"held"_s);
    SampleProduct::write(m_held, "bytes");
    m_library = m_folder->filePath(u"libproduct.so"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_HELD_LIBRARY), m_library));
    m_session =
        std::make_unique<RestartSession>(createRestartBackend(std::make_shared<SystemClock>()));
}

void tst_RealApplications::cleanup()
{
    if (m_program) {
        m_program->kill();
        m_program->waitForFinished();
    }
    look(m_held); // whatever came back holds our own file
    for (const AffectedApplication &application : m_session->inTheWay())
        ::kill(pid_t(application.process.pid), SIGKILL);
    look(m_library);
    for (const AffectedApplication &application : m_session->inTheWay())
        ::kill(pid_t(application.process.pid), SIGKILL);
}

QByteArray tst_RealApplications::xdotool(const QStringList &arguments)
{
    QProcess process;
    process.start(u"xdotool"_s, arguments);
    process.waitForFinished();
    return process.readAllStandardOutput().trimmed();
}

qint64 tst_RealApplications::start(const QString &program, const QStringList &arguments,
                                   const QString &title, bool mapLibrary)
{
    m_program = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (mapLibrary)
        environment.insert(u"LD_PRELOAD"_s, m_library);
    m_program->setProcessEnvironment(environment);
    m_program->setChildProcessModifier([held = QFile::encodeName(m_held), mapLibrary] {
        setsid();
        if (!mapLibrary && open(held.constData(), O_RDONLY) < 0)
            _exit(99);
    });
    m_program->start(program, arguments);
    if (!m_program->waitForStarted())
        return 0;
    const bool isShown = QTest::qWaitFor(
        [&] {
            return !xdotool({u"search"_s, u"--onlyvisible"_s, u"--name"_s, title}).isEmpty();
        },
        20'000);
    return isShown ? m_program->processId() : 0;
}

std::unique_ptr<Job> tst_RealApplications::begin(std::unique_ptr<Job> job)
{
    m_result.reset();
    connect(job.get(), &Job::finished, this, [this](const Result<> &result) { m_result = result; });
    job->start();
    return job;
}

void tst_RealApplications::finish(std::unique_ptr<Job> job)
{
    const std::unique_ptr<Job> running = begin(std::move(job));
    QTRY_VERIFY_WITH_TIMEOUT(m_result, 40'000);
    QVERIFY(*m_result);
}

void tst_RealApplications::look(const QString &file)
{
    QVERIFY(m_session->registerFiles({file}));
    finish(m_session->list());
}

void tst_RealApplications::xtermClosesByItsWindowAndComesBack()
{
    if (QStandardPaths::findExecutable(u"xterm"_s).isEmpty())
        QSKIP("xterm is not installed");
    const qint64 pid =
        start(u"xterm"_s, {u"-T"_s, u"held by descriptor"_s, u"-e"_s, u"sleep"_s, u"1000"_s},
              u"held by descriptor"_s, false);
    QVERIFY(pid > 0);
    look(m_held);
    const auto applications = m_session->inTheWay();
    const auto xterm = std::find_if(applications.cbegin(), applications.cend(),
                                    [pid](const auto &one) { return one.process.pid == pid; });
    QVERIFY(xterm != applications.cend());
    QCOMPARE(xterm->type, ApplicationType::MainWindow);
    QVERIFY2(xterm->name.contains(u"xterm"_s, Qt::CaseInsensitive), qPrintable(xterm->name));
    QVERIFY(xterm->windowTitles.contains(u"held by descriptor"_s));

    finish(m_session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE(m_program->state(), QProcess::NotRunning);
    finish(m_session->restart());

    QTRY_VERIFY(!xdotool({u"search"_s, u"--onlyvisible"_s, u"--name"_s, u"held by descriptor"_s})
                     .isEmpty());
    const QByteArray back = xdotool(
        {u"search"_s, u"--onlyvisible"_s, u"--name"_s, u"held by descriptor"_s, u"getwindowpid"_s});
    QVERIFY(back.toLongLong() > 0 && back.toLongLong() != pid);
    ::kill(pid_t(back.toLongLong()), SIGKILL); // started by this test, through the session
}

void tst_RealApplications::mousepadWithUnsavedTextWaitsForThePersonAndLosesNothing()
{
    if (QStandardPaths::findExecutable(u"mousepad"_s).isEmpty())
        QSKIP("mousepad is not installed");
    const qint64 pid = start(u"mousepad"_s, {u"--disable-server"_s}, u"Mousepad"_s, true);
    QVERIFY(pid > 0);
    const QString window = QString::fromLatin1(
        xdotool({u"search"_s, u"--onlyvisible"_s, u"--name"_s, u"Mousepad"_s}).split('\n').first());
    xdotool({u"windowactivate"_s, u"--sync"_s, window, u"type"_s, u"unsaved words"_s});
    // The star in the title says that the text has arrived.
    QTRY_VERIFY(xdotool({u"getwindowname"_s, window}).startsWith('*'));
    look(m_library);
    QCOMPARE(m_session->inTheWay().size(), 1);
    QCOMPARE(m_session->inTheWay().first().name, u"Mousepad"_s);

    const std::unique_ptr<Job> shutdown = begin(m_session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE_WITH_TIMEOUT(closing(), ClosingState::WaitingForUser, 20'000);
    QVERIFY(!m_result);
    xdotool({u"key"_s, u"Escape"_s});
    QTRY_COMPARE_WITH_TIMEOUT(closing(), ClosingState::Refused, 20'000);

    QTRY_VERIFY(m_result);
    QCOMPARE(m_program->state(), QProcess::Running);
    QVERIFY(xdotool({u"getwindowname"_s, window}).startsWith('*'));
}

QTEST_GUILESS_MAIN(tst_RealApplications)
#include "tst_realapplications.moc"
