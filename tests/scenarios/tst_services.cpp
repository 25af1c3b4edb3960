// SPDX-License-Identifier: MIT
#include "restart/affectedapplicationmodel.h"
#include "restart/restartsession.h"
#include "support/insidebox.h"
#include "support/manualclock.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Services of a real systemd, closed and started through it. Runs inside a box: `sdbox run`.
class tst_Services : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();
    void scenario_16_redisStopsByItsUnitAndComesBackAsTheNewVersion();
    void scenario_16_aClientThatConnectsAllTheTimeDoesNotBringItBack();
    void scenario_16_aStopThatHangsCanBeCancelled();
    void spec_070_dependentsStopFirst();
    void spec_071_whatIgnoresTheStopIsKilledAfterItsLimit_data();
    void spec_071_whatIgnoresTheStopIsKilledAfterItsLimit();
    void spec_072_noTriggerStartsIt_data();
    void spec_072_noTriggerStartsIt();
    void aTriggerThatFiresDuringTheStopStartsNothing();
    void spec_092_dependentsStartAfterItAndThoseThatWereDownStayDown();
    void withoutForceALimitThatPassesPutsEverythingBack();
    void whatMayNotBeStoppedIsLeftAlone();
    void theCrashOfTheInstallerReleasesTheUnit();
    void aServiceThatFailsToStartIsToldAndTheOthersStart();

private:
    struct Outcome
    {
        Result<> result;
        RestartCode code = RestartCode::Success;
    };
    Outcome finish(std::unique_ptr<RestartTask> task);
    void open(std::shared_ptr<Clock> clock = std::make_shared<SystemClock>());
    void write(const QString &unit, const QByteArray &text);
    void start(const QStringList &units);
    AffectedApplication application(const QString &service) const;
    void list(const QStringList &services);
    QString path(const QString &name) const { return m_folder->filePath(name); }
    QByteArray pathBytes(const QString &name) const { return QFile::encodeName(path(name)); }
    void makeFifo(const QString &name) { mkfifo(pathBytes(name).constData(), 0600); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<RestartSession> m_session;
    QStringList m_units;
};

static quint64 microseconds(const QString &unit, const QString &property)
{
    return InsideBox::property(unit, property).toULongLong();
}

void tst_Services::initTestCase()
{
    if (qEnvironmentVariableIsEmpty("SDBOX"))
        QSKIP("needs a systemd of its own: tests/support/sdbox run tst_services");
    // The files are the host's; what these keep is not to be.
    for (const char *folder : {"/var/lib/redis", "/var/log/redis"}) {
        struct stat status;
        QCOMPARE(stat(folder, &status), 0);
        const QByteArray owner = "mode=755,uid=" + QByteArray::number(status.st_uid)
                               + ",gid=" + QByteArray::number(status.st_gid);
        QCOMPARE(mount("tmpfs", folder, "tmpfs", 0, owner.constData()), 0);
    }
}

void tst_Services::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    chmod(QFile::encodeName(m_folder->path()).constData(), 0755);
    open();
}

void tst_Services::cleanup()
{
    m_session.reset();
    for (const QString &unit : std::as_const(m_units))
        if (!unit.endsWith(u".service"_s)) // else it starts again what is stopped below
            InsideBox::systemctl({u"stop"_s, unit});
    for (const QString &unit : std::as_const(m_units)) {
        InsideBox::run(u"systemctl"_s, {u"kill"_s, u"-s"_s, u"KILL"_s, unit});
        InsideBox::systemctl({u"stop"_s, u"--no-block"_s, unit});
    }
    for (const QString &unit : std::as_const(m_units)) {
        InsideBox::run(u"systemctl"_s, {u"kill"_s, u"-s"_s, u"KILL"_s, unit});
        QTRY_VERIFY(QList<QByteArray>({"inactive", "failed"}).contains(InsideBox::state(unit)));
        QFile::remove(InsideBox::unitPath(unit));
    }
    m_units.clear();
    InsideBox::systemctl({u"daemon-reload"_s});
    InsideBox::systemctl({u"reset-failed"_s});
}

void tst_Services::open(std::shared_ptr<Clock> clock)
{
    m_session = std::make_unique<RestartSession>(createRestartBackend(clock), clock);
}

