// SPDX-License-Identifier: MIT
#include "platform/linux/process.h"
#include "platform/linux/x11display.h"
#include "support/closinglab.h"
#include "support/sdbox.h"

#include <QRegularExpression>

#include <cerrno>
#include <csignal>

#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Hold = ClosingLab::Hold;

/// The statements of the specification about closing: who is asked, how often, how long it is
/// waited for, what force may do, and whom nothing ever reaches.
class tst_ClosingRules : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void spec_063_windowsCloseBeforeTerminals();
    void spec_066_forceComesAfterThePoliteRequest();
    void spec_067_whoIgnoresEverythingRunsOn();
    void spec_068_forceWaitsForThePoliteLimitAndNotForEver();
    void spec_068_aQuestionThatNobodyAnswersDoesNotStopForce();
    void spec_069_aTerminalProgramMayTakeTwoSecondsItsNeighboursGoOn();
    void spec_082_aReusedPidReceivesNothing_data();
    void spec_082_aReusedPidReceivesNothing();
    void spec_083_anUnknownProgramIsLeftAlone();
    void spec_084_anInhibitorIsARefusalInItsOwnWords();
    void spec_085_theDesktopAndTheInstallersAncestorsAreNeverSignalled();
    void spec_086_aForcedCloseIsOnRecord();
    void whoHidesInTheTrayIsAskedInAnotherWay();

private:
    QProcess *startInTerminal(const QByteArray &pythonText, Hold hold);

    std::unique_ptr<ClosingLab> m_lab;
};

void tst_ClosingRules::init()
{
    m_lab = std::make_unique<ClosingLab>();
}

void tst_ClosingRules::cleanup()
{
    m_lab.reset();
}

/// A Python program whose controlling terminal is a new one; what it says still arrives here.
QProcess *tst_ClosingRules::startInTerminal(const QByteArray &pythonText, Hold hold)
{
    return m_lab->start(u"python3"_s, {u"-c"_s, QString::fromLatin1(pythonText)}, hold, [] {
        const int master = posix_openpt(O_RDWR | O_NOCTTY);
        if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
            _exit(98);
        const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
        if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0) != 0)
            _exit(97);
    });
}

void tst_ClosingRules::spec_063_windowsCloseBeforeTerminals()
{
    QProcess *console = startInTerminal(
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, lambda *_: (print('interrupted', flush=True), sys.exit(0)))\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()\n",
        Hold::Descriptor);
    QVERIFY(console && ClosingLab::says(*console, "ready"));
    QProcess *window = m_lab->startWindow(u"first"_s, {u"--ignore-close"_s});
    QVERIFY(window);
    QVERIFY(m_lab->seesHolders(2));
    QCOMPARE(m_lab->application(console->processId()).type, ApplicationType::Console);

    const auto shutdown = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QVERIFY(ClosingLab::says(*window, "asked"));
    QCOMPARE(m_lab->closing(console->processId()), ClosingState::NotAsked);
    window->kill(); // the person does it
    QTRY_VERIFY(m_lab->result);

    QCOMPARE(*m_lab->code, RestartCode::Success);
    QVERIFY(ClosingLab::says(*console, "interrupted"));
    QTRY_COMPARE(console->state(), QProcess::NotRunning);
}

void tst_ClosingRules::spec_066_forceComesAfterThePoliteRequest()
{
    QProcess *window = m_lab->startWindow(u"refusing"_s, {u"--ignore-close"_s, u"--catch-term"_s});
    QVERIFY(window);
    QVERIFY(m_lab->seesHolders(1));

    const auto shutdown = m_lab->begin(m_lab->session->shutdown(ShutdownType::Force));
    QVERIFY(ClosingLab::says(*window, "asked"));
    QCOMPARE(ClosingLab::timesSaid(*window, "term"), 0);
    m_lab->clock->advance(10s);

    QVERIFY(ClosingLab::says(*window, "term"));
    QTRY_VERIFY(m_lab->result);
    QCOMPARE(*m_lab->code, RestartCode::Success);
    QCOMPARE(ClosingLab::timesSaid(*window, "asked"), 1);
}

