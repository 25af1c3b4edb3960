// SPDX-License-Identifier: MIT
#include "guardian/guardian.h"
#include "platform/linux/agent/agentmessage.h"
#include "platform/linux/systemd/servicerecord.h"
#include "support/agentlab.h"
#include "support/insidebox.h"

#include <QDataStream>
#include <QtEndian>

#include <sys/socket.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Services of a user's own manager, closed and started by an installer that root started, through
/// that user's agent. Runs inside a box: `sdbox run`. This executable is its own agent.
class tst_UsersServices : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();
    void scenario_21_aUsersServiceStopsOnceAndComesBackAsItself_data();
    void scenario_21_aUsersServiceStopsOnceAndComesBackAsItself();
    void dependentsGoDownAndComeBackWithIt();
    void calledOffInTheMiddleItComesBack();
    void anAgentThatIsLostIsToldAndTheServiceComesBack_data();
    void anAgentThatIsLostIsToldAndTheServiceComesBack();
    void forceNeedsNoAgent();
    void whatAnInstallerThatDiedStoppedItsUserGetsBack();
    void onlyTheProcessSaysThatAServiceIsDown();
    void recordsWithoutAUserAreOurOwn();
    void withoutItsManagerAServiceIsAskedLikeAProgram();

private:
    void write(const QString &unit, const QByteArray &text);
    QByteArray service(const QByteArray &more) const;
    /// One that stops when somebody writes into the pipe.
    QByteArray slowService() const;
    void letItStop() const;
    void start(const QStringList &units);
    AffectedApplication listed();
    QString holdOf(const QString &unit) const
    {
        return u"/run/user/1000/systemd/user/%1.d/entracte-hold.conf"_s.arg(unit);
    }

    std::unique_ptr<AgentLab> m_lab;
    QStringList m_units;
};

namespace {

const QString held = u"held.service"_s;

QStringList asUser(const QStringList &command)
{
    return AgentLab::asUser({}) + command;
}

std::optional<QByteArray> userctl(const QStringList &arguments)
{
    return InsideBox::run(u"/usr/bin/setpriv"_s,
                          asUser(QStringList{u"systemctl"_s, u"--user"_s} + arguments));
}

QByteArray propertyOf(const QString &unit, const QString &name)
{
    return userctl({u"show"_s, u"-p"_s, name, u"--value"_s, unit}).value_or("no answer");
}

QByteArray state(const QString &unit)
{
    return propertyOf(unit, u"ActiveState"_s);
}

QString unitPath(const QString &unit)
{
    return qEnvironmentVariable("SDBOX") + u"/user-units/"_s + unit;
}

/// What a test starts as an agent when it wants one that says yes to everything and does nothing.
int beLiar()
{
    const auto say = [](const AgentReply &reply) {
        const QByteArray bytes = reply.encoded();
        return ::send(3, bytes.constData(), size_t(bytes.size()), MSG_NOSIGNAL) == bytes.size();
    };
    UnitFacts facts;
    facts.name = held;
    facts.activeState = u"inactive"_s;
    quint32 length = 0;
    for (bool goesOn = say({}); goesOn;) {
        if (::recv(3, &length, sizeof length, MSG_WAITALL) != sizeof length)
            break;
        QByteArray content(qsizetype(qFromBigEndian(length)), Qt::Uninitialized);
        if (::recv(3, content.data(), size_t(content.size()), MSG_WAITALL) != content.size())
            break;
        const auto request = AgentRequest::decoded(content).value_or(AgentRequest());
        AgentReply reply{request.number, {}, {}};
        if (request.operation == AgentRequest::Operation::ManageUnits)
            reply.more = UnitAnswer{ErrorCode::Failed, facts};
        if (request.operation == AgentRequest::Operation::LookAround)
            reply.more = DesktopFacts();
        goesOn = say(reply);
    }
    return 0;
}

} // namespace

void tst_UsersServices::initTestCase()
{
    if (qEnvironmentVariableIsEmpty("SDBOX"))
        QSKIP("needs a systemd of its own: tests/support/sdbox run tst_usersservices");
    QVERIFY(AgentLab::startUsersManager());
    // As `sudo -E` leaves them: the traps are set.
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus");
    qputenv("XDG_RUNTIME_DIR", "/run/user/1000");
    qunsetenv("DISPLAY");
}

void tst_UsersServices::init()
{
    m_lab = std::make_unique<AgentLab>();
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_FILE_HOLDER), m_lab->path(u"holder"_s)));
    const QByteArray pipe = QFile::encodeName(m_lab->path(u"go"_s));
    QCOMPARE(mkfifo(pipe.constData(), 0666), 0);
    QCOMPARE(chmod(pipe.constData(), 0666), 0);
}

