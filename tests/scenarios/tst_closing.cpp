// SPDX-License-Identifier: MIT
#include "platform/linux/closing/busquit.h"
#include "platform/linux/closing/sessionbus.h"
#include "platform/linux/closing/windowping.h"
#include "platform/linux/process.h"
#include "platform/linux/x11display.h"
#include "support/closinglab.h"

#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusReply>
#include <QDir>
#include <QSignalSpy>

#include <csignal>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Hold = ClosingLab::Hold;

/// Programs that nobody here wrote, on a real display, with a real window manager and a real bus:
/// each is asked in its own way, and nobody loses a word (linux-mechanisms 10, 12 to 18).
class tst_Closing : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void scenario_12_unsavedTextWaitsForThePersonAndIsNeverLost_data();
    void scenario_12_unsavedTextWaitsForThePersonAndIsNeverLost();
    void scenario_12_theQuestionComesToTheFront();
    void scenario_13_aStoppedProgramDoesNotRespondAndMayRecover();
    void scenario_13_aFineProgramAnswersThePing_data();
    void scenario_13_aFineProgramAnswersThePing();
    void scenario_14_whoIgnoresEverythingRefusesAndForceEndsIt();
    void scenario_14_whatTheKernelKeepsCannotBeEnded();
    void scenario_15_anApplicationWithoutWindowQuitsOverTheBus();
    void scenario_15_nothingIsStartedToBeClosed();
    void scenario_15_aReplyThatStaysAwayIsAQuestion();
    void scenario_17_aShellsProgramAndTheShellCloseTheTerminalStays();
    void scenario_18_theWindowManagerIsLeftAloneTheOthersClose();

private:
    void typeUnsavedText(const QString &title);
    int questionsOf(qint64 pid) const { return int(questions(pid).size()); }
    static QList<quint32> questions(qint64 pid);
    void bringQuestionToFront(qint64 pid);
    void waitForSignOfLife(qint64 pid);

    std::unique_ptr<ClosingLab> m_lab;
};

void tst_Closing::init()
{
    m_lab = std::make_unique<ClosingLab>();
}

void tst_Closing::cleanup()
{
    m_lab.reset();
}

