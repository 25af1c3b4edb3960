// SPDX-License-Identifier: MIT
#include "guardian/guardian.h"
#include "platform/linux/agent/agentcloser.h"
#include "platform/linux/agent/agentenvironment.h"
#include "platform/linux/agent/useragent.h"
#include "platform/linux/agent/useragents.h"
#include "platform/linux/contact.h"
#include "platform/linux/x11display.h"
#include "support/agentlab.h"
#include "support/insidebox.h"

#include <sys/socket.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// An installer that root started closes the programs of a user: whatever it has to say to them,
/// their user's agent says. Runs inside a box: `sdbox run`.
class tst_AgentClosing : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();
    void cleanupTestCase();
    void scenario_21_rootContactsNothingOfAUser();
    void aNoOfAUsersProgramIsANo();
    void aSilentAgentCostsItsRowOnly_data();
    void aSilentAgentCostsItsRowOnly();
    void forceNeedsNoAgent_data();
    void forceNeedsNoAgent();
    void theQuestionOfAUsersProgramComesToTheFront();
    void anotherAgentComesAfterOneThatIsLost();
    void onlyProcessesSayThatAProgramIsClosed();
    void nobodySaysAnythingAboutOthers();
    void aUserWithManyDisplaysHasFewAgents();
    void rootLooksAtADisplayForItsOwnProgramsOnly();

private:
    std::unique_ptr<HolderProcess> m_server;
    std::unique_ptr<HolderProcess> m_manager;
    std::unique_ptr<AgentLab> m_lab;
};

namespace {

const QString fileHolder = QStringLiteral(ENTRACTE_FILE_HOLDER);
const QString linkedHolder = QStringLiteral(ENTRACTE_LINKED_HOLDER);
const QString windowHolder = QStringLiteral(ENTRACTE_WINDOW_HOLDER);
const QString busPlayer = QStringLiteral(ENTRACTE_BUS_PLAYER);

/// What a test starts as an agent when it wants one that lies.
int beLiar()
{
    const QByteArray said =
        AgentReply{}.encoded()
        + AgentReply{1, {}, {}, AgentProgress{ClosingState::Closed, true, false}}.encoded()
        + AgentReply{2, {}, {}, DesktopFacts()}.encoded();
    if (::send(3, said.constData(), size_t(said.size()), MSG_NOSIGNAL) != said.size())
        return 1;
    char byte;
    while (::read(3, &byte, 1) > 0) {
    }
    return 0;
}

} // namespace

void tst_AgentClosing::initTestCase()
{
    if (qEnvironmentVariableIsEmpty("SDBOX"))
        QSKIP("needs a systemd of its own: tests/support/sdbox run tst_agentclosing");
    QVERIFY(AgentLab::startUsersManager());
    m_server = std::make_unique<HolderProcess>();
    QProcess &server = m_server->process();
    server.start(u"/usr/bin/setpriv"_s, AgentLab::asUser({})
                                            + QStringList{u"Xvfb"_s, u"-displayfd"_s, u"1"_s,
                                                          u"-nolisten"_s, u"tcp"_s, u"-noreset"_s});
    QByteArray said;
    QTRY_VERIFY_WITH_TIMEOUT((said += server.readAllStandardOutput()).endsWith('\n'), 20'000);
    // As `sudo -E` leaves them: the traps are set.
    qputenv("DISPLAY", ":" + said.trimmed());
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus");
    qputenv("XDG_RUNTIME_DIR", "/run/user/1000");
    m_manager = std::make_unique<HolderProcess>();
    m_manager->process().start(u"/usr/bin/setpriv"_s,
                               AgentLab::asUser(qEnvironmentVariable("DISPLAY"))
                                   + QStringList{u"openbox"_s, u"--sm-disable"_s});
    QTRY_COMPARE_WITH_TIMEOUT(DisplayClients::take().manager, pid_t(m_manager->pid()), 20'000);
}

void tst_AgentClosing::init()
{
    m_lab = std::make_unique<AgentLab>();
}

void tst_AgentClosing::cleanup()
{
    m_lab.reset();
}

void tst_AgentClosing::cleanupTestCase()
{
    m_manager.reset();
    m_server.reset();
}

void tst_AgentClosing::scenario_21_rootContactsNothingOfAUser()
{
    const QString log = m_lab->path(u"log"_s);
    HolderProcess *linked =
        m_lab->startOfUser(linkedHolder, {log, u"--name"_s, u"Sample"_s, u"--answer"_s, u"yes"_s,
                                          u"--restart-with"_s, log, u"again"_s});
    HolderProcess *player = m_lab->startOfUser(busPlayer, {m_lab->data(), log});
    HolderProcess *window = m_lab->startOfUser(windowHolder, {u"Sample window"_s});
    QVERIFY(linked && player && window);

    QCOMPARE(m_lab->finish(m_lab->session->list()), RestartCode::Success);
    QCOMPARE(m_lab->session->applications().size(), 3);
    const AffectedApplication seen = m_lab->application(window->pid());
    QCOMPARE(seen.type, ApplicationType::MainWindow); // its user's agent looked
    QCOMPARE(seen.windowTitles, QStringList(u"Sample window"_s));
    const std::optional<RestartCode> closed =
        m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful));
    QCOMPARE(closed, RestartCode::Success);
    QCOMPARE(AgentLab::agents().size(), 1); // one a user
    QCOMPARE(m_lab->programs().size(), 0);
    const QByteArray told = m_lab->text(u"log"_s);
    QVERIFY2(told.contains("asked\n") && told.contains("close\n") && told.contains("quit\n")
                 && !told.contains("terminated"),
             told.constData());

    QCOMPARE(m_lab->finishRestart(), RestartCode::Success);
    QTRY_COMPARE(m_lab->programs().size(), 3);
    for (const UniqueProcess &process : m_lab->programs())
        QCOMPARE(ownerOf(pid_t(process.pid)), AgentLab::user);
    QTRY_COMPARE(m_lab->text(u"log"_s).count("started"), 2);

    QCOMPARE(AgentLab::placesOfUsers(), QList<QByteArray>());
    QVERIFY(ConnectAudit::places().contains("/run/dbus/system_bus_socket")); // it does see them
}