void tst_UsersServices::cleanup()
{
    m_lab->session.reset();
    for (const QString &unit : std::as_const(m_units))
        if (!unit.endsWith(u".service"_s)) // else it starts again what is stopped below
            userctl({u"stop"_s, unit});
    for (const QString &unit : std::as_const(m_units)) {
        userctl({u"kill"_s, u"-s"_s, u"KILL"_s, unit});
        userctl({u"stop"_s, u"--no-block"_s, unit});
    }
    for (const QString &unit : std::as_const(m_units)) {
        userctl({u"kill"_s, u"-s"_s, u"KILL"_s, unit});
        QTRY_VERIFY(QList<QByteArray>({"inactive", "failed"}).contains(state(unit)));
        QFile::remove(unitPath(unit));
    }
    m_units.clear();
    userctl({u"daemon-reload"_s});
    userctl({u"reset-failed"_s});
    m_lab.reset();
}

void tst_UsersServices::write(const QString &unit, const QByteArray &text)
{
    QFile file(unitPath(unit));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[Unit]\nDefaultDependencies=no\nStartLimitIntervalSec=0\n" + text);
    m_units.append(unit);
}

QByteArray tst_UsersServices::service(const QByteArray &more) const
{
    return "[Service]\nExecStart=" + QFile::encodeName(m_lab->path(u"holder"_s))
         + " --catch-term --open " + QFile::encodeName(m_lab->data()) + '\n' + more;
}

QByteArray tst_UsersServices::slowService() const
{
    return service("Restart=always\nRestartSec=0\nTimeoutStopSec=50\nExecStop=/bin/sh -c 'read x <"
                   + QFile::encodeName(m_lab->path(u"go"_s)) + "'\n");
}

void tst_UsersServices::letItStop() const
{
    QFile go(m_lab->path(u"go"_s));
    QVERIFY(go.open(QIODevice::WriteOnly) && go.write("\n") > 0);
}

void tst_UsersServices::start(const QStringList &units)
{
    QVERIFY(userctl({u"daemon-reload"_s}));
    for (const QString &unit : units)
        QVERIFY2(userctl({u"start"_s, unit}), qPrintable(unit));
    QTRY_COMPARE(scanFor({m_lab->data()}).holders.size(), 1);
}

AffectedApplication tst_UsersServices::listed()
{
    if (m_lab->finish(m_lab->session->list()) != RestartCode::Success
        || m_lab->session->applications().size() != 1)
        return {};
    return m_lab->session->applications().constFirst();
}

void tst_UsersServices::scenario_21_aUsersServiceStopsOnceAndComesBackAsItself_data()
{
    QTest::addColumn<QString>("trigger");
    QTest::addColumn<QByteArray>("unit");
    QTest::addColumn<QString>("pull");
    QTest::newRow("socket") << u"held.socket"_s << QByteArray("[Socket]\nListenStream=%f/socket\n")
                            << u"python3 -c 'import socket; "
                               u"socket.socket(socket.AF_UNIX).connect(\"%f/socket\")'"_s;
    QTest::newRow("timer") << u"held.timer"_s
                           << QByteArray("[Timer]\nOnCalendar=*:*:*\nAccuracySec=1ms\n")
                           << u"true"_s;
    QTest::newRow("a person") << QString() << QByteArray()
                              << u"systemctl --user start held.service"_s;
}

void tst_UsersServices::scenario_21_aUsersServiceStopsOnceAndComesBackAsItself()
{
    QFETCH(const QString, trigger);
    QFETCH(QByteArray, unit);
    QFETCH(const QString, pull);
    const QString folder = m_lab->path({}).chopped(1);
    write(held, service("Restart=always\nRestartSec=0\n"));
    if (!trigger.isEmpty()) {
        write(trigger, unit.replace("%f", QFile::encodeName(folder)));
        QVERIFY(userctl({u"daemon-reload"_s}) && userctl({u"start"_s, trigger}));
    }
    start({held});
    const AffectedApplication seen = listed();
    QCOMPARE(seen.type, ApplicationType::Service);
    QVERIFY(seen.isUserUnit && seen.unit == held);

    QCOMPARE(m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful)), RestartCode::Success);
    QCOMPARE(AgentLab::agents().size(), 1);
    QVERIFY(!isAlive(seen.process));
    QCOMPARE(state(held), "inactive");
    QCOMPARE(propertyOf(held, u"NRestarts"_s), "0");
    if (!trigger.isEmpty())
        QCOMPARE(state(trigger), "inactive");
    (void)InsideBox::run(u"/usr/bin/setpriv"_s, asUser({u"timeout"_s, u"5"_s, u"sh"_s, u"-c"_s,
                                                        QString(pull).replace(u"%f"_s, folder)}));
    QCOMPARE(state(held), "inactive");
    QVERIFY(!userctl({u"start"_s, held})); // whatever wants it
    QVERIFY(scanFor({m_lab->data()}).holders.isEmpty());

    QCOMPARE(m_lab->finishRestart(), RestartCode::Success);
    QVERIFY(
        m_lab->session->applications().constFirst().status.testFlag(ApplicationStatus::Restarted));
    QCOMPARE(state(held), "active");
    QCOMPARE(propertyOf(held, u"Transient"_s), "no");
    if (!trigger.isEmpty())
        QCOMPARE(state(trigger), "active");
    QCOMPARE(m_lab->programs(u"holder"_s).size(), 1);
    const auto pid = pid_t(m_lab->programs(u"holder"_s).constFirst().pid);
    QCOMPARE(ownerOf(pid), AgentLab::user);
    QVERIFY(controlGroupOf(pid).contains("/user@1000.service/"));
    QVERIFY(controlGroupOf(pid).endsWith("/held.service"));
    QVERIFY(!QFile::exists(holdOf(held)));
    QVERIFY(userctl({u"restart"_s, held})); // nothing holds it any more

    QCOMPARE(AgentLab::placesOfUsers(), QList<QByteArray>());
    QVERIFY(ConnectAudit::places().contains("/run/dbus/system_bus_socket")); // it does see them
}

