// SPDX-License-Identifier: MIT
#include "guardian/guardian.h"
#include "platform/linux/agent/agentenvironment.h"
#include "platform/linux/agent/agentmessage.h"
#include "platform/linux/agent/agentprocess.h"
#include "platform/linux/agent/useragent.h"
#include "platform/linux/agent/userlauncher.h"
#include "platform/linux/busaddress.h"
#include "platform/linux/privatecopy.h"
#include "platform/linux/process.h"
#include "platform/linux/unixsocket.h"
#include "restart/restartsession.h"
#include "support/connectaudit.h"
#include "support/holderprocess.h"
#include "support/insidebox.h"
#include "support/manualclock.h"

#include <QDirIterator>
#include <QLocalSocket>
#include <QLocale>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include <algorithm>
#include <csignal>
#include <optional>

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// An installer that root started, and the programs of a user who has a service manager. Runs
/// inside a box: `sdbox run`. This executable is its own agent, as installers are.
class tst_Agent : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();
    void scenario_21_aUsersProgramComesBackInItsOwnManager();
    void spec_096_userSessionAndControlGroupAreTheUsers_data();
    void spec_096_userSessionAndControlGroupAreTheUsers();
    void aUserNeedsNoAgentForTheirOwnPrograms();
    void anInstallerInOtherNamespacesLosesNobody();
    void whereTheInstallerIsAndTheManagerIsNotItComesBackToo();
    void rootAsksNoBusOfAUser();
    void whatCannotBeStartedIsToldInWords();
    void anAgentSpeaksTheLanguageOfTheInstaller();
    void nothingIsStartedTwice();
    void anAgentHasNoRightButItsUsers();
    void whatAnAgentStartsCannotBecomeRoot();
    void nobodyIsAgentAsRoot();
    void hostileVariablesAreNotPassed_data();
    void hostileVariablesAreNotPassed();
    void anAgentHearsNobodyWhoMakesNoSense_data();
    void anAgentHearsNobodyWhoMakesNoSense();
    void anAgentEndsWithItsSocketAndItsProgramsStay();
    void anAgentThatIsStoppedIsNotWaitedForForEver();
    void anAgentThatLiesIsNotBelieved();
    void withoutAnAgentAProgramComesBackWithItsUsersRights();

private:
    QString path(const QString &name) const { return m_folder->filePath(name); }
    void startProgram(const QStringList &arguments = {}, const QStringList &variables = {},
                      const QStringList &wrapper = {});
    void startUnit();
    UniqueProcess running() const;
    RestartCode update();
    /// A program that could not be started again for that reason.
    AffectedApplication closedWhoseExecutableHasGone();
    void endEverybody();

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<HolderProcess> m_program;
    std::unique_ptr<RestartSession> m_session;
    QString m_executable;
};

namespace {

constexpr uid_t user = 1000;
const char *const managerGroup = "/user.slice/user-1000.slice/user@1000.service/app.slice/";

/// What a program does not have by itself.
void takeTraits()
{
    ::umask(027);
    ::setpriority(PRIO_PROCESS, 0, 5);
    const rlimit files{300, 777};
    ::setrlimit(RLIMIT_NOFILE, &files);
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    ::sched_setaffinity(0, sizeof first, &first);
}

QStringList asUser(const QStringList &command)
{
    return QStringList{u"--reuid=1000"_s, u"--regid=1000"_s, u"--init-groups"_s, u"--"_s} + command;
}

const QStringList &sessionVariables()
{
    static const QStringList variables{
        u"HOME=/home/user"_s,
        u"USER=user"_s,
        u"XDG_RUNTIME_DIR=/run/user/1000"_s,
        u"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus"_s,
        u"DISPLAY=:77"_s,
        u"PATH=/usr/bin:/bin"_s,
    };
    return variables;
}

/// The processes whose program lies at \a executable.
QList<UniqueProcess> processesOf(const QString &executable)
{
    QList<UniqueProcess> found;
    const QStringList names = QDir(u"/proc"_s).entryList(QDir::Dirs);
    for (const QString &name : names)
        if (const pid_t pid = name.toInt(); pid > 0 && executableOf(pid) == executable)
            if (const UniqueProcess process = uniqueProcess(pid); isAlive(process))
                found.append(process);
    return found;
}

QList<UniqueProcess> agents()
{
    QList<UniqueProcess> found;
    const QStringList names = QDir(u"/proc"_s).entryList(QDir::Dirs);
    for (const QString &name : names)
        if (const pid_t pid = name.toInt();
            pid > 0 && argumentsOf(pid).value(0) == "entracte-agent" && isAlive(uniqueProcess(pid)))
            found.append(uniqueProcess(pid));
    return found;
}

QList<QByteArray> placesOfUsers()
{
    QList<QByteArray> places = ConnectAudit::places();
    places.removeIf([](const QByteArray &place) { return !place.startsWith("/run/user/"); });
    return places;
}

QByteArray withoutMark(const QList<QByteArray> &environment)
{
    QList<QByteArray> sorted = environment;
    sorted.removeIf([](const QByteArray &variable) { return variable.startsWith("ENTRACTE_"); });
    std::sort(sorted.begin(), sorted.end());
    return sorted.join('|');
}

/// What a relaunch must not change, as one text.
QByteArray portrait(const UniqueProcess &process)
{
    const auto pid = pid_t(process.pid);
    return "arguments " + argumentsOf(pid).join('|') + "\nenvironment "
         + withoutMark(environmentOf(pid)) + "\nfolder "
         + QFile::encodeName(workingDirectoryOf(pid)) + "\nuser " + statusField(pid, "Uid")
         + "\ngroup " + statusField(pid, "Gid") + "\ngroups " + statusField(pid, "Groups")
         + "\nmask " + statusField(pid, "Umask");
}

} // namespace