void tst_AgentClosing::aNoOfAUsersProgramIsANo()
{
    HolderProcess *refusing = m_lab->startOfUser(
        linkedHolder, {m_lab->path(u"no"_s), u"--open"_s, m_lab->data(), u"--answer"_s, u"no"_s});
    HolderProcess *willing = m_lab->startOfUser(
        linkedHolder, {m_lab->path(u"yes"_s), u"--open"_s, m_lab->data(), u"--answer"_s, u"yes"_s});
    QVERIFY(refusing && willing);
    QCOMPARE(m_lab->finish(m_lab->session->list()), RestartCode::Success);

    QCOMPARE(m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful)),
             RestartCode::FailShutdown);

    const AffectedApplication row = m_lab->application(refusing->pid());
    QCOMPARE(row.closing, ClosingState::Refused);
    QCOMPARE(row.reason, u"“notes.txt” is not saved."_s);
    QTRY_VERIFY(m_lab->text(u"yes"_s).contains("off\n"));
    QVERIFY(!m_lab->text(u"yes"_s).contains("close\n"));
    QCOMPARE(m_lab->programs().size(), 2);
    QCOMPARE(AgentLab::placesOfUsers(), QList<QByteArray>());
}

void tst_AgentClosing::aSilentAgentCostsItsRowOnly_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("it hangs") << SIGSTOP;
    QTest::newRow("it dies") << SIGKILL;
}

void tst_AgentClosing::aSilentAgentCostsItsRowOnly()
{
    QFETCH(const int, signal);
    const QString fifo = m_lab->path(u"fifo"_s);
    QCOMPARE(mkfifo(QFile::encodeName(fifo).constData(), 0666), 0);
    HolderProcess *slow =
        m_lab->startOfUser(fileHolder, {u"--open"_s, m_lab->data(), u"--end-when"_s, fifo});
    HolderProcess *ours = m_lab->startOfRoot(
        linkedHolder, {m_lab->path(u"log"_s), u"--open"_s, m_lab->data()}, false);
    QVERIFY(slow && ours);
    const qint64 ourPid = ours->pid();
    QCOMPARE(m_lab->finish(m_lab->session->list()), RestartCode::Success);
    m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE(m_lab->application(slow->pid()).closing, ClosingState::Asked);
    QTRY_COMPARE(m_lab->application(ourPid).closing, ClosingState::Closed);
    QTRY_COMPARE(AgentLab::agents().size(), 1);

    QCOMPARE(::kill(pid_t(AgentLab::agents().constFirst().pid), signal), 0);
    if (signal == SIGSTOP) {
        m_lab->clock->advance(5s); // asked for a sign of life
        QVERIFY(!m_lab->code);
        m_lab->clock->advance(5s);
    }

    QTRY_VERIFY(m_lab->code);
    QCOMPARE(*m_lab->code, RestartCode::FailShutdown);
    const AffectedApplication row = m_lab->application(slow->pid());
    QCOMPARE(row.closing, ClosingState::NotResponding);
    QVERIFY2(row.reason.contains(userName(AgentLab::user)), qPrintable(row.reason));
    QVERIFY(m_lab->text(u"log"_s).contains("terminated"));
    QCOMPARE(AgentLab::placesOfUsers(), QList<QByteArray>());
}