void tst_ClosingRules::spec_067_whoIgnoresEverythingRunsOn()
{
    QProcess *window = m_lab->startWindow(u"deaf"_s, {u"--ignore-close"_s, u"--catch-term"_s});
    QVERIFY(window);
    QVERIFY(m_lab->seesHolders(1));
    const qint64 pid = window->processId();

    const auto shutdown = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QVERIFY(ClosingLab::says(*window, "asked"));
    QVERIFY(!m_lab->result);
    m_lab->clock->advance(10s);

    QTRY_VERIFY(m_lab->result);
    QCOMPARE(*m_lab->code, RestartCode::FailShutdown);
    QVERIFY(m_lab->application(pid).status.testFlag(ApplicationStatus::ErrorOnStop));
    m_lab->clock->advance(1h);
    QCOMPARE(window->state(), QProcess::Running);
    QCOMPARE(ClosingLab::timesSaid(*window, "term"), 0); // its window said no: that was an answer
}

void tst_ClosingRules::spec_068_forceWaitsForThePoliteLimitAndNotForEver()
{
    QProcess *window = m_lab->startWindow(u"deaf"_s, {u"--ignore-close"_s, u"--ignore-term"_s});
    QVERIFY(window);
    QVERIFY(m_lab->seesHolders(1));
    const qint64 pid = window->processId();

    const auto shutdown = m_lab->begin(m_lab->session->shutdown(ShutdownType::Force));
    QVERIFY(ClosingLab::says(*window, "asked"));
    m_lab->clock->advance(9999ms);
    QCOMPARE(m_lab->closing(pid), ClosingState::Asked);
    QCOMPARE(window->state(), QProcess::Running);
    m_lab->clock->advance(1ms);
    QTRY_COMPARE(m_lab->closing(pid), ClosingState::Ending);
    const auto spent = m_lab->clock->now();
    m_lab->clock->advance(5s);

    QTRY_COMPARE(window->state(), QProcess::NotRunning);
    QVERIFY(m_lab->clock->now() - spent <= 30s);
    QTRY_COMPARE(m_lab->code, RestartCode::Success);
}