void tst_Agent::initTestCase()
{
    if (qEnvironmentVariableIsEmpty("SDBOX"))
        QSKIP("needs a systemd of its own: tests/support/sdbox run tst_agent");
    QVERIFY(InsideBox::systemctl({u"start"_s, u"user@1000.service"_s}));
    // Its bus is started by who first connects to it; nobody's patience is measured here.
    QVERIFY(InsideBox::run(u"/usr/bin/setpriv"_s,
                           asUser(QStringList{u"/usr/bin/env"_s, u"-i"_s} + sessionVariables()
                                  + QStringList{u"busctl"_s, u"--user"_s, u"list"_s})));
    // As `sudo -E` leaves it: the trap is set.
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus");
    qputenv("XDG_RUNTIME_DIR", "/run/user/1000");
}

void tst_Agent::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    chmod(QFile::encodeName(m_folder->path()).constData(), 0755);
    m_executable = path(u"program"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_FILE_HOLDER), m_executable));
    QFile data(path(u"data"_s));
    QVERIFY(data.open(QIODevice::WriteOnly));
    const auto clock = std::make_shared<SystemClock>();
    m_session = std::make_unique<RestartSession>(createRestartBackend(clock), clock);
    ConnectAudit::forget();
}

void tst_Agent::cleanup()
{
    m_session.reset();
    endEverybody();
    m_program.reset();
    for (const UniqueProcess &agent : agents())
        ::kill(pid_t(agent.pid), SIGCONT); // one that a test has stopped
    QTRY_VERIFY(agents().isEmpty());
}

void tst_Agent::endEverybody()
{
    const QList<UniqueProcess> programs = processesOf(m_executable);
    for (const UniqueProcess &process : programs)
        ::kill(pid_t(process.pid), SIGKILL);
    QTRY_VERIFY(processesOf(m_executable).isEmpty());
}

/// A program of the user that holds the file, started by nobody's manager. "-NAME" takes a variable
/// of the session away.
void tst_Agent::startProgram(const QStringList &arguments, const QStringList &variables,
                             const QStringList &wrapper)
{
    m_program = std::make_unique<HolderProcess>();
    QStringList environment = sessionVariables();
    for (const QString &variable : variables)
        if (variable.startsWith(u'-'))
            environment.removeIf([name = variable.mid(1) + u'='](const QString &each) {
                return each.startsWith(name);
            });
        else
            environment.append(variable);
    m_program->process().setChildProcessModifier([] { takeTraits(); });
    QStringList command =
        wrapper + QStringList{u"/usr/bin/setpriv"_s}
        + asUser(QStringList{u"/usr/bin/env"_s, u"-i"_s} + environment
                 + QStringList{m_executable, u"--catch-term"_s, u"--open"_s, path(u"data"_s)}
                 + arguments);
    const QString first = command.takeFirst();
    QVERIFY(m_program->start(first, command));
}