void tst_AgentClosing::forceNeedsNoAgent_data()
{
    QTest::addColumn<bool>("hasAgent");
    QTest::newRow("with an agent that could not persuade it") << true;
    QTest::newRow("the agent has died") << false;
}

void tst_AgentClosing::forceNeedsNoAgent()
{
    QFETCH(const bool, hasAgent);
    const QString fifo = m_lab->path(u"fifo"_s);
    QCOMPARE(mkfifo(QFile::encodeName(fifo).constData(), 0666), 0);
    HolderProcess *deaf = hasAgent ? m_lab->startOfUser(fileHolder, {u"--ignore-term"_s})
                                   : m_lab->startOfUser(fileHolder, {u"--end-when"_s, fifo});
    QVERIFY(deaf);
    QCOMPARE(m_lab->finish(m_lab->session->list()), RestartCode::Success);
    m_lab->begin(m_lab->session->shutdown(ShutdownType::Force));
    if (!hasAgent) {
        QTRY_COMPARE(m_lab->application(deaf->pid()).closing, ClosingState::Asked);
        QTRY_COMPARE(AgentLab::agents().size(), 1);
        QCOMPARE(::kill(pid_t(AgentLab::agents().constFirst().pid), SIGKILL), 0);
    }

    QTRY_COMPARE(m_lab->application(deaf->pid()).closing, ClosingState::Ending);
    QVERIFY(!m_lab->code);
    m_lab->clock->advance(5s); // it got SIGTERM; now SIGKILL

    QTRY_VERIFY(m_lab->code);
    QCOMPARE(*m_lab->code, RestartCode::Success);
    QCOMPARE(m_lab->programs().size(), 0);
}

void tst_AgentClosing::theQuestionOfAUsersProgramComesToTheFront()
{
    HolderProcess *below = m_lab->startOfUser(windowHolder, {u"below"_s, u"--ignore-close"_s});
    QVERIFY(below);
    QCOMPARE(m_lab->finish(m_lab->session->list()), RestartCode::Success);
    QCOMPARE(m_lab->application(below->pid()).type, ApplicationType::MainWindow);
    const UniqueProcess process = m_lab->application(below->pid()).process;
    HolderProcess *above = m_lab->startOfUser(windowHolder, {u"above"_s, u"--ignore-close"_s});
    QVERIFY(above);
    const auto inFront = [] {
        return InsideBox::run(u"xdotool"_s, {u"getactivewindow"_s, u"getwindowname"_s})
            .value_or("nobody");
    };
    QTRY_COMPARE(inFront(), "above");

    m_lab->session->showQuestion(process);

    QTRY_COMPARE(inFront(), "below");
    QCOMPARE(AgentLab::placesOfUsers(), QList<QByteArray>());
}

void tst_AgentClosing::anotherAgentComesAfterOneThatIsLost()
{
    HolderProcess *linked =
        m_lab->startOfUser(linkedHolder, {m_lab->path(u"log"_s), u"--answer"_s, u"yes"_s});
    QVERIFY(linked);
    QCOMPARE(m_lab->finish(m_lab->session->list()), RestartCode::Success);
    QCOMPARE(AgentLab::agents().size(), 1);
    ::kill(pid_t(AgentLab::agents().constFirst().pid), SIGKILL);
    QTRY_VERIFY(AgentLab::agents().isEmpty());

    QCOMPARE(m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful)), RestartCode::Success);

    QVERIFY(m_lab->text(u"log"_s).contains("close\n"));
    QCOMPARE(AgentLab::agents().size(), 1);
}