void tst_ClosingRules::spec_068_aQuestionThatNobodyAnswersDoesNotStopForce()
{
    const QProcess *editor = m_lab->start(u"mousepad"_s, {u"--disable-server"_s}, Hold::Library);
    QVERIFY(editor);
    const QString window = QString::number(ClosingLab::windowOf(u"Mousepad"_s));
    QTRY_VERIFY_WITH_TIMEOUT(
        (ClosingLab::xdotool({u"windowactivate"_s, u"--sync"_s, window, u"type"_s, u"words"_s}),
         ClosingLab::xdotool({u"getwindowname"_s, window}).startsWith('*')),
        20'000);
    QVERIFY(m_lab->seesHolders(1));
    const qint64 pid = editor->processId();

    const auto shutdown = m_lab->begin(m_lab->session->shutdown(ShutdownType::Force));
    QTRY_COMPARE_WITH_TIMEOUT(m_lab->closing(pid), ClosingState::WaitingForUser, 20'000);
    m_lab->clock->advance(19999ms);
    QCOMPARE(m_lab->closing(pid), ClosingState::WaitingForUser);
    m_lab->clock->advance(1ms);
    QTRY_VERIFY(m_lab->closing(pid) == ClosingState::Ending
                || m_lab->closing(pid) == ClosingState::Closed);

    QTRY_COMPARE(editor->state(), QProcess::NotRunning);
    QTRY_COMPARE(m_lab->code, RestartCode::Success);
}

void tst_ClosingRules::spec_069_aTerminalProgramMayTakeTwoSecondsItsNeighboursGoOn()
{
    // It forks a neighbour into its own process group, which an interrupt from the terminal would
    // reach; its handler ends when it is told to, by a line. The kernel hangs up on the neighbour
    // when the leader of the session ends, which is not our doing.
    QProcess *console = startInTerminal("import os, signal, sys\n"
                                        "neighbour = os.fork()\n"
                                        "if neighbour == 0:\n"
                                        "    os.closerange(3, 64)\n"
                                        "    signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
                                        "    signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
                                        "    while True: signal.pause()\n"
                                        "def stop(*_):\n"
                                        "    print('handling', flush=True)\n"
                                        "    sys.stdin.readline()\n"
                                        "    print('handled', flush=True)\n"
                                        "    os._exit(0)\n"
                                        "signal.signal(signal.SIGINT, stop)\n"
                                        "print('neighbour', neighbour, 'ready', flush=True)\n"
                                        "while True: signal.pause()\n",
                                        Hold::Descriptor);
    QVERIFY(console && ClosingLab::says(*console, "ready"));
    const QByteArray said = console->property("said").toByteArray();
    const auto neighbour = uniqueProcess(said.split(' ').value(1).toLongLong());
    QVERIFY(isAlive(neighbour));
    QVERIFY(m_lab->seesHolders(1));

    const auto shutdown = m_lab->begin(m_lab->session->shutdown(ShutdownType::Force));
    QVERIFY(ClosingLab::says(*console, "handling"));
    m_lab->clock->advance(2s);
    console->write("\n");
    QTRY_VERIFY(m_lab->result);

    QCOMPARE(*m_lab->code, RestartCode::Success);
    QTRY_COMPARE(console->state(), QProcess::NotRunning);
    QCOMPARE(console->exitStatus(), QProcess::NormalExit);
    QCOMPARE(console->exitCode(), 0);
    QVERIFY(ClosingLab::says(*console, "handled"));
    QVERIFY(isAlive(neighbour));
    ::kill(pid_t(neighbour.pid), SIGKILL);
}

/// A process with exactly this number that ends by the first signal it gets.
static pid_t startAs(pid_t pid)
{
    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    arguments.set_tid = quint64(reinterpret_cast<quintptr>(&pid));
    arguments.set_tid_size = 1;
    const auto child = pid_t(syscall(SYS_clone3, &arguments, sizeof arguments));
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (true)
            pause();
    }
    return child;
}

void tst_ClosingRules::spec_082_aReusedPidReceivesNothing_data()
{
    QTest::addColumn<bool>("beforeTheFirstSignal");

    QTest::newRow("between the list and the first signal") << true;
    QTest::newRow("between two signals") << false;
}

void tst_ClosingRules::spec_082_aReusedPidReceivesNothing()
{
    QFETCH(const bool, beforeTheFirstSignal);
    QProcess *holder =
        m_lab->start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--ignore-term"_s}, Hold::Descriptor);
    QVERIFY(holder && ClosingLab::says(*holder, "ready"));
    const std::unique_ptr<RestartBackend> backend = createRestartBackend(m_lab->clock);
    const auto pid = pid_t(holder->processId());
    AffectedApplication application;
    application.process = uniqueProcess(pid);
    application.processes = {application.process};
    application.ownerUid = geteuid();
    bool isFinished = false;
    connect(backend.get(), &RestartBackend::shutdownFinished, this, [&] { isFinished = true; });
    const auto reuse = [&] {
        holder->kill();
        holder->waitForFinished();
        return startAs(pid);
    };

    bool isEnding = false; // outlives the connection that sets it
    pid_t newcomer = beforeTheFirstSignal ? reuse() : 0;
    backend->shutdown({application}, {application.process});
    if (!beforeTheFirstSignal) {
        connect(backend.get(), &RestartBackend::applicationChanged, this,
                [&](const AffectedApplication &now) {
                    isEnding = now.closing == ClosingState::Ending;
                });
        QTRY_VERIFY(isEnding); // SIGTERM has been sent, and ignored
        newcomer = reuse();
        m_lab->clock->advance(5s); // SIGKILL is due, and nothing has told yet that it ended
    }
    if (newcomer < 0 && errno == EPERM)
        QSKIP("needs the right to choose a pid");
    QCOMPARE(newcomer, pid);
    QTRY_VERIFY(isFinished);

    int status = 0;
    QCOMPARE(waitpid(newcomer, &status, WNOHANG), 0); // it has received nothing
    ::kill(newcomer, SIGKILL);
    QCOMPARE(waitpid(newcomer, &status, 0), newcomer);
}

void tst_ClosingRules::spec_083_anUnknownProgramIsLeftAlone()
{
    QProcess *holder = m_lab->start(QStringLiteral(ENTRACTE_FILE_HOLDER), {}, Hold::Descriptor);
    QVERIFY(holder && ClosingLab::says(*holder, "ready"));
    QVERIFY(m_lab->seesHolders(1));
    const qint64 pid = holder->processId();
    QCOMPARE(m_lab->application(pid).type, ApplicationType::Unknown);

    QVERIFY(m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful)));

    QCOMPARE(*m_lab->code, RestartCode::FailShutdown);
    QCOMPARE(m_lab->closing(pid), ClosingState::Refused);
    QVERIFY(m_lab->application(pid).reason.contains(u"please close it yourself"_s));
    m_lab->clock->advance(1h);
    QCOMPARE(holder->state(), QProcess::Running);
}