/// As a desktop does.
void tst_Agent::startUnit()
{
    QVERIFY(InsideBox::run(
        u"/usr/bin/setpriv"_s,
        asUser(QStringList{u"/usr/bin/env"_s, u"-i"_s} + sessionVariables()
               + QStringList{u"systemd-run"_s, u"--user"_s, u"--quiet"_s, u"--slice=app.slice"_s,
                             u"--unit=app-gnome-org.example.Sample@7.service"_s,
                             u"-EHOLDER_TEST=of the session"_s, m_executable, u"--catch-term"_s,
                             u"--open"_s, path(u"data"_s)})));
    QTRY_VERIFY(running().pid > 0);
    QTRY_VERIFY(scanFor({path(u"data"_s)}).holders.size() == 1);
}

UniqueProcess tst_Agent::running() const
{
    return processesOf(m_executable).value(0);
}

static RestartCode finish(std::unique_ptr<RestartTask> task)
{
    bool hasFinished = false;
    QObject::connect(task.get(), &Job::finished, task.get(), [&] { hasFinished = true; });
    task->start();
    [&] { QTRY_VERIFY_WITH_TIMEOUT(hasFinished, 60'000); }();
    return task->code();
}

/// Closes who holds the file and brings it back.
static RestartCode updateWith(RestartSession &session, const QString &file)
{
    if (!session.registerFiles({file}))
        return RestartCode::BadArguments;
    if (const RestartCode code = finish(session.list()); code != RestartCode::Success)
        return code;
    if (const RestartCode code = finish(session.shutdown(ShutdownType::Graceful));
        code != RestartCode::Success)
        return code;
    return finish(session.restart());
}

RestartCode tst_Agent::update()
{
    return updateWith(*m_session, path(u"data"_s));
}

void tst_Agent::scenario_21_aUsersProgramComesBackInItsOwnManager()
{
    startUnit();
    const UniqueProcess before = running();

    QCOMPARE(update(), RestartCode::Success);

    const UniqueProcess after = running();
    QVERIFY(after.pid > 0 && after != before);
    QVERIFY(m_session->applications().constFirst().status.testFlag(ApplicationStatus::Restarted));
    const QByteArray group = controlGroupOf(pid_t(after.pid));
    QVERIFY2(group.startsWith(managerGroup + QByteArray("app-entracte-org.example.Sample@")),
             group.constData());
    QVERIFY(group != controlGroupOf(getpid()));
    QCOMPARE(statusField(parentOf(pid_t(after.pid)), "Name"), "systemd");
    QCOMPARE(ownerOf(parentOf(pid_t(after.pid))), user);
    QCOMPARE(environmentValue(environmentOf(pid_t(after.pid)), "HOLDER_TEST"), "of the session");

    QCOMPARE(placesOfUsers(), QList<QByteArray>());
    QVERIFY(ConnectAudit::places().contains("/run/dbus/system_bus_socket")); // it does see them
}

void tst_Agent::spec_096_userSessionAndControlGroupAreTheUsers_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QStringList>("variables");
    QTest::addColumn<QString>("suffix");

    QTest::newRow("plain") << QStringList() << QStringList() << u".service"_s;
    QTest::newRow("nothing is expanded")
        << QStringList{u"$HOME"_s, u"${USER}"_s,   u"$$"_s,      u"%h %%"_s, {},
                       u"a\nb"_s,  u"\"q\" 'r'"_s, u"\\x41 ;"_s, u";"_s}
        << QStringList{u"A=$HOME ${USER} %h \"\\n\""_s, u"B=two\nlines"_s, u"EMPTY="_s}
        << u".service"_s;
    QTest::newRow("no HOME") << QStringList() << QStringList{u"-HOME"_s, u"-PATH"_s}
                             << u".service"_s;
    // A service manager refuses these; the program comes back as it was nevertheless.
    QTest::newRow("escape codes") << QStringList() << QStringList{u"T=\x1b[1m"_s} << u".scope"_s;
    QTest::newRow("a function of bash")
        << QStringList() << QStringList{u"BASH_FUNC_m%%=() { :; }"_s} << u".scope"_s;
}

void tst_Agent::spec_096_userSessionAndControlGroupAreTheUsers()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const QStringList, variables);
    QFETCH(const QString, suffix);
    startProgram(arguments, variables);
    const UniqueProcess before = running();
    const QByteArray was = portrait(before);
    const LaunchTraits traits = LaunchRecord::of(before).traits();
    QCOMPARE(traits.niceness, 5);

    QCOMPARE(update(), RestartCode::Success);

    const UniqueProcess after = running();
    QVERIFY(after.pid > 0 && after != before);
    QCOMPARE(portrait(after), was);
    QVERIFY(LaunchRecord::of(after).traits() == traits);
    QCOMPARE(statusField(pid_t(after.pid), "Uid"), "1000\t1000\t1000\t1000");
    QVERIFY(parentOf(pid_t(after.pid)) != getpid());
    const QByteArray group = controlGroupOf(pid_t(after.pid));
    QVERIFY2(group.startsWith(managerGroup), group.constData());
    QVERIFY2(group.endsWith(suffix.toUtf8()), group.constData());
    QCOMPARE(processesOf(m_executable).size(), 1);
    QCOMPARE(placesOfUsers(), QList<QByteArray>());
}