void tst_UsersServices::dependentsGoDownAndComeBackWithIt()
{
    write(held, service({}));
    write(u"onheld.service"_s, "Requires=held.service\n[Service]\nExecStart=/bin/sleep infinity\n");
    write(u"unused.service"_s, "Requires=held.service\n[Service]\nExecStart=/bin/sleep infinity\n");
    start({held, u"onheld.service"_s});
    QVERIFY(!listed().unit.isEmpty());

    QCOMPARE(m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful)), RestartCode::Success);
    QCOMPARE(state(u"onheld.service"_s), "inactive");
    QVERIFY(!userctl({u"start"_s, u"onheld.service"_s}));

    QCOMPARE(m_lab->finishRestart(), RestartCode::Success);
    QCOMPARE(state(held), "active");
    QCOMPARE(state(u"onheld.service"_s), "active");
    QCOMPARE(state(u"unused.service"_s), "inactive");
}

void tst_UsersServices::calledOffInTheMiddleItComesBack()
{
    write(held, slowService());
    start({held});
    const AffectedApplication seen = listed();
    m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE(m_lab->application(seen.process.pid).closing, ClosingState::Asked);
    const QString reason = m_lab->application(seen.process.pid).reason;
    QVERIFY2(reason.contains(u"50"_s), qPrintable(reason)); // the unit's own limit is shown
    QTRY_COMPARE(propertyOf(held, u"SubState"_s), "stop");
    m_lab->clock->advance(40s); // longer than any other request of an agent may take
    QVERIFY(!m_lab->code);

    m_lab->running->cancel();
    QTRY_COMPARE(m_lab->code, RestartCode::Cancelled);
    m_lab->session.reset(); // it comes back without us
    QTRY_VERIFY(AgentLab::agents().isEmpty());
    QVERIFY(!QFile::exists(holdOf(held)));

    QCOMPARE(state(held), "deactivating");
    letItStop();
    QTRY_COMPARE_WITH_TIMEOUT(state(held), "active", 20'000);
    QVERIFY(propertyOf(held, u"MainPID"_s) != QByteArray::number(seen.process.pid));
}

void tst_UsersServices::anAgentThatIsLostIsToldAndTheServiceComesBack_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("it hangs") << SIGSTOP;
    QTest::newRow("it dies") << SIGKILL;
}