void tst_ClosingRules::spec_084_anInhibitorIsARefusalInItsOwnWords()
{
    if (!qEnvironmentVariableIsSet("SDBOX")) { // outside: the same slot again, in a box with logind
        QProcess inside;
        inside.start(SdBox::script(), {u"run"_s, QCoreApplication::applicationFilePath(),
                                       QString::fromLatin1(QTest::currentTestFunction())});
        QVERIFY(inside.waitForFinished(60'000));
        const QByteArray output = inside.readAll() + inside.readAllStandardError();
        if (inside.exitCode() == 77)
            QSKIP(output.trimmed().constData());
        QVERIFY2(inside.exitCode() == 0 && output.contains("PASS   : tst_ClosingRules::spec_084"),
                 output.constData());
        return;
    }
    QProcess *burning = m_lab->start(u"systemd-inhibit"_s,
                                     {u"--what=shutdown:sleep"_s, u"--mode=block"_s,
                                      u"--why=A disc is being written"_s, u"echo"_s, u"ready"_s},
                                     Hold::Nothing);
    QVERIFY(burning && ClosingLab::says(*burning, "ready")); // logind answers
    burning = m_lab->start(u"systemd-inhibit"_s,
                           {u"--what=shutdown:sleep"_s, u"--mode=block"_s,
                            u"--why=A disc is being written"_s, u"sh"_s, u"-c"_s,
                            u"exec 3<&- 4<&-; echo ready; exec sleep 1000"_s},
                           Hold::Descriptor);
    QProcess *other =
        m_lab->start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--catch-term"_s}, Hold::Descriptor);
    QVERIFY(burning && ClosingLab::says(*burning, "ready"));
    QVERIFY(other && ClosingLab::says(*other, "ready"));
    QVERIFY(m_lab->look());
    const qint64 pid = burning->processId();
    QVERIFY(m_lab->application(pid).isRunning());

    QVERIFY(m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful)));

    QCOMPARE(*m_lab->code, RestartCode::FailShutdown);
    QCOMPARE(m_lab->closing(pid), ClosingState::Refused);
    QVERIFY2(m_lab->application(pid).reason.contains(u"A disc is being written"_s),
             qPrintable(m_lab->application(pid).reason));
    QCOMPARE(other->state(), QProcess::Running); // one no calls it off for all
    QCOMPARE(m_lab->closing(other->processId()), ClosingState::NotAsked);
}