void tst_Agent::aUserNeedsNoAgentForTheirOwnPrograms()
{
    startProgram();
    const UniqueProcess before = running();

    QVERIFY(InsideBox::run(u"/usr/bin/setpriv"_s,
                           asUser(QStringList{u"/usr/bin/env"_s, u"-i"_s} + sessionVariables()
                                  + QStringList{QCoreApplication::applicationFilePath(),
                                                u"--update"_s, path(u"data"_s)})));

    const UniqueProcess after = running();
    QVERIFY(after.pid > 0 && after != before);
    QVERIFY(controlGroupOf(pid_t(after.pid)).startsWith(managerGroup));
}

static QString mountsOf(const UniqueProcess &process)
{
    return QFileInfo(u"/proc/%1/ns/mnt"_s.arg(process.pid)).symLinkTarget().section(u'/', -1);
}

// As a system unit with a /tmp of its own: the user's manager is where the program was.
void tst_Agent::anInstallerInOtherNamespacesLosesNobody()
{
    startUnit();
    const UniqueProcess before = running();
    const QString mounts = mountsOf(before);

    QVERIFY(InsideBox::run(u"unshare"_s, {u"--mount"_s, QCoreApplication::applicationFilePath(),
                                          u"--update"_s, path(u"data"_s)}));

    const UniqueProcess after = running();
    QVERIFY(after.pid > 0 && after != before);
    QCOMPARE(mountsOf(after), mounts);
    QVERIFY(controlGroupOf(pid_t(after.pid)).startsWith(managerGroup));
}

// As with a /tmp for every session.
void tst_Agent::whereTheInstallerIsAndTheManagerIsNotItComesBackToo()
{
    startProgram({}, {}, {u"unshare"_s, u"--mount"_s});
    const UniqueProcess before = running();
    const QString mounts = mountsOf(before);
    QVERIFY(!mounts.isEmpty() && mounts != mountsOf(uniqueProcess(getpid())));

    QVERIFY(InsideBox::run(u"nsenter"_s, {u"--mount=/proc/%1/ns/mnt"_s.arg(before.pid),
                                          QCoreApplication::applicationFilePath(), u"--update"_s,
                                          path(u"data"_s)}));

    const UniqueProcess after = running();
    QVERIFY(after.pid > 0 && after != before);
    QCOMPARE(mountsOf(after), mounts);
}

void tst_Agent::rootAsksNoBusOfAUser()
{
    QCOMPARE(sessionBusAddress(), QString());
    QCOMPARE(userManagerBusAddress(), QString());
    qunsetenv("DBUS_SESSION_BUS_ADDRESS"); // and by the runtime directory
    QCOMPARE(sessionBusAddress(), QString());
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus");
    QCOMPARE(placesOfUsers(), QList<QByteArray>());

    const QString listener = u"import socket, time\n"
                             "listening = socket.socket(socket.AF_UNIX)\n"
                             "listening.bind('\\0entracte-test')\n"
                             "listening.listen()\n"
                             "print('ready', flush=True)\n"
                             "time.sleep(1000)\n"_s;
    HolderProcess bus;
    QVERIFY(bus.start(u"/usr/bin/setpriv"_s, asUser({u"/usr/bin/python3"_s, u"-c"_s, listener})));
    const QList<UnixSocket> listening = unixSockets(SocketState::Listening);
    const auto found = std::find_if(listening.cbegin(), listening.cend(), [](const auto &each) {
        return each.name == QByteArrayLiteral("\0entracte-test");
    });
    QVERIFY(found != listening.cend());
    QCOMPARE(found->owner, std::optional<uid_t>(user));
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:abstract=entracte-test");
    QCOMPARE(sessionBusAddress(), QString());
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus");
    QVERIFY(!ConnectAudit::places().contains("@entracte-test"));

    QVERIFY(!systemBusAddress().isEmpty());
    QVERIFY(ConnectAudit::places().contains("/run/dbus/system_bus_socket"));
}

