// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/launchcapture.h"
#include "platform/linux/relaunch/launchobstacle.h"
#include "platform/linux/relaunch/launchrecord.h"
#include "support/selfreport.h"

#include <QCborArray>
#include <QCborMap>
#include <QCborValue>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <optional>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// Whoever is opened again is as it was, told property by property by the program itself; what
/// cannot be given back is said before (linux-mechanisms 10, 19). The report knows what the record
/// should: it is read by another program in another language.
class tst_Relaunch : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void scenario_19_whoIsOpenedAgainIsAsItWas_data();
    void scenario_19_whoIsOpenedAgainIsAsItWas();
    void scenario_19_theTableInProcSaysTheSameLimits();
    void scenario_19_withoutRootNobodyBecomesAnother();
    void scenario_19_recordsOfStrangersAreRefused_data();
    void scenario_19_recordsOfStrangersAreRefused();
    void scenario_19_whatExecDoesNotGiveBackIsKnownBefore_data();
    void scenario_19_whatExecDoesNotGiveBackIsKnownBefore();
    void scenario_19_labelsThatComeByThemselves_data();
    void scenario_19_labelsThatComeByThemselves();

private:
    QJsonObject settings(uid_t uid, const QString &directory) const;
    QString path(const QString &name) const { return m_folder->filePath(name); }
    bool startRelauncher(const QStringList &as, qint64 pid);
    QByteArray relaunch();

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<SelfReport> m_program;
    std::unique_ptr<QProcess> m_relauncher;
};

void tst_Relaunch::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    chmod(QFile::encodeName(m_folder->path()).constData(), 0777);
    QDir().mkpath(path(u"rooms/room"_s));
    for (const QString &room : {u"rooms"_s, u"rooms/room"_s})
        chmod(QFile::encodeName(path(room)).constData(), 0777);
    m_program = std::make_unique<SelfReport>(m_folder->path());
}

void tst_Relaunch::cleanup()
{
    m_program.reset();
    if (m_relauncher) {
        m_relauncher->kill();
        m_relauncher->waitForFinished();
        m_relauncher.reset();
    }
}

/// Nothing of it is what this process has.
QJsonObject tst_Relaunch::settings(uid_t uid, const QString &directory) const
{
    const QJsonArray words{u"/usr/bin/python3"_s,
                           SelfReport::script(),
                           m_program->reportPath(),
                           u""_s,
                           u"two\nlines"_s,
                           u" spaced \"and\" $quoted"_s,
                           u""_s};
    const QJsonObject environment{
        {u"HOME"_s, m_folder->path()}, {u"NEWLINE"_s, u"two\nlines=\n"_s},
        {u"EMPTY"_s, u""_s},           {u"INVOCATION_ID"_s, u"of one start only"_s},
        {u"LISTEN_FDS"_s, u"1"_s},     {u"ENTRACTE_SESSION_KEY"_s, u"of another session"_s}};
    const QJsonObject limits{{u"RLIMIT_NOFILE"_s, QJsonArray{777, 888}},
                             {u"RLIMIT_CORE"_s, QJsonArray{0, 4096}},
                             {u"RLIMIT_STACK"_s, QJsonArray{4 << 20, 16 << 20}},
                             {u"RLIMIT_FSIZE"_s, QJsonArray{1 << 30, -1}}};
    return {{u"arguments"_s, words},
            {u"environment"_s, environment},
            {u"directory"_s, directory},
            {u"uid"_s, qint64(uid)},
            {u"gid"_s, qint64(uid)},
            {u"groups"_s, QJsonArray{4, 27, qint64(uid)}},
            {u"umask"_s, 027},
            {u"niceness"_s, 5},
            {u"ioPriority"_s, 0x4006},
            {u"processors"_s, QJsonArray{0}},
            {u"limits"_s, limits},
            {u"oomAdjustment"_s, 123},
            {u"noNewPrivileges"_s, false}};
}

/// As the installer that \a as makes of it (a command that runs another), before the close.
bool tst_Relaunch::startRelauncher(const QStringList &as, qint64 pid)
{
    m_relauncher = std::make_unique<QProcess>();
    const QStringList command =
        as + QStringList{QStringLiteral(ENTRACTE_RELAUNCHER), QString::number(pid)};
    m_relauncher->start(command.first(), command.mid(1));
    return m_relauncher->waitForReadyRead() && m_relauncher->readAll() == "recorded\n";
}

