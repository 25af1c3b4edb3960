// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "restart/sessionstore.h"
#include "support/manualclock.h"
#include "support/restartmanagertest.h"

#include <QDirIterator>
#include <QSet>
#include <QTest>

#include <csignal>

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// Sessions: their handles, keys and places, and what is left of them when they end or their
/// installer does (spec 12 A).
class tst_RmSessions : public RestartManagerTest
{
    Q_OBJECT

private slots:
    void spec_001_startGivesCodeHandleAndKey();
    void spec_002_handleZeroIsValid();
    void spec_003_keysDiffer();
    void spec_004_badArgumentsStoreNothing();
    void spec_005_sixtyFourSessionsAUser();
    void spec_006_otherUsersAreNotCounted();
    void spec_007_unknownAndEndedHandles();
    void spec_008_endingTakesEverybodysHandle();
    void spec_009_endingRestartsNobody();
    void spec_010_aKilledPrimaryIsNotCounted();
    void spec_011_aReusedPidIsNotThePrimary();
    void spec_012_theStoreIsForItsOwnerOnly();
    void spec_013_aLockHeldTooLongIs121();
    void spec_014_aStoreThatCannotBeWrittenIs29();
    void spec_015_recoverBringsBackWhatADeadPrimaryClosed();
};

void tst_RmSessions::spec_001_startGivesCodeHandleAndKey()
{
    const auto session = installer()->start();

    QCOMPARE(session.code, 0);
    static const QRegularExpression hexadecimal(u"^[0-9a-f]{32}$"_s);
    QVERIFY2(hexadecimal.match(session.key).hasMatch(), qPrintable(session.key));
}

void tst_RmSessions::spec_002_handleZeroIsValid()
{
    const auto primary = installer();
    QCOMPARE(primary->start().handle, u"0"_s);

    QCOMPARE(primary->code({u"register"_s, u"0"_s, u"f:"_s + held()}), 0);
    QCOMPARE(primary->list(u"0"_s).code, 0);
    QCOMPARE(primary->shutdown(u"0"_s), 0);
    QCOMPARE(primary->restart(u"0"_s), 0);
    QCOMPARE(primary->code({u"cancel"_s, u"0"_s}), 0);
    QCOMPARE(primary->code({u"filter"_s, u"0"_s, u"s:x"_s, u"1"_s}), 0);
    QCOMPARE(primary->code({u"end"_s, u"0"_s}), 0);
}

void tst_RmSessions::spec_003_keysDiffer()
{
    const auto primary = installer();

    QVERIFY(primary->start().key != primary->start().key);
}

void tst_RmSessions::spec_004_badArgumentsStoreNothing()
{
    const auto primary = installer();

    for (const QString &wrong : {u"flags"_s, u"handle"_s, u"key"_s})
        QCOMPARE(primary->code({u"start-bad"_s, wrong}), 160);

    QCOMPARE(*store(std::make_shared<SystemClock>())->openSessions(), 0);
}

void tst_RmSessions::spec_005_sixtyFourSessionsAUser()
{
    const auto primary = installer();
    const auto secondary = installer();
    const auto first = primary->start();
    for (int i = 1; i < 63; ++i)
        QCOMPARE(primary->start().code, 0);
    QCOMPARE(secondary->join(first.key).code, 0); // a membership counts too

    QCOMPARE(primary->start().code, 353);
    QCOMPARE(secondary->join(first.key).code, 353);
    QCOMPARE(primary->code({u"end"_s, u"5"_s}), 0);
    QCOMPARE(primary->start().code, 0);
    QCOMPARE(primary->start().code, 353);
}

void tst_RmSessions::spec_006_otherUsersAreNotCounted()
{
    if (geteuid() != 0)
        QSKIP("acting as another user needs root");
    const auto mine = installer();
    for (int i = 0; i < 64; ++i)
        QCOMPARE(mine->start().code, 0);

    const auto theirs = installer(nobody);
    QCOMPARE(theirs->start().code, 0);
}

void tst_RmSessions::spec_007_unknownAndEndedHandles()
{
    const auto primary = installer();
    const QString ended = primary->start().handle;
    QCOMPARE(primary->code({u"end"_s, ended}), 0);

    for (const QString &handle : {ended, u"4711"_s}) {
        QCOMPARE(primary->code({u"register"_s, handle, u"f:"_s + held()}), 6);
        QCOMPARE(primary->list(handle).code, 6);
        QCOMPARE(primary->shutdown(handle), 6);
        QCOMPARE(primary->restart(handle), 6);
        QCOMPARE(primary->code({u"cancel"_s, handle}), 6);
        QCOMPARE(primary->code({u"filter"_s, handle, u"s:x"_s, u"1"_s}), 6);
        QCOMPARE(primary->code({u"unfilter"_s, handle, u"s:x"_s}), 6);
        QCOMPARE(primary->code({u"filters"_s, handle, u"0"_s}), 6);
        QCOMPARE(primary->code({u"end"_s, handle}), 6);
    }
}

void tst_RmSessions::spec_008_endingTakesEverybodysHandle()
{
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const auto joined = secondary->join(session.key);
    const QString sessions = environment().value(u"XDG_RUNTIME_DIR"_s) + u"/entracte/sessions"_s;
    QCOMPARE(QDir(sessions).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(), 1);

    QCOMPARE(primary->code({u"end"_s, session.handle}), 0);

    QVERIFY(QDir(sessions).isEmpty());
    QCOMPARE(secondary->code({u"register"_s, joined.handle, u"f:"_s + held()}), 6);
}