AffectedApplication tst_Agent::closedWhoseExecutableHasGone()
{
    startProgram();
    if (!m_session->registerFiles({path(u"data"_s)})
        || finish(m_session->list()) != RestartCode::Success
        || finish(m_session->shutdown(ShutdownType::Graceful)) != RestartCode::Success
        || !QFile::remove(m_executable) || finish(m_session->restart()) != RestartCode::FailRestart)
        return {};
    return m_session->applications().constFirst();
}

void tst_Agent::whatCannotBeStartedIsToldInWords()
{
    const AffectedApplication application = closedWhoseExecutableHasGone();
    QVERIFY(application.status.testFlag(ApplicationStatus::ErrorOnRestart));
    QVERIFY2(application.reason.contains(m_executable), qPrintable(application.reason));
    QVERIFY2(application.reason.contains(systemReply(ENOENT)), qPrintable(application.reason));
}

void tst_Agent::anAgentSpeaksTheLanguageOfTheInstaller()
{
    const auto english = qScopeGuard([] { QLocale::setDefault(QLocale::c()); });
    QLocale::setDefault(QLocale(u"fr"_s));

    const QString reason = closedWhoseExecutableHasGone().reason;

    QVERIFY2(reason.contains(u"redémarré"_s), qPrintable(reason));
}

namespace {

/// An agent of the user, and what it answered.
struct Agent
{
    explicit Agent(const LaunchRecord &record, Clock &clock)
        : agent(std::make_unique<UserAgent>(UserIdentity(record),
                                            agentEnvironment(user, record.environment()), clock))
    {
    }

    void start(const LaunchRecord &record)
    {
        agent->start(record, {}, &context,
                     [this](const UserAgent::Outcome &outcome) { outcomes.append(outcome); });
    }

    QObject context;
    QList<UserAgent::Outcome> outcomes;
    std::unique_ptr<UserAgent> agent;
};

} // namespace

void tst_Agent::nothingIsStartedTwice()
{
    startProgram();
    const LaunchRecord record = LaunchRecord::of(running());
    endEverybody();
    SystemClock clock;
    Agent agent(record, clock);

    agent.start(record); // and the installer dies, and another one finds its record
    agent.start(record);

    QTRY_COMPARE(agent.outcomes.size(), 2);
    QVERIFY(agent.outcomes[0] && *agent.outcomes[0] && agent.outcomes[1] && *agent.outcomes[1]);
    QCOMPARE(**agent.outcomes[0], **agent.outcomes[1]);
    QCOMPARE(processesOf(m_executable), QList{**agent.outcomes[0]});
}

void tst_Agent::anAgentHasNoRightButItsUsers()
{
    startProgram({}, {u"LD_PRELOAD="_s, u"QT_PLUGIN_PATH=/tmp"_s, u"SECRET=1"_s});
    const LaunchRecord record = LaunchRecord::of(running());
    const QByteArray groups = statusField(pid_t(running().pid), "Groups");
    const int secret = ::open("/etc/shadow", O_RDONLY); // on purpose not close-on-exec
    SystemClock clock;
    Agent agent(record, clock);
    agent.start(record);
    QTRY_COMPARE(agent.outcomes.size(), 1);
    ::close(secret);

    QCOMPARE(agents().size(), 1);
    const auto pid = pid_t(agents().constFirst().pid);
    for (const char *field : {"Uid", "Gid"})
        QCOMPARE(statusField(pid, field), "1000\t1000\t1000\t1000");
    QCOMPARE(statusField(pid, "Groups"), groups);
    for (const char *field : {"CapInh", "CapPrm", "CapEff", "CapAmb"})
        QCOMPARE(statusField(pid, field), "0000000000000000");
    QStringList names;
    for (const QByteArray &variable : environmentOf(pid))
        names.append(QString::fromUtf8(variable.left(variable.indexOf('='))));
    names.removeIf([](const QString &name) {
        return name.startsWith(u"L"_s) && name != u"LOGNAME"_s && !name.startsWith(u"LD_"_s);
    });
    names.sort();
    QCOMPARE(names, QStringList({u"DBUS_SESSION_BUS_ADDRESS"_s, u"DISPLAY"_s, u"HOME"_s,
                                 u"LOGNAME"_s, u"USER"_s, u"XDG_RUNTIME_DIR"_s}));
    QDirIterator descriptors(u"/proc/%1/fd"_s.arg(pid),
                             QDir::NoDotAndDotDot | QDir::System | QDir::AllEntries);
    int seen = 0;
    for (; descriptors.hasNext(); ++seen)
        QVERIFY(QFileInfo(descriptors.next()).symLinkTarget() != u"/etc/shadow"_s);
    QVERIFY(seen >= 4);
    QCOMPARE(parentOf(pid) == getpid(), false);
    ::kill(pid_t((**agent.outcomes[0]).pid), SIGKILL);
}