/// And after it: what the relauncher says.
QByteArray tst_Relaunch::relaunch()
{
    m_relauncher->write("\n");
    if (!m_relauncher->waitForFinished())
        return "it did not end";
    return m_relauncher->readAllStandardOutput().trimmed();
}

static bool hasSysResource()
{
    constexpr int capSysResource = 24;
    return prctl(PR_CAPBSET_READ, capSysResource, 0, 0, 0) == 1;
}

// --- equality
// ------------------------------------------------------------------------------------

/// What one that was \a before is to be afterwards: the same, but for what belongs to one start.
static SelfReport::Properties expectedOf(const SelfReport::Properties &before)
{
    SelfReport::Properties expected = before;
    for (const QString &once : {u"INVOCATION_ID"_s, u"LISTEN_FDS"_s, u"ENTRACTE_SESSION_KEY"_s})
        if (expected.remove(u"environment "_s + once) != 1)
            qFatal("the program lacks what is to be taken from it");
    expected.insert(u"streams"_s, u"['/dev/null', '/dev/null', '/dev/null']"_s);
    expected.insert(u"other files"_s, u"[]"_s);
    expected.insert(u"ignored signals"_s, u"0"_s);
    return expected;
}

/// Prints all properties; answers those that are not as expected.
static QStringList tabulate(const SelfReport::Properties &before,
                            const SelfReport::Properties &expected,
                            const SelfReport::Properties &after)
{
    QStringList wrong;
    SelfReport::Properties all = before;
    all.insert(after);
    for (auto each = all.cbegin(); each != all.cend(); ++each) {
        const QString &name = each.key();
        const bool isRight = after.value(name) == expected.value(name);
        const char *verdict = !isRight                                ? "WRONG"
                            : before.value(name) == after.value(name) ? "equal"
                                                                      : "other, as it should be";
        qInfo().noquote() << name << '|' << before.value(name, u"-"_s) << '|'
                          << after.value(name, u"-"_s) << '|' << verdict;
        if (!isRight)
            wrong.append(name);
    }
    return wrong;
}

void tst_Relaunch::scenario_19_whoIsOpenedAgainIsAsItWas_data()
{
    QTest::addColumn<uid_t>("uid");
    QTest::addColumn<QStringList>("installer");
    QTest::addColumn<QString>("manner");

    const QStringList root{u"/usr/bin/setpriv"_s};
    const QStringList weaker =
        root + QStringList{u"--bounding-set=-sys_resource"_s, u"--inh-caps=-sys_resource"_s};
    const QStringList user =
        root + QStringList{u"--reuid=1000"_s, u"--regid=1000"_s, u"--groups=4,27,1000"_s};
    for (const uid_t uid : {0u, 1000u}) {
        const QByteArray whose = "a program of uid " + QByteArray::number(uid);
        QTest::newRow((whose + ", by root").constData()) << uid << root << u""_s;
        QTest::newRow((whose + ", by root without CAP_SYS_RESOURCE").constData())
            << uid << weaker << u""_s;
        QTest::newRow((whose + ", its folder was deleted").constData())
            << uid << weaker << u"deleted folder"_s;
    }
    QTest::newRow("a program of uid 1000, by that user") << 1000u << user << u""_s;
    QTest::newRow("a script by a relative path, and its name too")
        << 1000u << weaker << u"relative"_s;
    QTest::newRow("its folder was replaced") << 1000u << weaker << u"replaced folder"_s;
    QTest::newRow("its folder is called deleted") << 1000u << weaker << u"odd folder"_s;
    QTest::newRow("the program was replaced") << 1000u << weaker << u"replaced program"_s;
    QTest::newRow("a program that may gain no rights") << 1000u << weaker << u"no new privileges"_s;
}