void tst_RmSessions::spec_009_endingRestartsNobody()
{
    Program *const program = start(
        u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s, u"--restart-with"_s, u"again"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->shutdown(handle), 0);

    QCOMPARE(primary->code({u"end"_s, handle}), 0);

    // Whatever the end had started would be known to a session that comes after it.
    QCOMPARE(primary->list(primary->sessionFor(held())).needed, 0);
    QCOMPARE(program->starts(), 1);
}

void tst_RmSessions::spec_010_aKilledPrimaryIsNotCounted()
{
    const auto dead = installer();
    for (int i = 0; i < 64; ++i)
        QCOMPARE(dead->start().code, 0);
    const auto next = installer();
    QCOMPARE(next->start().code, 353);

    dead->kill();

    for (int i = 0; i < 64; ++i)
        QCOMPARE(next->start().code, 0);
}

void tst_RmSessions::spec_011_aReusedPidIsNotThePrimary()
{
    if (geteuid() != 0)
        QSKIP("choosing the pid of a new process needs root");
    const auto dead = installer();
    QCOMPARE(dead->start().code, 0);
    const auto sessions = store(std::make_shared<SystemClock>());
    QCOMPARE(*sessions->openSessions(), 1);
    pid_t pid = pid_t(dead->pid());
    dead->kill();

    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    arguments.set_tid = quint64(quintptr(&pid));
    arguments.set_tid_size = 1;
    const pid_t heir = pid_t(syscall(SYS_clone3, &arguments, sizeof arguments));
    if (heir == 0) {
        while (true)
            pause();
    }
    if (heir < 0 && errno == EPERM)
        QSKIP("this system lets nobody choose a pid");
    QCOMPARE(heir, pid);

    QCOMPARE(*sessions->openSessions(), 0);
    ::kill(heir, SIGKILL);
    waitpid(heir, nullptr, 0);
}

void tst_RmSessions::spec_012_theStoreIsForItsOwnerOnly()
{
    const auto primary = installer();
    primary->sessionFor(held());

    const QString store = environment().value(u"XDG_RUNTIME_DIR"_s) + u"/entracte"_s;
    int seen = 0;
    QDirIterator all(store, QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden | QDir::System,
                     QDirIterator::Subdirectories);
    while (all.hasNext()) {
        struct stat status;
        const QByteArray name = QFile::encodeName(all.next());
        QCOMPARE(lstat(name.constData(), &status), 0);
        QVERIFY2((status.st_mode & 077) == 0 && status.st_uid == geteuid(), name.constData());
        ++seen;
    }
    QVERIFY(seen >= 8);
    QCOMPARE(QFile::permissions(store) & QFile::Permissions(0x77), QFile::Permissions());

    // A link, and a store that others may enter, are refused.
    QVERIFY(QFile::rename(store, path(u"elsewhere"_s)));
    QVERIFY(QFile::link(path(u"elsewhere"_s), store));
    QCOMPARE(installer()->start().code, 29);
    QVERIFY(QFile::remove(store));
    QVERIFY(QDir().mkdir(store));
    QCOMPARE(chmod(QFile::encodeName(store).constData(), 0755), 0);
    QCOMPARE(installer()->start().code, 29);
}

void tst_RmSessions::spec_013_aLockHeldTooLongIs121()
{
    const auto clock = std::make_shared<ManualClock>();
    const auto sessions = store(clock);
    const auto primary = sessions->create();
    QVERIFY(primary);
    const QByteArray lock =
        QFile::encodeName(environment(geteuid()).value(u"XDG_RUNTIME_DIR"_s)) + "/entracte/lock";
    const int other = open(lock.constData(), O_RDWR | O_CLOEXEC);
    QCOMPARE(flock(other, LOCK_EX), 0);

    QCOMPARE(int(restartCodeOf(sessions->create())), 121);
    QCOMPARE(int(restartCodeOf(sessions->join((*primary)->key()))), 121);
    QVERIFY(clock->now() <= 2 * std::chrono::seconds(6));

    close(other);
    // Those who gave up waiting get it first, and let it go.
    QTRY_VERIFY(sessions->create());
}

void tst_RmSessions::spec_014_aStoreThatCannotBeWrittenIs29()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer(0, 16 * 1024);
    const QString handle = primary->sessionFor(held());

    const QString many = path(u"x"_s).repeated(3) + u"/file-"_s;
    QCOMPARE(primary->code({u"register-many"_s, handle, u"1000"_s, many}), 29);

    QCOMPARE(primary->list(handle).pids(), QSet{program->pid()});
    QCOMPARE(primary->code({u"register"_s, handle, u"f:"_s + path(u"other"_s)}), 0);
}

void tst_RmSessions::spec_015_recoverBringsBackWhatADeadPrimaryClosed()
{
    Program *const registered =
        start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s, u"--restart-with"_s,
                         path(u"second.log"_s), u"recovered"_s});
    Program *const unregistered = start(u"plain"_s, {u"--open"_s, held()});
    Program *const masked = start(u"masked"_s, {u"--open"_s, held(), u"--restart-with"_s, u"x"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->code({u"filter"_s, handle, u"f:"_s + path(u"masked"_s), u"1"_s}), 0);
    QCOMPARE(primary->shutdown(handle), 0);
    primary->kill();

    runEntracte({u"session"_s, u"recover"_s});

    QTRY_VERIFY(textOf(u"second.log"_s).contains(u"recovered"_s));
    runEntracte({u"session"_s, u"recover"_s});
    const auto again = installer();
    QCOMPARE(again->list(again->sessionFor(held())).code, 0);
    QCOMPARE(registered->starts(), 1);
    QCOMPARE(textOf(u"second.log"_s).count(u"started "_s), 1);
    QCOMPARE(unregistered->starts(), 1);
    QCOMPARE(masked->starts(), 1);
}

QTEST_GUILESS_MAIN(tst_RmSessions)
#include "tst_rmsessions.moc"