void tst_Agent::whatAnAgentStartsCannotBecomeRoot()
{
    const QString told = path(u"told"_s);
    chmod(QFile::encodeName(m_folder->path()).constData(), 01777);
    const QString script = u"import os, time\n"
                           "def may(call, *ids):\n"
                           "    try: call(*ids); return 'may'\n"
                           "    except OSError: return 'no'\n"
                           "mark = 'again' if 'ENTRACTE_RELAUNCH' in os.environ else 'first'\n"
                           "found = [may(os.setresuid, 0, 0, 0), may(os.seteuid, 0),\n"
                           "         may(os.setresgid, 0, 0, 0), may(os.setgroups, [0])]\n"
                           "open('%1.' + mark, 'w').write(' '.join(found))\n"
                           "print('ready', flush=True)\n"
                           "time.sleep(1000)\n"_s.arg(told);
    m_program = std::make_unique<HolderProcess>();
    // Its agent executes it itself: no manager takes the variable.
    QVERIFY(m_program->start(
        u"/usr/bin/setpriv"_s,
        asUser({u"/usr/bin/env"_s, u"T=\x1b"_s, u"/usr/bin/python3"_s, u"-c"_s, script})));
    const LaunchRecord record = LaunchRecord::of(uniqueProcess(m_program->pid()));
    SystemClock clock;
    Agent agent(record, clock);
    agent.start(record);
    QTRY_COMPARE(agent.outcomes.size(), 1);
    QVERIFY(agent.outcomes[0] && *agent.outcomes[0]);

    QTRY_VERIFY(QFileInfo(told + u".again"_s).size() > 0);
    QFile found(told + u".again"_s);
    QVERIFY(found.open(QIODevice::ReadOnly));
    QCOMPARE(found.readAll(), "no no no no");
    ::kill(pid_t((**agent.outcomes[0]).pid), SIGKILL);
}