void tst_Relaunch::scenario_19_whoIsOpenedAgainIsAsItWas()
{
    QFETCH(const uid_t, uid);
    QFETCH(const QStringList, installer);
    QFETCH(const QString, manner);
    if (geteuid() != 0)
        QSKIP("making programs of several users needs root");
    if (installer.size() == 1 && !hasSysResource())
        QSKIP("this test itself runs without CAP_SYS_RESOURCE");
    QJsonObject wanted = settings(uid, path(u"rooms/room"_s));
    const QString odd = path(u"rooms/room (deleted)"_s);
    const QString program = path(u"program"_s);
    if (manner == u"deleted folder" || manner == u"replaced folder")
        wanted.insert(u"deleteDirectory"_s, true);
    if (manner == u"odd folder") {
        QVERIFY(QDir().mkdir(odd));
        wanted.insert(u"directory"_s, odd);
    }
    if (manner == u"replaced program") {
        QVERIFY(QFile::copy(u"/usr/bin/python3"_s, program));
        wanted.insert(u"program"_s, program);
    }
    if (manner == u"no new privileges")
        wanted.insert(u"noNewPrivileges"_s, true);
    if (manner == u"relative") {
        QVERIFY(QFile::copy(SelfReport::script(), path(u"rooms/room/script.py"_s)));
        QJsonArray words = wanted.value(u"arguments"_s).toArray();
        words[0] = u"./my own python"_s;
        words[1] = u"../room/script.py"_s;
        wanted.insert(u"arguments"_s, words);
    }
    QVERIFY(m_program->start(wanted));
    const SelfReport::Properties before = m_program->take();
    if (manner == u"replaced program")
        QVERIFY(QFile::remove(program) && QFile::copy(u"/usr/bin/python3"_s, program));
    QVERIFY(startRelauncher(installer, m_program->pid()));
    if (manner == u"replaced folder")
        QVERIFY(QDir().mkdir(path(u"rooms/room"_s)));

    QVERIFY(m_program->end());
    const QByteArray said = relaunch();

    QVERIFY2(said.startsWith("started "), said.constData());
    QVERIFY(m_program->waitForReport());
    const SelfReport::Properties after = m_program->take();
    SelfReport::Properties expected = expectedOf(before);
    if (manner == u"deleted folder") {
        QVERIFY(before.value(u"working directory"_s).endsWith(u" (deleted)'"_s));
        expected.insert(u"working directory"_s, u"'%1'"_s.arg(path(u"rooms"_s)));
        const QByteArray log = m_relauncher->readAllStandardError();
        QVERIFY2(log.contains("it is in " + QFile::encodeName(path(u"rooms"_s))), log.constData());
    }
    if (manner == u"replaced folder")
        expected.insert(u"working directory"_s, u"'%1'"_s.arg(path(u"rooms/room"_s)));
    const QString mark = after.value(u"environment ENTRACTE_RELAUNCH"_s);
    QVERIFY2(mark.size() > 10, qPrintable(mark));
    expected.insert(u"environment ENTRACTE_RELAUNCH"_s, mark);
    QCOMPARE(tabulate(before, expected, after), QStringList());
}

void tst_Relaunch::scenario_19_theTableInProcSaysTheSameLimits()
{
    QList<ResourceLimit> asked;
    for (int resource = 0; resource < RLIM_NLIMITS; ++resource) {
        rlimit limit;
        QCOMPARE(prlimit(0, __rlimit_resource(resource), nullptr, &limit), 0);
        asked.append({limit.rlim_cur, limit.rlim_max});
    }

    QCOMPARE(limitsInTable(getpid()), asked);
}

void tst_Relaunch::scenario_19_withoutRootNobodyBecomesAnother()
{
    if (geteuid() != 0)
        QSKIP("making programs of several users needs root");
    QVERIFY(m_program->start(settings(1000, m_folder->path())));
    m_program->take();
    // May look into everything, but may not become anybody.
    QVERIFY(startRelauncher({u"/usr/bin/setpriv"_s, u"--reuid=1001"_s, u"--regid=1001"_s,
                             u"--clear-groups"_s, u"--inh-caps=+dac_override,+sys_ptrace"_s,
                             u"--ambient-caps=+dac_override,+sys_ptrace"_s},
                            m_program->pid()));

    QVERIFY(m_program->end());
    const QByteArray said = relaunch();

    QCOMPARE(said, "failed: “/usr/bin/python3.11” could not be started again as the user it "
                   "belongs to: Operation not permitted.");
    QVERIFY(!QFile::exists(m_program->reportPath()));
}

// --- records
// -------------------------------------------------------------------------------------