tst_Services::Outcome tst_Services::finish(std::unique_ptr<RestartTask> task)
{
    std::optional<Result<>> result;
    connect(task.get(), &Job::finished, this, [&](const Result<> &ended) { result = ended; });
    task->start();
    [&] { QTRY_VERIFY_WITH_TIMEOUT(result, 60'000); }();
    return {result.value_or(Error{}), task->code()};
}

void tst_Services::write(const QString &unit, const QByteArray &text)
{
    InsideBox::write(unit, text);
    m_units.append(unit);
}

void tst_Services::start(const QStringList &units)
{
    QVERIFY(InsideBox::systemctl({u"daemon-reload"_s}));
    for (const QString &unit : units)
        QVERIFY2(InsideBox::systemctl({u"start"_s, unit}), qPrintable(unit));
}

void tst_Services::list(const QStringList &services)
{
    QVERIFY(m_session->registerResources({{}, {}, services}));
    QVERIFY(finish(m_session->list()).result);
}

AffectedApplication tst_Services::application(const QString &service) const
{
    for (const AffectedApplication &application : m_session->applications())
        if (application.serviceName == service)
            return application;
    return {};
}

static const QByteArray sleeper = "[Service]\nExecStart=/bin/sleep infinity\n";

void tst_Services::scenario_16_redisStopsByItsUnitAndComesBackAsTheNewVersion()
{
    const QString redis = u"redis-server.service"_s;
    QFile::link(u"/lib/systemd/system/"_s + redis, InsideBox::unitPath(redis));
    m_units.append(redis);
    // Beside it one whose program is ours to replace.
    const QString program = path(u"program"_s);
    QVERIFY(QFile::copy(u"/bin/sleep"_s, program));
    write(u"ours.service"_s, "[Service]\nExecStart=" + QFile::encodeName(program)
                                 + " infinity\nRestart=always\nRestartSec=0\n");
    start({redis, u"ours.service"_s});
    QCOMPARE(InsideBox::property(redis, u"Restart"_s), "always");
    const QByteArray mainPid = InsideBox::property(redis, u"MainPID"_s);

    QVERIFY(m_session->registerFiles({program}));
    list({u"redis-server"_s, u"ours"_s});
    QCOMPARE(application(u"redis-server"_s).type, ApplicationType::Service);
    QCOMPARE(QByteArray::number(application(u"redis-server"_s).process.pid), mainPid);

    const Outcome closed = finish(m_session->shutdown(ShutdownType::Graceful));
    QCOMPARE(closed.code, RestartCode::Success);
    for (const QString &service : {u"redis-server"_s, u"ours"_s}) {
        QCOMPARE(application(service).closing, ClosingState::Closed);
        QCOMPARE(InsideBox::state(service + u".service"_s), "inactive");
        QCOMPARE(InsideBox::property(service + u".service"_s, u"NRestarts"_s), "0");
    }

    QFile next(path(u"next"_s));
    QVERIFY(QFile::copy(u"/bin/sleep"_s, next.fileName()));
    QVERIFY(next.open(QIODevice::Append) && next.write("version 2") > 0);
    next.close();
    QCOMPARE(rename(pathBytes(u"next"_s).constData(), QFile::encodeName(program).constData()), 0);

    QCOMPARE(finish(m_session->restart()).code, RestartCode::Success);
    for (const QString &service : {u"redis-server"_s, u"ours"_s}) {
        QVERIFY(application(service).status.testFlag(ApplicationStatus::Restarted));
        QCOMPARE(InsideBox::state(service + u".service"_s), "active");
    }
    QVERIFY(InsideBox::property(redis, u"MainPID"_s) != mainPid);
    QCOMPARE(InsideBox::run(u"redis-cli"_s, {u"ping"_s}).value_or(""), "PONG");
    QFile running(u"/proc/%1/exe"_s.arg(
        QString::fromLatin1(InsideBox::property(u"ours.service"_s, u"MainPID"_s))));
    QVERIFY(running.open(QIODevice::ReadOnly) && running.readAll().endsWith("version 2"));
}

void tst_Services::scenario_16_aClientThatConnectsAllTheTimeDoesNotBringItBack()
{
    write(u"answering.socket"_s, "[Socket]\nListenStream=" + pathBytes(u"socket"_s) + '\n');
    QFile server(path(u"server.py"_s));
    QVERIFY(server.open(QIODevice::WriteOnly));
    server.write("import socket\ns = socket.socket(fileno=3)\ns.setblocking(True)\n"
                 "while True: s.accept()[0].close()\n");
    server.close();
    write(u"answering.service"_s, "[Service]\nRestart=always\nExecStart=/usr/bin/python3 "
                                      + pathBytes(u"server.py"_s) + '\n');
    start({u"answering.socket"_s});

    QProcess client;
    client.start(u"/usr/bin/python3"_s,
                 {u"-uc"_s,
                  u"import socket, sys\n"
                  "while True:\n"
                  "    s = socket.socket(socket.AF_UNIX)\n"
                  "    s.settimeout(1)\n"
                  "    print('refused' if s.connect_ex(sys.argv[1]) else 'accepted')\n"
                  "    s.close()\n"_s,
                  path(u"socket"_s)});
    QTRY_COMPARE(InsideBox::state(u"answering.service"_s), "active");
    list({u"answering"_s});

    QCOMPARE(finish(m_session->shutdown(ShutdownType::Graceful)).code, RestartCode::Success);
    client.readAll();
    QByteArray said;
    QTRY_VERIFY((said += client.readAll()).count("refused") > 100);
    QCOMPARE(InsideBox::state(u"answering.service"_s), "inactive");
    QCOMPARE(InsideBox::state(u"answering.socket"_s), "inactive");

    QCOMPARE(finish(m_session->restart()).code, RestartCode::Success);
    QCOMPARE(InsideBox::state(u"answering.socket"_s), "active");
    QCOMPARE(InsideBox::state(u"answering.service"_s), "active");
    said.clear();
    QTRY_VERIFY2((said += client.readAll()).contains("accepted"), said.right(100).constData());
    client.kill();
    client.waitForFinished();
}

void tst_Services::scenario_16_aStopThatHangsCanBeCancelled()
{
    makeFifo(u"go"_s);
    write(u"slow.service"_s, sleeper + "ExecStop=/bin/sh -c 'read x <" + pathBytes(u"go"_s)
                                 + "'\nTimeoutStopSec=50\n");
    write(u"onslow.service"_s, "Requires=slow.service\nAfter=slow.service\n" + sleeper);
    start({u"slow.service"_s, u"onslow.service"_s});
    const QByteArray mainPid = InsideBox::property(u"slow.service"_s, u"MainPID"_s);
    list({u"slow"_s});

    const std::unique_ptr<RestartTask> shutdown = m_session->shutdown(ShutdownType::Graceful);
    std::optional<Result<>> result;
    connect(shutdown.get(), &Job::finished, this, [&](const Result<> &ended) { result = ended; });
    shutdown->start();
    QTRY_COMPARE(application(u"slow"_s).closing, ClosingState::Asked);
    QVERIFY(application(u"slow"_s).reason.contains(u"50"_s)); // the unit's own limit is shown
    const AffectedApplicationModel rows(m_session.get());
    QVERIFY(rows.data(rows.index(0), AffectedApplicationModel::StateTextRole)
                .toString()
                .contains(u"50"_s));
    QTRY_COMPARE(InsideBox::property(u"slow.service"_s, u"SubState"_s), "stop");
    QCOMPARE(InsideBox::state(u"onslow.service"_s), "inactive");

    QElapsedTimer timer;
    timer.start();
    shutdown->cancel();
    QTRY_VERIFY(result);
    QVERIFY(timer.elapsed() < 1000);
    QCOMPARE(shutdown->code(), RestartCode::Cancelled);
    QVERIFY(application(u"slow"_s).isRunning());
    m_session.reset(); // it comes back without us

    QCOMPARE(InsideBox::state(u"slow.service"_s), "deactivating");
    QFile go(path(u"go"_s));
    QVERIFY(go.open(QIODevice::WriteOnly) && go.write("\n") > 0);
    go.close();
    QTRY_COMPARE_WITH_TIMEOUT(InsideBox::state(u"slow.service"_s), "active", 20'000);
    QVERIFY(InsideBox::property(u"slow.service"_s, u"MainPID"_s) != mainPid);
    QTRY_COMPARE(InsideBox::state(u"onslow.service"_s), "active");
}

void tst_Services::spec_070_dependentsStopFirst()
{
    const auto tells = [this](const QByteArray &name) {
        const auto line = [&](const QByteArray &what) {
            return "/bin/sh -c 'echo " + what + ' ' + name + " >>" + pathBytes(u"log"_s) + "'\n";
        };
        return sleeper + "ExecStop=" + line("stopping")
             + "ExecStop=/bin/sleep 0.3\nExecStopPost=" + line("down");
    };
    write(u"base.service"_s, tells("base"));
    // Not ordered after it: systemd by itself would stop all at once.
    write(u"near.service"_s, "BindsTo=base.service\n" + tells("near"));
    write(u"far.service"_s, "Requires=near.service\n" + tells("far"));
    start({u"base.service"_s, u"near.service"_s, u"far.service"_s});
    list({u"base"_s});
    QCOMPARE(m_session->applications().size(), 1);

    QCOMPARE(finish(m_session->shutdown(ShutdownType::Graceful)).code, RestartCode::Success);
    QFile log(path(u"log"_s));
    QVERIFY(log.open(QIODevice::ReadOnly));
    QCOMPARE(log.readAll(), "stopping far\ndown far\nstopping near\ndown near\n"
                            "stopping base\ndown base\n");
}

void tst_Services::spec_071_whatIgnoresTheStopIsKilledAfterItsLimit_data()
{
    QTest::addColumn<std::optional<std::chrono::milliseconds>>("configured");
    QTest::addColumn<std::chrono::milliseconds>("limit");

    using Limit = std::optional<std::chrono::milliseconds>;
    QTest::newRow("as usual") << Limit() << std::chrono::milliseconds(20s);
    QTest::newRow("configured longer") << Limit(45s) << std::chrono::milliseconds(45s);
    QTest::newRow("configured shorter") << Limit(3s) << std::chrono::milliseconds(3s);
}

void tst_Services::spec_071_whatIgnoresTheStopIsKilledAfterItsLimit()
{
    QFETCH(const std::optional<std::chrono::milliseconds>, configured);
    QFETCH(const std::chrono::milliseconds, limit);
    write(u"stubborn.service"_s,
          "[Service]\nExecStart=/bin/sh -c \"trap '' TERM; while :; do sleep 1000; done\"\n"
          "TimeoutStopSec=infinity\nKillMode=mixed\nRestart=always\nRestartSec=0\n");
    start({u"stubborn.service"_s});
    const auto clock = std::make_shared<ManualClock>();
    open(clock);
    if (configured)
        m_session->setServiceLimit(*configured);
    list({u"stubborn"_s});
    const UniqueProcess process = application(u"stubborn"_s).process;
    // It must have set its trap.
    QTRY_VERIFY(InsideBox::run(
        u"grep"_s, {u"-q"_s, u"SigIgn:.*[4-7c-f]...$"_s, u"/proc/%1/status"_s.arg(process.pid)}));

    const std::unique_ptr<RestartTask> shutdown = m_session->shutdown(ShutdownType::Force);
    std::optional<std::chrono::milliseconds> remaining;
    connect(shutdown.get(), &RestartTask::stepped, this,
            [&](const RestartStep &step) { remaining = std::max(remaining, step.remaining); });
    std::optional<Result<>> result;
    connect(shutdown.get(), &Job::finished, this, [&](const Result<> &ended) { result = ended; });
    shutdown->start();
    QTRY_COMPARE(InsideBox::property(u"stubborn.service"_s, u"SubState"_s), "stop-sigterm");
    QCOMPARE(*remaining, limit);
    QVERIFY(application(u"stubborn"_s).reason.contains(QString::number(limit / 1s)));
    clock->advance(limit - 1ms);
    QVERIFY(isAlive(process));
    QCOMPARE(application(u"stubborn"_s).closing, ClosingState::Asked);

    clock->advance(1ms);
    QCOMPARE(application(u"stubborn"_s).closing, ClosingState::Ending);
    QTRY_VERIFY(result);
    QCOMPARE(shutdown->code(), RestartCode::Success);
    QVERIFY(!isAlive(process));
    QVERIFY(InsideBox::state(u"stubborn.service"_s) != "active");
    QCOMPARE(InsideBox::property(u"stubborn.service"_s, u"NRestarts"_s), "0");
    QVERIFY(!InsideBox::systemctl({u"start"_s, u"stubborn.service"_s}));

    const std::unique_ptr<RestartTask> restart = m_session->restart();
    restart->start();
    QTRY_COMPARE(InsideBox::state(u"stubborn.service"_s), "active");
    QTRY_VERIFY((clock->advance(1s), !restart->isRunning()));
    QCOMPARE(restart->code(), RestartCode::Success);
}

void tst_Services::spec_072_noTriggerStartsIt_data()
{
    QTest::addColumn<QString>("trigger");
    QTest::addColumn<QByteArray>("unit");
    QTest::addColumn<QString>("pull");

    QTest::newRow("socket") << u"woken.socket"_s << QByteArray("[Socket]\nListenStream=%f/socket\n")
                            << u"python3 -c 'import socket; "
                               u"socket.socket(socket.AF_UNIX).connect(\"%f/socket\")'"_s;
    QTest::newRow("path") << u"woken.path"_s << QByteArray("[Path]\nPathExists=%f/there\n")
                          << u"touch %f/there"_s;
    QTest::newRow("timer") << u"woken.timer"_s
                           << QByteArray("[Timer]\nOnCalendar=*:*:*\nAccuracySec=1ms\n")
                           << QString();
    QTest::newRow("bus") << QString() << QByteArray()
                         << u"busctl call org.freedesktop.DBus /org/freedesktop/DBus "
                            u"org.freedesktop.DBus StartServiceByName su org.example.Woken 0"_s;
    QTest::newRow("a dependency") << u"pulling.service"_s
                                  << QByteArray("Requires=woken.service\n" + sleeper)
                                  << u"systemctl start pulling.service"_s;
    QTest::newRow("a person") << QString() << QByteArray() << u"systemctl start woken.service"_s;
}

static constexpr auto busServices = "/usr/share/dbus-1/system-services";

/// Lets the system bus start NAME.service for whoever wants org.example.NAME.
static void offerOnBus(const QStringList &names)
{
    QCOMPARE(mount("tmpfs", busServices, "tmpfs", 0, "mode=755"), 0);
    for (const QString &name : names) {
        QFile file(u"%1/org.example.%2.service"_s.arg(QLatin1String(busServices), name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(u"[D-BUS Service]\nName=org.example.%1\nExec=/bin/false\nUser=root\n"
                   "SystemdService=%2.service\n"_s.arg(name, name.toLower())
                       .toUtf8());
    }
    QVERIFY(InsideBox::systemctl({u"reload"_s, u"dbus.service"_s}));
}

void tst_Services::spec_072_noTriggerStartsIt()
{
    QFETCH(const QString, trigger);
    QFETCH(const QByteArray, unit);
    QFETCH(const QString, pull);
    const QByteArray folder = QFile::encodeName(m_folder->path());
    if (QTest::currentDataTag() == QByteArray("bus")) {
        offerOnBus({u"Woken"_s, u"Control"_s});
        write(u"control.service"_s, sleeper);
    }
    write(u"woken.service"_s, sleeper);
    if (!trigger.isEmpty())
        write(trigger, QByteArray(unit).replace("%f", folder));
    const bool isTrigger = !trigger.isEmpty() && !trigger.endsWith(u".service"_s);
    if (isTrigger) // a socket first: not while its service runs
        start({trigger});
    start({u"woken.service"_s});
    list({u"woken"_s});

    QCOMPARE(finish(m_session->shutdown(ShutdownType::Graceful)).code, RestartCode::Success);
    if (isTrigger)
        QCOMPARE(InsideBox::state(trigger), "inactive");
    QString command = QString(pull).replace(u"%f"_s, m_folder->path());
    (void)InsideBox::run(u"timeout"_s, {u"5"_s, u"sh"_s, u"-c"_s, command});
    QCOMPARE(InsideBox::state(u"woken.service"_s), "inactive");

    QCOMPARE(finish(m_session->restart()).code, RestartCode::Success);
    QCOMPARE(InsideBox::state(u"woken.service"_s), "active");
    if (isTrigger)
        QCOMPARE(InsideBox::state(trigger), "active");
    QVERIFY(InsideBox::systemctl({u"restart"_s, u"woken.service"_s})); // nothing holds it any more
    if (QTest::currentDataTag() == QByteArray("bus")) { // what was pulled is a trigger
        (void)InsideBox::run(u"timeout"_s,
                             {u"5"_s, u"sh"_s, u"-c"_s, command.replace(u"Woken"_s, u"Control"_s)});
        QTRY_COMPARE(InsideBox::state(u"control.service"_s), "active");
        umount2(busServices, MNT_DETACH);
    }
}

/// What the manager has in mind with \a unit; empty: nothing.
static QByteArray jobOf(const QString &unit)
{
    const auto jobs = InsideBox::run(u"systemctl"_s, {u"list-jobs"_s, u"--no-legend"_s, unit});
    return jobs ? jobs->simplified().split(' ').value(2) : QByteArray("no answer");
}

// While its ExecStop runs, a bus message or a person asks for it: the answer is no, not
// "afterwards".
void tst_Services::aTriggerThatFiresDuringTheStopStartsNothing()
{
    makeFifo(u"go"_s);
    write(u"woken.service"_s,
          sleeper + "ExecStop=/bin/sh -c 'read x <" + pathBytes(u"go"_s) + "'\n");
    start({u"woken.service"_s});
    list({u"woken"_s});
    const std::unique_ptr<RestartTask> shutdown = m_session->shutdown(ShutdownType::Graceful);
    shutdown->start();
    QTRY_COMPARE(InsideBox::property(u"woken.service"_s, u"SubState"_s), "stop");
    QVERIFY(InsideBox::systemctl({u"start"_s, u"--no-block"_s, u"woken.service"_s}));
    QTRY_COMPARE(jobOf(u"woken.service"_s), "stop"); // was cancelled, and is asked for again
    QVERIFY(shutdown->isRunning());
    QFile go(path(u"go"_s));
    QVERIFY(go.open(QIODevice::WriteOnly) && go.write("\n") > 0);
    go.close();

    QTRY_VERIFY(!shutdown->isRunning());
    QCOMPARE(InsideBox::state(u"woken.service"_s), "inactive");
    QCOMPARE(shutdown->code(), RestartCode::Success);
}

void tst_Services::spec_092_dependentsStartAfterItAndThoseThatWereDownStayDown()
{
    write(u"base.service"_s,
          "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 0.3\n"
          "[Install]\n");
    write(u"held.service"_s, "Requires=base.service\n" + sleeper);
    write(u"unused.service"_s, "Requires=held.service\n" + sleeper);
    write(u"wide.target"_s, "Requires=held.service\nWants=unused.service\n");
    start({u"base.service"_s, u"held.service"_s, u"wide.target"_s});
    QVERIFY(InsideBox::systemctl({u"stop"_s, u"unused.service"_s}));
    write(u"slowbase.service"_s, sleeper + "ExecStartPre=/bin/sleep 0.3\n");
    // Not ordered after it.
    write(u"needing.service"_s, "Requires=slowbase.service\n" + sleeper);
    start({u"slowbase.service"_s, u"needing.service"_s});
    list({u"held"_s, u"slowbase"_s});
    QCOMPARE(m_session->applications().size(), 2);

    QCOMPARE(finish(m_session->shutdown(ShutdownType::Graceful)).code, RestartCode::Success);
    QCOMPARE(InsideBox::state(u"wide.target"_s), "inactive");
    QCOMPARE(InsideBox::state(u"needing.service"_s), "inactive");
    QCOMPARE(finish(m_session->restart()).code, RestartCode::Success);
    QCOMPARE(InsideBox::state(u"held.service"_s), "active");
    QCOMPARE(InsideBox::state(u"wide.target"_s), "active");
    QCOMPARE(InsideBox::state(u"unused.service"_s), "inactive");
    QVERIFY(microseconds(u"slowbase.service"_s, u"ActiveEnterTimestampMonotonic"_s)
            <= microseconds(u"needing.service"_s, u"InactiveExitTimestampMonotonic"_s));
}

void tst_Services::withoutForceALimitThatPassesPutsEverythingBack()
{
    makeFifo(u"go"_s);
    write(u"slow.service"_s, sleeper + "ExecStop=/bin/sh -c 'read x <" + pathBytes(u"go"_s)
                                 + "'\nTimeoutStopSec=infinity\n");
    write(u"slow.socket"_s, "[Socket]\nListenStream=" + pathBytes(u"socket"_s) + '\n');
    write(u"onslow.service"_s, "Requires=slow.service\n" + sleeper);
    start({u"slow.socket"_s, u"slow.service"_s, u"onslow.service"_s});
    const auto clock = std::make_shared<ManualClock>();
    open(clock);
    list({u"slow"_s});

    const std::unique_ptr<RestartTask> shutdown = m_session->shutdown(ShutdownType::Graceful);
    std::optional<std::chrono::milliseconds> remaining;
    connect(shutdown.get(), &RestartTask::stepped, this,
            [&](const RestartStep &step) { remaining = std::max(remaining, step.remaining); });
    shutdown->start();
    QTRY_COMPARE(InsideBox::property(u"slow.service"_s, u"SubState"_s), "stop");
    QCOMPARE(*remaining, std::chrono::milliseconds(2 * (90s + 5s))); // its dependent's, too
    clock->advance(95s);
    QTRY_VERIFY(!shutdown->isRunning());
    QCOMPARE(shutdown->code(), RestartCode::FailShutdown);
    QCOMPARE(application(u"slow"_s).closing, ClosingState::NotResponding);
    QVERIFY(application(u"slow"_s).isRunning());

    QFile go(path(u"go"_s));
    QVERIFY(go.open(QIODevice::WriteOnly) && go.write("\n") > 0);
    go.close();
    for (const QString &unit : {u"slow.service"_s, u"slow.socket"_s, u"onslow.service"_s})
        QTRY_COMPARE(InsideBox::state(unit), "active");
}

void tst_Services::whatMayNotBeStoppedIsLeftAlone()
{
    write(u"base.service"_s, sleeper);
    write(u"vital.service"_s, "Requires=base.service\nRefuseManualStop=yes\n" + sleeper);
    start({u"base.service"_s, u"vital.service"_s});
    list({u"base"_s});
    const UniqueProcess process = application(u"base"_s).process;

    QCOMPARE(finish(m_session->shutdown(ShutdownType::Force)).code, RestartCode::FailShutdown);
    QCOMPARE(application(u"base"_s).closing, ClosingState::Refused);
    QVERIFY(application(u"base"_s).reason.contains(u"vital.service"_s));
    QVERIFY(isAlive(process));
    QCOMPARE(InsideBox::state(u"vital.service"_s), "active");
}

// A hold is the installer's open descriptor: whatever kills it, nothing stays masked.
void tst_Services::theCrashOfTheInstallerReleasesTheUnit()
{
    write(u"woken.service"_s, sleeper);
    start({u"woken.service"_s});
    list({u"woken"_s});
    QProcess installer;
    installer.start(QCoreApplication::applicationFilePath(), {u"--close"_s, u"woken"_s});
    QTRY_COMPARE(InsideBox::state(u"woken.service"_s), "inactive");
    QVERIFY(!InsideBox::systemctl({u"start"_s, u"woken.service"_s}));
    installer.kill();
    QVERIFY(installer.waitForFinished());
    QTRY_VERIFY(InsideBox::systemctl({u"start"_s, u"woken.service"_s}));
}

void tst_Services::aServiceThatFailsToStartIsToldAndTheOthersStart()
{
    const QString program = path(u"program"_s);
    QVERIFY(QFile::copy(u"/bin/sleep"_s, program));
    write(u"broken.service"_s,
          "[Service]\nType=exec\nExecStart=" + QFile::encodeName(program) + " infinity\n");
    write(u"sound.service"_s, sleeper);
    start({u"broken.service"_s, u"sound.service"_s});
    list({u"broken"_s, u"sound"_s});
    QCOMPARE(finish(m_session->shutdown(ShutdownType::Graceful)).code, RestartCode::Success);
    QVERIFY(QFile::remove(program));

    QCOMPARE(finish(m_session->restart()).code, RestartCode::FailRestart);
    QVERIFY(application(u"broken"_s).status.testFlag(ApplicationStatus::ErrorOnRestart));
    QVERIFY(application(u"broken"_s).reason.contains(u"broken.service"_s));
    QVERIFY(application(u"sound"_s).status.testFlag(ApplicationStatus::Restarted));
}

/// An installer that closes \a service and then waits for its end.
static int closeAndStay(const QString &service)
{
    RestartSession session(createRestartBackend(std::make_shared<SystemClock>()));
    if (!session.registerResources({{}, {}, {service}}))
        return 1;
    const std::unique_ptr<RestartTask> shutdown = session.shutdown(ShutdownType::Graceful);
    shutdown->start();
    return QCoreApplication::exec();
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == u"--close"_s)
        return closeAndStay(arguments.value(2));
    tst_Services test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_services.moc"