void tst_AgentClosing::onlyProcessesSayThatAProgramIsClosed()
{
    HolderProcess *holder = m_lab->startOfUser(fileHolder, {u"--catch-term"_s});
    QVERIFY(holder);
    const LaunchRecord record = LaunchRecord::of(uniqueProcess(holder->pid()));
    qputenv("LC_LIAR", "closed");
    UserAgent liar(UserIdentity(record), agentEnvironment(AgentLab::user, record.environment()),
                   *m_lab->clock);
    qunsetenv("LC_LIAR");
    AffectedApplication application;
    application.process = uniqueProcess(holder->pid());
    application.processes = {application.process};
    application.ownerUid = AgentLab::user;
    AgentCloser closer(application, false, liar, *m_lab->clock, uniqueProcess(getpid()));

    closer.start();
    bool isAnswered = false; // behind the lie
    liar.lookAround(this, [&](const DesktopFacts &) { isAnswered = true; });
    QTRY_VERIFY(isAnswered);
    QCOMPARE(closer.application().closing, ClosingState::Asked);
    m_lab->clock->advance(5s);

    QVERIFY(closer.isSettled());
    QCOMPARE(closer.application().closing, ClosingState::NotResponding);
    QVERIFY(isAlive(application.process));
}

void tst_AgentClosing::nobodySaysAnythingAboutOthers()
{
    HolderProcess *holder = m_lab->startOfUser(fileHolder, {});
    QVERIFY(holder);
    const pid_t theirs = pid_t(holder->pid());
    const pid_t ours = getpid();
    DesktopFacts claimed;
    claimed.display.windows = {{theirs, ours, ClientWindow::Kind::Main, u"a"_s, {}, {}, {}},
                               {ours, theirs, ClientWindow::Kind::Main, u"b"_s, {}, {}, {}}};
    claimed.display.clients = {theirs, ours, 1};
    claimed.bus.names = {{theirs, u"org.example.A"_s}, {ours, u"org.example.B"_s}};
    claimed.pillars = {theirs, ours, 1};

    const DesktopFacts believed = claimed.about(AgentLab::user);

    QCOMPARE(believed.display.windows.size(), 1);
    QCOMPARE(believed.display.windows[0].pid, theirs);
    QCOMPARE(believed.display.windows[0].leader, 0);
    QCOMPARE(believed.display.clients, QSet<pid_t>{theirs});
    QCOMPARE(believed.bus.names.keys(), QList<pid_t>{theirs});
    QCOMPARE(believed.pillars, QSet<pid_t>{theirs});
}

void tst_AgentClosing::aUserWithManyDisplaysHasFewAgents()
{
    UserAgents agents(*m_lab->clock);
    HolderProcess *holder = m_lab->startOfUser(fileHolder, {});
    QVERIFY(holder);
    UserAgent *const usual = agents.agentFor(LaunchRecord::of(uniqueProcess(holder->pid())));
    QVERIFY(usual);
    QSet<UserAgent *> all{usual};
    for (int display = 1; display <= 8; ++display) {
        HolderProcess other;
        QStringList command = AgentLab::asUser(u":%1"_s.arg(display));
        QVERIFY(other.start(u"/usr/bin/setpriv"_s, command + QStringList{fileHolder}));
        if (UserAgent *const agent = agents.agentFor(LaunchRecord::of(uniqueProcess(other.pid()))))
            all.insert(agent);
    }
    QCOMPARE(all.size(), 4);

    HolderProcess without;
    QVERIFY(without.start(u"/usr/bin/setpriv"_s, AgentLab::asUser({}) + QStringList{fileHolder}));
    QVERIFY(all.contains(agents.agentFor(LaunchRecord::of(uniqueProcess(without.pid())))));
}

void tst_AgentClosing::rootLooksAtADisplayForItsOwnProgramsOnly()
{
    HolderProcess *theirs = m_lab->startOfUser(windowHolder, {u"theirs"_s});
    QVERIFY(theirs);
    X11Display display;
    QCOMPARE(display.windowsOf({pid_t(theirs->pid())}).size(), 0);
    QCOMPARE(AgentLab::placesOfUsers(), QList<QByteArray>());

    HolderProcess *ours = m_lab->startOfRoot(windowHolder, {u"ours"_s}, true);
    QVERIFY(ours);
    QTRY_COMPARE(display.windowsOf({pid_t(theirs->pid()), pid_t(ours->pid())}).size(), 1);
}

int main(int argc, char **argv)
{
    if (argc > 1 && qstrcmp(argv[1], "--entracte-agent") == 0 && ::getenv("LC_LIAR"))
        return beLiar();
    (void)Guardian::takeUp(argc, argv);
    QCoreApplication application(argc, argv);
    tst_AgentClosing test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_agentclosing.moc"