void tst_Relaunch::scenario_19_recordsOfStrangersAreRefused_data()
{
    QTest::addColumn<QString>("key"); // of the traits where it has a stroke in front
    QTest::addColumn<QCborValue>("value");

    const QByteArray tooLong = "/" + QByteArray(4096, 'x');
    const auto row = [](const char *name, const QString &key, const QCborValue &value) {
        QTest::newRow(name) << key << value;
    };
    row("another kind", u"kind"_s, u"service"_s);
    row("another version", u"version"_s, 2);
    row("a relative program", u"program"_s, QByteArray("bin/true"));
    row("a program with a zero in it", u"program"_s, QByteArray("/bin/true\0x", 11));
    row("a program longer than a path", u"program"_s, tooLong);
    row("no arguments", u"arguments"_s, QCborArray());
    row("an argument with a zero", u"arguments"_s, QCborArray{QByteArray("a\0b", 3)});
    row("an environment with a zero", u"environment"_s, QCborArray{QByteArray("a=\0b", 4)});
    row("a relative folder", u"workingDirectory"_s, QByteArray("rooms"));
    row("another variable as the mark", u"mark"_s, QByteArray("LD_PRELOAD=/tmp/x.so"));
    row("no traits", u"traits"_s, QCborMap());
    row("the user that means: as it is", u"/uid"_s, 0xffffffff);
    row("a negative user", u"/uid"_s, -1);
    row("the group that means: as it is", u"/groups"_s, QCborArray{0xffffffff});
    row("a user that is a word", u"/uid"_s, u"root"_s);
    row("a mask with more than nine bits", u"/umask"_s, 07777);
    row("too nice", u"/niceness"_s, 20);
    row("a negative I/O priority", u"/ioPriority"_s, -1);
    row("a soft limit above the hard one", u"/limits"_s, QCborArray{QCborArray{2, 1}});
    row("a limit of one number", u"/limits"_s, QCborArray{QCborArray{2}});
    QCborArray limits;
    for (int resource = 0; resource <= RLIM_NLIMITS; ++resource)
        limits.append(QCborArray{1, 1});
    row("more limits than there are", u"/limits"_s, limits);
    row("more processors than there are", u"/processors"_s, QByteArray(5000, '\1'));
    row("an adjustment out of range", u"/oomAdjustment"_s, -1001);
}

void tst_Relaunch::scenario_19_recordsOfStrangersAreRefused()
{
    QFETCH(QString, key);
    QFETCH(const QCborValue, value);
    const QByteArray good = LaunchRecord::of(uniqueProcess(getpid())).toBytes();
    QVERIFY(LaunchRecord::fromBytes(good).isValid());
    QVERIFY(!LaunchRecord::fromBytes(good.chopped(1)).isValid());
    QVERIFY(!LaunchRecord::fromBytes(good + '\0').isValid());
    QCborMap map = QCborValue::fromCbor(good).toMap();
    if (key.startsWith(u'/')) {
        QCborMap traits = map.value(u"traits"_s).toMap();
        QVERIFY(traits.contains(key.mid(1)));
        traits.insert(key.mid(1), value);
        map.insert(u"traits"_s, traits);
    } else {
        QVERIFY(map.contains(key));
        map.insert(key, value);
    }

    QVERIFY(!LaunchRecord::fromBytes(QCborValue(map).toCbor()).isValid());
}

// --- what exec does not give back
// ----------------------------------------------------------------