void tst_ClosingRules::spec_085_theDesktopAndTheInstallersAncestorsAreNeverSignalled()
{
    QVERIFY(m_lab->startDesktop(Hold::Library, Hold::Library));
    const QProcess *server = m_lab->server;
    const QProcess *manager = m_lab->manager;
    QProcess *bus = m_lab->start(
        u"dbus-daemon"_s, {u"--session"_s, u"--nofork"_s, u"--print-address"_s}, Hold::Library);
    QProcess *ancestor = m_lab->start(
        u"sh"_s, {u"-c"_s, u"sh -c 'echo $$ ready; read nothing' ; true"_s}, Hold::Descriptor);
    QVERIFY(bus && ancestor);
    QVERIFY(ClosingLab::says(*bus, "\n") && ClosingLab::says(*ancestor, "ready"));
    const auto installer =
        uniqueProcess(ancestor->property("said").toByteArray().split(' ').first().toLongLong());
    m_lab->renew(installer);
    QVERIFY(m_lab->look());
    const qint64 pids[] = {server->processId(), manager->processId(), bus->processId(),
                           ancestor->processId(), installer.pid};
    for (const qint64 pid : pids)
        QVERIFY2(m_lab->application(pid).isCritical(), qPrintable(commandName(pid_t(pid))));

    for (const ShutdownType type : {ShutdownType::Graceful, ShutdownType::Force}) {
        for (const bool isFiltered : {false, true}) {
            if (isFiltered)
                for (const AffectedApplication &one : m_lab->session->inTheWay())
                    QVERIFY(m_lab->session->addFilter({one.process, FilterAction::NoShutdown}));
            QVERIFY(m_lab->finish(m_lab->session->shutdown(type)));
            m_lab->clock->advance(1h);
            for (const qint64 pid : pids)
                QVERIFY(isAlive(m_lab->application(pid).process));
            for (const AffectedApplication &one : m_lab->session->applications())
                QVERIFY(m_lab->session->removeFilter(one.process) || !isFiltered);
        }
    }
}

void tst_ClosingRules::spec_086_aForcedCloseIsOnRecord()
{
    QProcess *holder = m_lab->start(QStringLiteral(ENTRACTE_FILE_HOLDER), {}, Hold::Descriptor);
    QVERIFY(holder && ClosingLab::says(*holder, "ready"));
    QVERIFY(m_lab->seesHolders(1));
    const qint64 pid = holder->processId();
    const QString program = QStringLiteral(ENTRACTE_FILE_HOLDER);
    QTest::ignoreMessage(
        QtWarningMsg,
        QRegularExpression(u"^forced close PROGRAM=%1 NAME=.+ PID=%2 USER=%3 UID=%4 SESSION=-?\\d+ "
                           "SIGNAL=TERM INSTALLER=%5 INSTALLER_PID=%6 REASON=Cannot be asked.+"_s
                               .arg(QRegularExpression::escape(program.right(60)).prepend(u".*"_s))
                               .arg(pid)
                               .arg(userName(geteuid()))
                               .arg(geteuid())
                               .arg(u".*tst_closingrules"_s)
                               .arg(getpid())));

    QVERIFY(m_lab->finish(m_lab->session->shutdown(ShutdownType::Force)));

    QCOMPARE(*m_lab->code, RestartCode::Success);
    QTRY_COMPARE(holder->state(), QProcess::NotRunning);
}

void tst_ClosingRules::whoHidesInTheTrayIsAskedInAnotherWay()
{
    QProcess *window = m_lab->startWindow(u"hiding"_s, {u"--hide-on-close"_s, u"--catch-term"_s});
    QVERIFY(window);
    QVERIFY(m_lab->seesHolders(1));

    const auto shutdown = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QVERIFY(ClosingLab::says(*window, "asked"));
    QTRY_VERIFY(X11Display().windowsOf({pid_t(window->processId())}).isEmpty());
    QCOMPARE(ClosingLab::timesSaid(*window, "term"), 0);
    m_lab->clock->advance(10s);

    QVERIFY(ClosingLab::says(*window, "term"));
    QTRY_COMPARE(m_lab->code, RestartCode::Success);
}

QTEST_MAIN(tst_ClosingRules)
#include "tst_closingrules.moc"