void tst_UsersServices::anAgentThatIsLostIsToldAndTheServiceComesBack()
{
    QFETCH(const int, signal);
    write(held, slowService());
    start({held});
    const AffectedApplication seen = listed();
    m_lab->begin(m_lab->session->shutdown(ShutdownType::Graceful));
    QTRY_COMPARE(propertyOf(held, u"SubState"_s), "stop");
    QCOMPARE(AgentLab::agents().size(), 1);

    QCOMPARE(::kill(pid_t(AgentLab::agents().constFirst().pid), signal), 0);
    if (signal == SIGSTOP) {
        m_lab->clock->advance(5s); // asked for a sign of life
        QVERIFY(!m_lab->code);
        m_lab->clock->advance(5s);
    }

    QTRY_COMPARE(m_lab->code, RestartCode::FailShutdown);
    const AffectedApplication row = m_lab->application(seen.process.pid);
    QCOMPARE(row.closing, ClosingState::NotResponding);
    QVERIFY2(row.reason.contains(userName(AgentLab::user)), qPrintable(row.reason));
    letItStop(); // another agent has put it back
    QTRY_COMPARE_WITH_TIMEOUT(state(held), "active", 20'000);
    QVERIFY(!QFile::exists(holdOf(held)));
    QCOMPARE(AgentLab::placesOfUsers(), QList<QByteArray>());
}

void tst_UsersServices::forceNeedsNoAgent()
{
    write(held, slowService());
    start({held});
    const AffectedApplication seen = listed();
    m_lab->begin(m_lab->session->shutdown(ShutdownType::Force));
    QTRY_COMPARE(propertyOf(held, u"SubState"_s), "stop");
    QCOMPARE(::kill(pid_t(AgentLab::agents().constFirst().pid), SIGKILL), 0);

    QTRY_COMPARE(m_lab->code, RestartCode::Success);
    QVERIFY(!isAlive(seen.process));
}

void tst_UsersServices::whatAnInstallerThatDiedStoppedItsUserGetsBack()
{
    write(held, service("Restart=always\nRestartSec=0\n"));
    start({held});
    const AffectedApplication seen = listed();
    auto backend = createRestartBackend(m_lab->clock);
    bool isAnswered = false;
    connect(backend.get(), &RestartBackend::queryFinished, this, [&] { isAnswered = true; });
    backend->query({seen});
    QTRY_VERIFY(isAnswered);
    const ClosedApplication closed = backend->takeDown(seen);
    bool isDown = false;
    connect(backend.get(), &RestartBackend::shutdownFinished, this, [&] { isDown = true; });
    backend->shutdown({seen}, {});
    QTRY_VERIFY(isDown);
    QVERIFY(QFile::exists(holdOf(held)));

    backend.reset();
    m_lab->session.reset();
    QTRY_VERIFY(AgentLab::agents().isEmpty());
    QVERIFY(!QFile::exists(holdOf(held)));
    QCOMPARE(state(held), "inactive");

    backend = createRestartBackend(m_lab->clock); // a guardian, or a later installer
    bool isUp = false;
    connect(backend.get(), &RestartBackend::restartFinished, this, [&] { isUp = true; });
    backend->restart({closed});
    QTRY_VERIFY((m_lab->clock->advance(10ms), isUp));
    QCOMPARE(state(held), "active");
    QCOMPARE(propertyOf(held, u"Transient"_s), "no");
    QCOMPARE(AgentLab::placesOfUsers(), QList<QByteArray>());
}

void tst_UsersServices::onlyTheProcessSaysThatAServiceIsDown()
{
    write(held, service({}));
    start({held});
    qputenv("LC_LIAR", "yes");
    const AffectedApplication seen = listed();

    const auto code = m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful));

    qunsetenv("LC_LIAR");
    QCOMPARE(code, RestartCode::FailShutdown);
    const AffectedApplication row = m_lab->application(seen.process.pid);
    QCOMPARE(row.closing, ClosingState::NotResponding);
    QVERIFY2(row.reason.contains(held), qPrintable(row.reason));
    QVERIFY(isAlive(seen.process));
}

void tst_UsersServices::recordsWithoutAUserAreOurOwn()
{
    QByteArray old;
    QDataStream stream(&old, QIODevice::WriteOnly);
    stream << QByteArray("entracte-service-1") << true << qint32(1) << held << QStringList()
           << false;
    const ServiceRecord record = ServiceRecord::fromBytes(old);
    QVERIFY(record.isValid());
    QCOMPARE(record.scope, UnitManager::Scope::User);
    QCOMPARE(record.user, ServiceRecord::ourselves);

    ServiceRecord another = record;
    another.user = AgentLab::user;
    const ServiceRecord read = ServiceRecord::fromBytes(another.toBytes());
    QCOMPARE(read.scope, UnitManager::Scope::User);
    QCOMPARE(read.user, qint64(AgentLab::user));
    QCOMPARE(read.unit(), held);
    another.scope = UnitManager::Scope::System;
    QCOMPARE(ServiceRecord::fromBytes(another.toBytes()).scope, UnitManager::Scope::System);
}

// Its bus is away.
void tst_UsersServices::withoutItsManagerAServiceIsAskedLikeAProgram()
{
    write(held, service({}));
    start({held});
    const AffectedApplication seen = listed();
    QVERIFY(userctl({u"stop"_s, u"dbus.socket"_s, u"dbus.service"_s}));

    const auto code = m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful));

    QVERIFY(userctl({u"start"_s, u"dbus.socket"_s}));
    QCOMPARE(code, RestartCode::Success);
    QVERIFY(!isAlive(seen.process));
    QVERIFY(!QFile::exists(holdOf(held)));
}

int main(int argc, char **argv)
{
    if (argc > 1 && qstrcmp(argv[1], "--entracte-agent") == 0 && ::getenv("LC_LIAR"))
        return beLiar();
    (void)Guardian::takeUp(argc, argv);
    QCoreApplication application(argc, argv);
    tst_UsersServices test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_usersservices.moc"