void tst_Relaunch::scenario_19_whatExecDoesNotGiveBackIsKnownBefore_data()
{
    QTest::addColumn<QStringList>("around"); // a command that runs it
    QTest::addColumn<QJsonObject>("change");
    QTest::addColumn<QString>("words"); // of the sentence; empty: it can come back

    const QStringList setpriv{u"/usr/bin/setpriv"_s};
    const QJsonObject user{{u"uid"_s, 1000}, {u"gid"_s, 1000}, {u"groups"_s, QJsonArray()}};
    QTest::newRow("nothing") << QStringList() << QJsonObject() << u""_s;
    QTest::newRow("another user") << QStringList() << user << u""_s;
    QTest::newRow("may gain no rights")
        << QStringList() << QJsonObject{{u"noNewPrivileges"_s, true}} << u""_s;
    QTest::newRow("a sandbox of bubblewrap")
        << QStringList{u"bwrap"_s, u"--dev-bind"_s, u"/"_s, u"/"_s, u"--unshare-ipc"_s}
        << QJsonObject() << u"sandbox"_s;
    QTest::newRow("a network of its own")
        << QStringList{u"unshare"_s, u"--net"_s} << QJsonObject() << u"sandbox"_s;
    QTest::newRow("a root of its own")
        << QStringList() << QJsonObject{{u"environment"_s, QJsonObject{{u"OWN_ROOT"_s, u"1"_s}}}}
        << u"sandbox"_s;
    QTest::newRow("fewer rights") << setpriv
                                         + QStringList{u"--bounding-set=-chown"_s,
                                                       u"--inh-caps=-chown"_s}
                                  << QJsonObject() << u"rights"_s;
    QTest::newRow("a right beside its user's")
        << setpriv
               + QStringList{u"--reuid=1000"_s, u"--regid=1000"_s, u"--clear-groups"_s,
                             u"--inh-caps=+net_raw"_s, u"--ambient-caps=+net_raw"_s}
        << QJsonObject() << u"rights"_s;
    QTest::newRow("the right to wake the computer up, as logins have it")
        << setpriv
               + QStringList{u"--reuid=1000"_s, u"--regid=1000"_s, u"--clear-groups"_s,
                             u"--inh-caps=+wake_alarm"_s, u"--ambient-caps=+wake_alarm"_s}
        << QJsonObject() << u""_s;
    QTest::newRow("two users at once")
        << QStringList() << QJsonObject{{u"effectiveUid"_s, 1000}} << u"rights"_s;
    QTest::newRow("a filter of system calls")
        << QStringList() << QJsonObject{{u"filterSystemCalls"_s, true}} << u"rights"_s;
    QTest::newRow("a program in memory")
        << QStringList() << QJsonObject{{u"memory"_s, true}} << u"memory"_s;
}

void tst_Relaunch::scenario_19_whatExecDoesNotGiveBackIsKnownBefore()
{
    QFETCH(const QStringList, around);
    QFETCH(const QJsonObject, change);
    QFETCH(const QString, words);
    if (geteuid() != 0)
        QSKIP("making programs of several users needs root");
    QJsonObject wanted{{u"arguments"_s, settings(0, {}).value(u"arguments"_s)},
                       {u"environment"_s, QJsonObject()}};
    for (auto each = change.begin(); each != change.end(); ++each)
        wanted.insert(each.key(), each.value());
    QVERIFY(m_program->start(wanted, around));

    const QString obstacle = LaunchObstacle::of(uniqueProcess(m_program->innerPid()));

    QVERIFY2(words.isEmpty() == obstacle.isEmpty() && obstacle.contains(words),
             qPrintable(obstacle));
}

void tst_Relaunch::scenario_19_labelsThatComeByThemselves_data()
{
    QTest::addColumn<QByteArray>("label");
    QTest::addColumn<QByteArray>("own");
    QTest::addColumn<bool>("comes");

    const auto row = [](const char *name, const QByteArray &label, const QByteArray &own,
                        bool comes) { QTest::newRow(name) << label << own << comes; };
    row("no module", "", "", true);
    row("nobody is confined", "unconfined", "unconfined", true);
    row("by the path", "/usr/bin/evince (enforce)", "unconfined", true);
    row("by another path", "/usr/bin/man (enforce)", "unconfined", false);
    row("watched only", "libreoffice (complain)", "unconfined", true);
    row("named, but not confined", "firefox (unconfined)", "unconfined", true);
    row("a snap", "snap.firefox.firefox (enforce)", "unconfined", false);
    row("from within another", "/usr/bin/evince (enforce)", "/usr/bin/setup (enforce)", false);
    row("the same within SELinux", "unconfined_u:unconfined_r:unconfined_t:s0",
        "unconfined_u:unconfined_r:unconfined_t:s0", true);
    row("SELinux's sandbox", "unconfined_u:unconfined_r:sandbox_t:s0",
        "unconfined_u:unconfined_r:unconfined_t:s0", false);
}

void tst_Relaunch::scenario_19_labelsThatComeByThemselves()
{
    QFETCH(const QByteArray, label);
    QFETCH(const QByteArray, own);
    QFETCH(const bool, comes);

    QCOMPARE(LaunchObstacle::labelComesByItself(label, own, "/usr/bin/evince"), comes);
}

QTEST_GUILESS_MAIN(tst_Relaunch)
#include "tst_relaunch.moc"