void tst_Closing::typeUnsavedText(const QString &title)
{
    const quint32 window = ClosingLab::windowOf(title);
    QVERIFY(window != 0);
    const QString id = QString::number(window);
    const auto isModified = [&id] {
        const QByteArray name = ClosingLab::xdotool({u"getwindowname"_s, id});
        return name.contains('*') || name.contains("[modified]");
    };
    // Typed again until it has arrived: a program may show its window before it listens.
    QVERIFY(QTest::qWaitFor(
        [&] {
            ClosingLab::xdotool({u"windowactivate"_s, u"--sync"_s, id, u"type"_s, u"unsaved "_s});
            return QTest::qWaitFor(isModified, 1000);
        },
        20'000));
}

QList<quint32> tst_Closing::questions(qint64 pid)
{
    QList<quint32> found;
    for (const X11Window &window : X11Display().windowsOf({pid_t(pid)}))
        if (window.isQuestion)
            found.append(window.id);
    return found;
}

void tst_Closing::bringQuestionToFront(qint64 pid)
{
    const QList<quint32> open = questions(pid);
    QCOMPARE(open.size(), 1);
    m_lab->session->showQuestion(m_lab->application(pid).process);
    QTRY_COMPARE(ClosingLab::xdotool({u"getactivewindow"_s}).toUInt(), open.first());
}

/// What was asked of its windows before, it has answered then.
void tst_Closing::waitForSignOfLife(qint64 pid)
{
    X11Display display;
    WindowPing ping(display, *m_lab->clock);
    const QSignalSpy answers(&ping, &WindowPing::answered);
    ping.ask(display.windowsOf({pid_t(pid)}));
    QTRY_COMPARE_WITH_TIMEOUT(answers.count(), 1, 20'000);
}

void tst_Closing::scenario_12_unsavedTextWaitsForThePersonAndIsNeverLost_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("title");
    QTest::addColumn<QString>("discard");

    QTest::newRow("gedit") << u"gedit"_s << QStringList(u"--standalone"_s) << u"gedit"_s
                           << u"alt+w"_s;
    QTest::newRow("mousepad") << u"mousepad"_s << QStringList(u"--disable-server"_s)
                              << u"Mousepad"_s << u"alt+d"_s;
    QTest::newRow("kate") << u"kate"_s << QStringList{u"-n"_s, u"words"_s} << u"words"_s
                          << u"alt+d"_s;
}

void tst_Closing::scenario_12_unsavedTextWaitsForThePersonAndIsNeverLost()
{
    QFETCH(const QString, program);
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, title);
    QFETCH(const QString, discard);
    const QProcess *editor = m_lab->start(program, arguments, Hold::Library);
    QVERIFY(editor);
    typeUnsavedText(title);
    const qint64 pid = editor->processId();
    QVERIFY(m_lab->seesHolders(1));
    RestartSession &session = *m_lab->session;

    const auto first = m_lab->begin(session.shutdown(ShutdownType::Graceful));
    QTRY_COMPARE_WITH_TIMEOUT(m_lab->closing(pid), ClosingState::WaitingForUser, 20'000);
    m_lab->clock->advance(1h); // no limit while a person is deciding
    QCOMPARE(m_lab->closing(pid), ClosingState::WaitingForUser);
    bringQuestionToFront(pid);
    ClosingLab::xdotool({u"key"_s, u"Escape"_s});
    QTRY_COMPARE(m_lab->closing(pid), ClosingState::Asked);
    waitForSignOfLife(pid); // the clock must not outrun it
    QTRY_VERIFY((m_lab->clock->advance(3s), m_lab->closing(pid) == ClosingState::Refused));
    QTRY_VERIFY(m_lab->result);
    QCOMPARE(*m_lab->code, RestartCode::FailShutdown);
    QCOMPARE(editor->state(), QProcess::Running);
    QCOMPARE(questionsOf(pid), 0);

    auto second = m_lab->begin(session.shutdown(ShutdownType::Graceful));
    QTRY_COMPARE_WITH_TIMEOUT(m_lab->closing(pid), ClosingState::WaitingForUser, 20'000);
    second->cancel(); // with its question on the screen
    QTRY_VERIFY(m_lab->result);
    const auto third = m_lab->begin(session.shutdown(ShutdownType::Graceful));
    QTRY_COMPARE_WITH_TIMEOUT(m_lab->closing(pid), ClosingState::WaitingForUser, 20'000);
    m_lab->clock->advance(1h);
    bringQuestionToFront(pid);
    ClosingLab::xdotool({u"key"_s, discard});
    QTRY_COMPARE_WITH_TIMEOUT(m_lab->closing(pid), ClosingState::Closed, 20'000);
    QTRY_COMPARE(editor->state(), QProcess::NotRunning);
    QCOMPARE(editor->exitStatus(), QProcess::NormalExit); // and not by a signal
    QTRY_COMPARE(*m_lab->code, RestartCode::Success);
}

void tst_Closing::scenario_12_theQuestionComesToTheFront()
{
    const QProcess *editor = m_lab->start(u"kate"_s, {u"-n"_s, u"words"_s}, Hold::Library);
    QVERIFY(editor);
    typeUnsavedText(u"words"_s);
    QVERIFY(m_lab->start(u"xterm"_s, {u"-T"_s, u"in front"_s, u"-e"_s, u"sleep"_s, u"1000"_s},
                         Hold::Nothing));
    const quint32 other = ClosingLab::windowOf(u"in front"_s);
    QVERIFY(m_lab->seesHolders(1));
    const qint64 pid = editor->processId();
    const auto shutdown = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE_WITH_TIMEOUT(m_lab->closing(pid), ClosingState::WaitingForUser, 20'000);
    ClosingLab::xdotool({u"windowactivate"_s, u"--sync"_s, QString::number(other)});
    QTRY_COMPARE(ClosingLab::xdotool({u"getactivewindow"_s}).toUInt(), other);

    bringQuestionToFront(pid);
}

void tst_Closing::scenario_13_aStoppedProgramDoesNotRespondAndMayRecover()
{
    QProcess *editor = m_lab->start(u"kate"_s, {u"-n"_s, u"words"_s}, Hold::Library);
    QVERIFY(editor);
    QVERIFY(ClosingLab::windowOf(u"words"_s) != 0);
    QVERIFY(m_lab->seesHolders(1));
    const auto pid = pid_t(editor->processId());
    QCOMPARE(::kill(pid, SIGSTOP), 0);

    const auto first = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE(m_lab->closing(pid), ClosingState::Asked);
    m_lab->clock->advance(4999ms);
    QCOMPARE(m_lab->closing(pid), ClosingState::Asked);
    m_lab->clock->advance(1ms);
    QCOMPARE(m_lab->closing(pid), ClosingState::NotResponding);
    m_lab->clock->advance(5s);
    QTRY_VERIFY(m_lab->result);
    QCOMPARE(m_lab->closing(pid), ClosingState::NotResponding);
    QCOMPARE(editor->state(), QProcess::Running);

    // It is asked again by a person who knows, and wakes up in time.
    const auto second = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE(m_lab->closing(pid), ClosingState::Asked);
    m_lab->clock->advance(5s);
    QCOMPARE(m_lab->closing(pid), ClosingState::NotResponding);
    QCOMPARE(::kill(pid, SIGCONT), 0);
    QTRY_COMPARE_WITH_TIMEOUT(m_lab->closing(pid), ClosingState::Closed, 20'000);
    QTRY_COMPARE(editor->state(), QProcess::NotRunning);
    QCOMPARE(editor->exitStatus(), QProcess::NormalExit);
}

void tst_Closing::scenario_13_aFineProgramAnswersThePing_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("title");

    QTest::newRow("Qt") << u"kate"_s << QStringList{u"-n"_s, u"words"_s} << u"words"_s;
    QTest::newRow("GTK") << u"mousepad"_s << QStringList(u"--disable-server"_s) << u"Mousepad"_s;
}

void tst_Closing::scenario_13_aFineProgramAnswersThePing()
{
    QFETCH(const QString, program);
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, title);
    const QProcess *process = m_lab->start(program, arguments, Hold::Nothing);
    QVERIFY(process);
    QVERIFY(ClosingLab::windowOf(title) != 0);
    X11Display display;
    WindowPing ping(display, *m_lab->clock);
    const QSignalSpy answers(&ping, &WindowPing::answered);
    const QSignalSpy silences(&ping, &WindowPing::silent);

    ping.ask(display.windowsOf({pid_t(process->processId())}));

    QVERIFY(ping.isPending());
    QTRY_COMPARE(answers.count(), 1);
    m_lab->clock->advance(WindowPing::limit);
    QCOMPARE(silences.count(), 0);
}

void tst_Closing::scenario_14_whoIgnoresEverythingRefusesAndForceEndsIt()
{
    QProcess *window = m_lab->startWindow(u"stubborn"_s, {u"--ignore-close"_s, u"--ignore-term"_s});
    QVERIFY(window);
    const qint64 pid = window->processId();
    QVERIFY(m_lab->seesHolders(1));

    const auto graceful = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QVERIFY(ClosingLab::says(*window, "asked"));
    m_lab->clock->advance(10s);
    QTRY_COMPARE(m_lab->closing(pid), ClosingState::Refused);
    QTRY_COMPARE(m_lab->code, RestartCode::FailShutdown);
    QCOMPARE(window->state(), QProcess::Running);

    const auto forced = m_lab->begin(
        m_lab->session->shutdown(ShutdownType::Graceful, {m_lab->application(pid).process}));
    QTRY_COMPARE(ClosingLab::timesSaid(*window, "asked"), 2);
    m_lab->clock->advance(10s);
    QTRY_COMPARE(m_lab->closing(pid), ClosingState::Ending);
    m_lab->clock->advance(5s);
    QTRY_COMPARE(m_lab->closing(pid), ClosingState::Closed);
    QTRY_COMPARE(window->exitStatus(), QProcess::CrashExit);
    QTRY_COMPARE(m_lab->code, RestartCode::Success);
}

/// Its processes are stopped where no signal reaches them, as by a device that does not answer.
class FrozenGroup
{
public:
    explicit FrozenGroup(const QString &name)
        : m_path(u"/sys/fs/cgroup/freezer/entracte-%1-%2"_s.arg(name).arg(getpid()))
        , m_isMade(QDir().mkdir(m_path))
    {
    }
    ~FrozenGroup()
    {
        if (!m_isMade)
            return;
        write(u"freezer.state"_s, "THAWED");
        const QString path = m_path;
        if (!QTest::qWaitFor([&path] { return QDir().rmdir(path); }, 20'000))
            qWarning("the group %s remains", qPrintable(path));
    }
    Q_DISABLE_COPY_MOVE(FrozenGroup)

    bool isMade() const { return m_isMade; }
    bool freeze(qint64 pid) const
    {
        return write(u"cgroup.procs"_s, QByteArray::number(pid))
            && write(u"freezer.state"_s, "FROZEN")
            && QTest::qWaitFor([pid] { return statusField(pid_t(pid), "State").startsWith('D'); },
                               20'000);
    }
    void thaw() const { write(u"freezer.state"_s, "THAWED"); }

private:
    bool write(const QString &name, const QByteArray &text) const
    {
        QFile file(m_path + u'/' + name);
        return file.open(QIODevice::WriteOnly | QIODevice::Unbuffered)
            && file.write(text) == text.size();
    }

    QString m_path;
    bool m_isMade;
};

void tst_Closing::scenario_14_whatTheKernelKeepsCannotBeEnded()
{
    const FrozenGroup group(u"closing"_s);
    if (!group.isMade())
        QSKIP("needs the version 1 freezer and root");
    QProcess *stuck = m_lab->startWindow(u"stuck"_s, {u"--close"_s});
    QProcess *fine = m_lab->startWindow(u"fine"_s, {u"--close"_s});
    QVERIFY(stuck && fine);
    const qint64 pid = stuck->processId();
    const qint64 other = fine->processId();
    QVERIFY(group.freeze(pid));
    QVERIFY(m_lab->seesHolders(2));

    const auto forced = m_lab->begin(m_lab->session->shutdown(ShutdownType::Force));
    QTRY_COMPARE(m_lab->closing(other), ClosingState::Closed);
    m_lab->clock->advance(10s);
    QTRY_COMPARE(m_lab->closing(pid), ClosingState::Ending); // SIGTERM
    m_lab->clock->advance(5s);                               // SIGKILL
    m_lab->clock->advance(5s);

    QTRY_VERIFY(m_lab->result); // the installer goes on
    QCOMPARE(*m_lab->code, RestartCode::FailShutdown);
    const AffectedApplication kept = m_lab->application(pid);
    QCOMPARE(kept.closing, ClosingState::Refused);
    QVERIFY2(kept.reason.contains(u"the system keeps it"_s), qPrintable(kept.reason));
    QVERIFY(!kept.canBeForced);
    QVERIFY(kept.isRunning());
    group.thaw();
    QTRY_COMPARE(stuck->state(), QProcess::NotRunning);
}

void tst_Closing::scenario_15_anApplicationWithoutWindowQuitsOverTheBus()
{
    const QProcess *service =
        m_lab->start(u"gedit"_s, {u"--gapplication-service"_s}, Hold::Library);
    QVERIFY(service);
    QTRY_VERIFY_WITH_TIMEOUT(
        QDBusConnection::sessionBus().interface()->isServiceRegistered(u"org.gnome.gedit"_s),
        20'000);
    QVERIFY(m_lab->seesHolders(1));
    const qint64 pid = service->processId();
    QVERIFY(X11Display().windowsOf({pid_t(pid)}).isEmpty());

    QVERIFY(m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful)));

    QCOMPARE(m_lab->closing(pid), ClosingState::Closed);
    QTRY_COMPARE(service->state(), QProcess::NotRunning);
    QCOMPARE(service->exitStatus(), QProcess::NormalExit);
    QCOMPARE(*m_lab->code, RestartCode::Success);
}

void tst_Closing::scenario_15_nothingIsStartedToBeClosed()
{
    QProcess *service = m_lab->start(u"gedit"_s, {u"--gapplication-service"_s}, Hold::Library);
    QVERIFY(service);
    QDBusConnectionInterface &names = *QDBusConnection::sessionBus().interface();
    QTRY_VERIFY_WITH_TIMEOUT(names.isServiceRegistered(u"org.gnome.gedit"_s), 20'000);
    const QStringList startable = names.activatableServiceNames().value();
    QVERIFY(startable.contains(u"org.gnome.gedit"_s)); // the bus would start it if it were named
    X11Window window;
    window.busName = names.serviceOwner(u"org.gnome.gedit"_s).value();
    window.objectPath = u"/org/gnome/gedit"_s;
    const auto pid = pid_t(service->processId());
    SessionBus bus;
    BusQuit quit(bus, *m_lab->clock);
    const QSignalSpy asked(&quit, &BusQuit::asked);
    const QSignalSpy unavailable(&quit, &BusQuit::unavailable);

    // It is found, and has gone before it can be asked.
    QCOMPARE(::kill(pid, SIGSTOP), 0);
    quit.ask({pid}, {window});
    QDBusConnection::sessionBus().interface()->registeredServiceNames(); // there and back
    service->kill();
    QVERIFY(service->waitForFinished());

    QTRY_COMPARE(unavailable.count(), 1);
    QCOMPARE(asked.count(), 0);
    QVERIFY(!names.isServiceRegistered(u"org.gnome.gedit"_s));
}

void tst_Closing::scenario_15_aReplyThatStaysAwayIsAQuestion()
{
    const QProcess *editor = m_lab->start(u"kate"_s, {u"-n"_s, u"words"_s}, Hold::Library);
    QVERIFY(editor);
    typeUnsavedText(u"words"_s);
    const auto pid = pid_t(editor->processId());
    SessionBus bus;
    BusQuit quit(bus, *m_lab->clock);
    const QSignalSpy asked(&quit, &BusQuit::asked);

    quit.ask({pid}, {}); // as on Wayland: nothing is known of windows
    QTRY_COMPARE(asked.count(), 1);
    QTRY_COMPARE(questionsOf(pid), 1);
    QVERIFY(!quit.hasQuestion());
    m_lab->clock->advance(1s);
    QTRY_VERIFY(quit.hasQuestion());

    m_lab->clock->advance(1h);
    QVERIFY(quit.hasQuestion());
    ClosingLab::xdotool({u"search"_s, u"--sync"_s, u"--name"_s, u"Save Documents"_s,
                         u"windowactivate"_s, u"--sync"_s, u"key"_s, u"Escape"_s});
    QTRY_VERIFY(!quit.hasQuestion());
    QCOMPARE(editor->state(), QProcess::Running);
}

void tst_Closing::scenario_17_aShellsProgramAndTheShellCloseTheTerminalStays()
{
    const QProcess *terminal =
        m_lab->start(u"xterm"_s, {u"-T"_s, u"terminal"_s, u"-e"_s, u"bash"_s, u"--norc"_s, u"-i"_s},
                     Hold::Nothing);
    QVERIFY(terminal);
    const quint32 window = ClosingLab::windowOf(u"terminal"_s);
    QVERIFY(window != 0);
    const auto type = [window](const QString &line) {
        ClosingLab::xdotool(
            {u"windowactivate"_s, u"--sync"_s, QString::number(window), u"type"_s, line + u'\n'});
    };

    type(u"vim -u NONE -N text 9<held"_s);
    QVERIFY(m_lab->seesHolders(1));
    const AffectedApplication vim = m_lab->session->inTheWay().first();
    QCOMPARE(vim.type, ApplicationType::Console);
    QVERIFY(executableOf(pid_t(vim.process.pid)).contains(u"vim"_s));
    const auto shell = pid_t(parentOf(pid_t(vim.process.pid)));
    QTRY_VERIFY(catchesSignal(pid_t(vim.process.pid), SIGTERM)); // it has started
    const auto closeVim = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE(m_lab->closing(vim.process.pid), ClosingState::Asked); // SIGINT only beeps
    m_lab->clock->advance(10s);
    QTRY_COMPARE(m_lab->closing(vim.process.pid), ClosingState::Closed); // SIGTERM
    QTRY_COMPARE(m_lab->code, RestartCode::Success);
    QVERIFY(isAlive(uniqueProcess(shell)));

    // A second shell holds it, with a job that does not: the job is not ended on the way.
    type(u"bash --norc -i 9<held"_s);
    QVERIFY(m_lab->seesHolders(1));
    const AffectedApplication inner = m_lab->session->inTheWay().first();
    QCOMPARE(inner.type, ApplicationType::Console);
    QTRY_VERIFY(catchesSignal(pid_t(inner.process.pid), SIGHUP));
    type(u"sleep 1000 9<&-"_s);
    const QString children = u"/proc/%1/task/%1/children"_s.arg(inner.process.pid);
    const auto job = [&children] {
        QFile file(children);
        return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().toInt() : 0;
    };
    QTRY_VERIFY(job() > 0 && executableOf(job()).endsWith(u"sleep"_s));
    const UniqueProcess sleep = uniqueProcess(job());
    const auto withJob = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE(m_lab->closing(inner.process.pid), ClosingState::Asked);
    m_lab->clock->advance(10s);
    QTRY_COMPARE(m_lab->closing(inner.process.pid), ClosingState::Refused);
    QVERIFY(m_lab->application(inner.process.pid).reason.contains(u"Programs run in it"_s));
    QVERIFY(isAlive(sleep));
    QTRY_COMPARE(m_lab->code, RestartCode::FailShutdown);

    const auto closeShell = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE(m_lab->closing(inner.process.pid), ClosingState::Asked);
    ClosingLab::xdotool(
        {u"windowactivate"_s, u"--sync"_s, QString::number(window), u"key"_s, u"ctrl+c"_s});
    QTRY_COMPARE(m_lab->closing(inner.process.pid), ClosingState::Closed);
    QTRY_COMPARE(m_lab->code, RestartCode::Success);
    QVERIFY(isAlive(uniqueProcess(shell)));
    QCOMPARE(terminal->state(), QProcess::Running);
}

void tst_Closing::scenario_18_theWindowManagerIsLeftAloneTheOthersClose()
{
    QVERIFY(m_lab->startDesktop(Hold::Nothing, Hold::Library));
    const QProcess *manager = m_lab->manager;
    const QProcess *terminal = m_lab->start(
        u"xterm"_s, {u"-T"_s, u"one"_s, u"-e"_s, u"sleep"_s, u"1000"_s}, Hold::Descriptor);
    const QProcess *editor = m_lab->start(u"mousepad"_s, {u"--disable-server"_s}, Hold::Library);
    const bool areShown =
        terminal && editor && ClosingLab::windowOf(u"one"_s) && ClosingLab::windowOf(u"Mousepad"_s);
    m_lab->renew(); // on that display, which every look asks for
    QVERIFY(areShown);
    QTRY_VERIFY(m_lab->look() && m_lab->session->inTheWay().size() >= 3);

    QVERIFY(m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful)));
    QCOMPARE(*m_lab->code, RestartCode::FailNoActionReboot);
    const AffectedApplication kept = m_lab->application(manager->processId());
    QVERIFY(kept.isCritical());
    QVERIFY(!kept.reason.isEmpty());
    QVERIFY(m_lab->session->rebootReasons().testFlag(RebootReason::CriticalProcess));
    QCOMPARE(editor->state(), QProcess::Running);

    QVERIFY(m_lab->session->addFilter({kept.process, FilterAction::NoShutdown}));
    const auto others = m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE(editor->state(), QProcess::NotRunning);
    QTRY_COMPARE(terminal->state(), QProcess::NotRunning);
    QCOMPARE(manager->state(), QProcess::Running);
    QCOMPARE(DisplayClients::take().manager, pid_t(manager->processId()));
}

QTEST_MAIN(tst_Closing)
#include "tst_closing.moc"