void tst_Agent::nobodyIsAgentAsRoot()
{
    int ends[2];
    QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    QProcess agent;
    agent.setChildProcessModifier([&] { ::dup2(ends[1], 3); });
    agent.start(QCoreApplication::applicationFilePath(), {u"--entracte-agent"_s});
    QVERIFY(agent.waitForFinished(10'000));
    QCOMPARE(agent.exitCode(), 1);
    ::close(ends[0]);
    ::close(ends[1]);
}

void tst_Agent::hostileVariablesAreNotPassed_data()
{
    QTest::addColumn<QByteArray>("variable");
    QTest::addColumn<bool>("isPassed");
    QTest::newRow("display") << QByteArray("DISPLAY=:1") << true;
    QTest::newRow("authority") << QByteArray("XAUTHORITY=/run/user/1000/.x") << true;
    QTest::newRow("wayland") << QByteArray("WAYLAND_DISPLAY=wayland-0") << true;
    QTest::newRow("bus") << QByteArray("DBUS_SESSION_BUS_ADDRESS=unix:path=/tmp/b") << true;
    QTest::newRow("a bus that is a program")
        << QByteArray("DBUS_SESSION_BUS_ADDRESS=unixexec:path=/tmp/b") << false;
    QTest::newRow("settings") << QByteArray("XDG_CONFIG_HOME=/home/a b/é") << true;
    QTest::newRow("settings that are no path") << QByteArray("XDG_CONFIG_HOME=../x") << false;
    QTest::newRow("settings in two lines") << QByteArray("XDG_STATE_HOME=/a\n/b") << false;
    QTest::newRow("a second line") << QByteArray("DISPLAY=:1\nLD_PRELOAD=/tmp/x") << false;
    QTest::newRow("escape codes") << QByteArray("XAUTHORITY=\x1b[2J") << false;
    QTest::newRow("endless") << "DISPLAY=" + QByteArray(1'000'000, 'x') << false;
    for (const char *name :
         {"LD_PRELOAD=/tmp/x", "LD_LIBRARY_PATH=/tmp", "QT_PLUGIN_PATH=/tmp", "GCONV_PATH=/tmp",
          "PATH=/tmp", "HOME=/etc", "USER=root", "XDG_RUNTIME_DIR=/run/user/0", "LANG=xx",
          "LC_ALL=xx", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/tmp/b", "ENTRACTE_SESSION_KEY=1"})
        QTest::newRow(name) << QByteArray(name) << false;
}

void tst_Agent::hostileVariablesAreNotPassed()
{
    QFETCH(const QByteArray, variable);
    QFETCH(const bool, isPassed);

    const QList<QByteArray> environment = agentEnvironment(user, {"SECRET=1", variable});

    QCOMPARE(environment.contains(variable), isPassed);
    QVERIFY(environment.contains("XDG_RUNTIME_DIR=/run/user/1000"));
    QVERIFY(!environment.contains("SECRET=1"));
    QVERIFY(isPassed
            || environment.contains("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus"));
}

static QByteArray framed(const QByteArray &content)
{
    QByteArray length(4, Qt::Uninitialized);
    qToBigEndian(quint32(content.size()), length.data());
    return length + content;
}

static QByteArray changed(QByteArray request, const QByteArray &from, const QByteArray &to)
{
    return framed(request.mid(4).replace(from, to));
}

void tst_Agent::anAgentHearsNobodyWhoMakesNoSense_data()
{
    QTest::addColumn<QString>("what");
    for (const char *what :
         {"nothing wrong", "no CBOR", "endless frame", "another version", "a field is missing",
          "bytes behind", "no record", "another operation", "nobody to close", "root's program",
          "an unknown task", "an application that is none", "a unit that is a path",
          "nothing but zeros"})
        QTest::newRow(what) << QString::fromLatin1(what);
}

static QByteArray bytesFor(const QString &what, const LaunchRecord &record)
{
    const QByteArray good = AgentRequest{1, record, {}}.encoded();
    if (what == u"no CBOR"_s)
        return framed("hello");
    if (what == u"endless frame"_s)
        return QByteArray::fromHex("7fffffff") + good;
    if (what == u"another version"_s)
        return changed(good, "\x61v\x02", "\x61v\x03");
    if (what == u"a field is missing"_s)
        return framed(QByteArray::fromHex("a1617602"));
    if (what == u"bytes behind"_s)
        return framed(good.mid(4) + '\0');
    if (what == u"no record"_s)
        return framed("\xa5\x61v\x02\x66number\x01\x69operation\x01\x66record\x43"
                      "abc"
                      "\x6b"
                      "application\x60");
    if (what == u"another operation"_s)
        return changed(good, "operation\x01", "operation\x17");
    if (what == u"nobody to close"_s) {
        AgentRequest request;
        request.operation = AgentRequest::Operation::Close;
        return request.encoded();
    }
    if (what == u"root's program"_s)
        return AgentRequest{1, LaunchRecord::of(uniqueProcess(getpid())), {}}.encoded();
    AgentRequest reopening;
    reopening.operation = AgentRequest::Operation::Reopen;
    const QByteArray task = reopening.encoded();
    if (what == u"an unknown task"_s)
        return changed(task, QByteArray("reopen\0", 7), "reopen\x03");
    if (what == u"an application that is none"_s)
        return changed(task, "applications\x80", "applications\x81\x01");
    if (what == u"a unit that is a path"_s) {
        AgentRequest hold;
        hold.operation = AgentRequest::Operation::ManageUnits;
        hold.units = {UnitRequest::What::Hold, {u"aaaaaaaaaaaa.service"_s}};
        return changed(hold.encoded(), "aaaaaaaaaaaa", "../../../../");
    }
    if (what == u"nothing but zeros"_s)
        return QByteArray(64, '\0');
    return good;
}

void tst_Agent::anAgentHearsNobodyWhoMakesNoSense()
{
    QFETCH(const QString, what);
    startProgram();
    const LaunchRecord record = LaunchRecord::of(running());
    endEverybody();
    Descriptor descriptor = AgentProcess::start(copyOfOurselves("test"), UserIdentity(record),
                                                agentEnvironment(user, record.environment()));
    QVERIFY(descriptor.isValid());
    QLocalSocket socket;
    socket.setSocketDescriptor(descriptor.release());
    QTRY_VERIFY(socket.bytesAvailable() > 4);
    QVERIFY(AgentReply::decoded(socket.readAll().mid(4)));

    socket.write(bytesFor(what, record));

    if (what == u"nothing wrong"_s) {
        QTRY_VERIFY(socket.bytesAvailable() > 4);
        const auto reply = AgentReply::decoded(socket.readAll().mid(4));
        QVERIFY(reply && reply->number == 1 && reply->process == running());
    } else {
        QTRY_COMPARE(socket.state(), QLocalSocket::UnconnectedState);
        QTRY_VERIFY(agents().isEmpty());
        QVERIFY(processesOf(m_executable).isEmpty());
    }
}

void tst_Agent::anAgentEndsWithItsSocketAndItsProgramsStay()
{
    startProgram();
    const LaunchRecord record = LaunchRecord::of(running());
    endEverybody();
    SystemClock clock;
    Agent agent(record, clock);
    agent.start(record);
    QTRY_COMPARE(agent.outcomes.size(), 1);
    QCOMPARE(agents().size(), 1);

    agent.agent.reset();

    QTRY_VERIFY(agents().isEmpty());
    QVERIFY(isAlive(**agent.outcomes[0]));
}

void tst_Agent::anAgentThatIsStoppedIsNotWaitedForForEver()
{
    startProgram();
    const LaunchRecord record = LaunchRecord::of(running());
    endEverybody();
    ManualClock clock;
    Agent agent(record, clock);
    agent.start(record);
    QTRY_COMPARE(agent.outcomes.size(), 1);
    QCOMPARE(agents().size(), 1);
    const UniqueProcess stopped = agents().constFirst();
    QCOMPARE(::kill(pid_t(stopped.pid), SIGSTOP), 0);

    agent.start(record);
    clock.advance(24s);
    QCOMPARE(agent.outcomes.size(), 1);
    clock.advance(1s);

    QCOMPARE(agent.outcomes.size(), 2);
    QVERIFY(agent.outcomes[1] && !*agent.outcomes[1]);
    QVERIFY(agent.outcomes[1]->error().message.contains(userName(user)));
    ::kill(pid_t(stopped.pid), SIGCONT);
}

/// What the test starts as an agent when it wants one that lies, or is not there.
static int beLiar(const QByteArray &way)
{
    if (way == "gone")
        return 1;
    QByteArray said = AgentReply{}.encoded() + AgentReply{1, uniqueProcess(1), {}}.encoded();
    if (::send(3, said.constData(), size_t(said.size()), MSG_NOSIGNAL) != said.size())
        return 1;
    char byte;
    while (::read(3, &byte, 1) > 0) {
    }
    return 0;
}

void tst_Agent::anAgentThatLiesIsNotBelieved()
{
    startProgram();
    const LaunchRecord record = LaunchRecord::of(running());
    SystemClock clock;
    qputenv("LC_LIAR", "lies");
    Agent agent(record, clock);
    qunsetenv("LC_LIAR");

    agent.start(record);

    QTRY_COMPARE(agent.outcomes.size(), 1);
    QVERIFY(agent.outcomes[0] && !*agent.outcomes[0]);
}

void tst_Agent::withoutAnAgentAProgramComesBackWithItsUsersRights()
{
    startProgram();
    const LaunchRecord record = LaunchRecord::of(running());
    endEverybody();
    SystemClock clock;
    UserAgents agents(clock);
    UserLauncher launcher(agents, clock);
    std::optional<Result<UniqueProcess>> outcome;
    qputenv("LC_LIAR", "gone");

    launcher.launch(record, {}, this, [&](const auto &started) { outcome = started; });

    QTRY_VERIFY(outcome);
    qunsetenv("LC_LIAR");
    QVERIFY(*outcome);
    QCOMPARE(running(), **outcome);
    QCOMPARE(statusField(pid_t((**outcome).pid), "Uid"), "1000\t1000\t1000\t1000");
    QCOMPARE(placesOfUsers(), QList<QByteArray>());
}

/// The installer of a user who is not root.
static int updateAsUser(const QString &file)
{
    const auto clock = std::make_shared<SystemClock>();
    RestartSession session(createRestartBackend(clock), clock);
    return int(updateWith(session, file));
}

int main(int argc, char **argv)
{
    if (argc > 1 && qstrcmp(argv[1], "--entracte-agent") == 0 && ::getenv("LC_LIAR"))
        return beLiar(qgetenv("LC_LIAR"));
    (void)Guardian::takeUp(argc, argv);
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == u"--update"_s)
        return updateAsUser(arguments.value(2));
    tst_Agent test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_agent.moc"
