// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "restart/sessionmember.h"
#include "restart/sessionmessage.h"
#include "restart/sessionserver.h"
#include "restart/sessionstore.h"
#include "support/endprograms.h"
#include "support/fakerestartbackend.h"
#include "support/manualclock.h"
#include "support/rminstaller.h"
#include "support/sampleproduct.h"

#include <QDirIterator>
#include <QElapsedTimer>
#include <QLocalSocket>
#include <QProcess>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include <fcntl.h>
#include <linux/sched.h>
#include <pty.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Fields = QStringList;

static constexpr uid_t nobody = 65534;

/// The acceptance statements of the restart manager, by number (spec section 12). Almost all of
/// them are played by real installers in C (support/rmclient.c) against real applications
/// (support/linkedholder.cpp); the installer may also be Python (--python).
class tst_RestartManager : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

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

    void spec_016_anotherProcessJoins();
    void spec_017_theOwnProcessJoinsWithSecondaryRights();
    void spec_018_wrongKeysAre1219();
    void spec_019_anotherUsersKeyIs1219();
    void spec_020_aSecondaryMayNotShutDownRestartOrFilter();
    void spec_021_aSecondaryMayNotListOrCancel();
    void spec_022_whatALeaverRegisteredStays();
    void spec_023_whatACrashedSecondaryRegisteredStays();
    void spec_024_theSessionOutlivesItsSecondaries();
    void spec_026_rootIsRefusedAndItsAgentIsNot();

    void spec_028_allKindsOfResources();
    void spec_029_oneHolderIsOneRowAndAskedOnce();
    void spec_030_badEntriesRefuseTheWholeCall();
    void spec_031_missingFilesHaveNoHolders();
    void spec_032_aRecycledPidIsSomebodyElse();
    void spec_033_tenThousandFilesInOneCall();
    void spec_039_onlyNativeRulesUnregister();

    void spec_040_nobodyIsAnEmptyList();
    void spec_041_tooLittleRoomTellsHowMuch();
    void spec_042_aNewHolderBetweenTwoCalls();
    void spec_043_anEverGrowingListIsAnError();
    void spec_044_whoExitedIsGone();
    void spec_045_everyFieldOfAnEntry();
    void spec_049_theCallerItselfIsDetected();
    void spec_055_aListCanBeCancelled();

    void spec_056_exactlyOneSelector();
    void spec_057_noShutdownHoldsEvenAgainstForce();
    void spec_058_noRestartClosesForGood();
    void spec_059_theLatestFilterCounts();
    void spec_060_aFilterIsRemovedOnce();
    void spec_061_theFilterListIsAChain();
    void spec_062_filterDoesNotApplyToANamesake();

    void spec_064_queryFirstThenCommit();
    void spec_065_oneNoCallsItOffForAll();
    void spec_073_anyRebootReasonRefusesTheShutdown();
    void spec_074_onlyRegisteredClosesNobodyIfOneIsNot();
    void spec_075_onlyRegisteredClosesAllIfAllAre();
    void spec_076_onlyRegisteredIsStrongerThanForce();
    void spec_077_newHoldersAreIncluded();
    void spec_078_cancelKeepsTheRestAndCallsOff();
    void spec_079_retryInTheSameSession();
    void spec_080_progressRisesToOneHundred();
    void spec_081_nativeProgressNamesPhaseAndApplication();

    void spec_087_restartBeforeShutdownIs776();
    void spec_088_registeredArgumentsComeBack();
    void spec_089_whoDidNotRegisterStaysClosed();
    void spec_090_restartAfterAFailedShutdown();
    void spec_091_restartGoesFromShellToWindows();
    void spec_093_whoEndedByItselfIsNotStarted();
    void spec_094_noUpdateStaysClosed();
    void spec_095_otherUsersProgramsStayClosedAndTheLogSaysWhy();
    void spec_097_oneMissingProgramDoesNotStopTheOthers();
    void spec_098_twoProcessesTwoRegistrations();
    void spec_099_restartTwiceStartsNobodyTwice();
    void spec_100_nativeRegistrationRestoresTheFolder();
    void spec_101_tooLongIsRejectedAsAWhole();
    void spec_102_whoUnregistersStaysClosed();

    void manyJoinsAndLeavesLeakNothing();
    void aBlockedPrimaryIsJoinedAllTheSame();
    void aSecondaryWaitsForTheShutdown();
    void nativeRulesLeaveClosedWhoCannotComeBack();
    void aHostilePeerGetsAnErrorAndNothingElse();
    void aShellScriptIsAPrimaryAndASecondary();
    void theHolderBringsBackWhatItsDeadOwnerClosed();
    void askSaysWhatClosingWouldMeet();

private:
    using Installer = RmInstaller;
    using Program = LinkedProgram;

    std::unique_ptr<Installer> installer(uid_t uid = 0, rlim_t largestFile = RLIM_INFINITY);
    Program *start(const QString &name, const QStringList &options, uid_t uid = 0,
                   bool inTerminal = false);
    QProcessEnvironment environment(uid_t uid = 0) const;
    void finish(std::unique_ptr<Job> job, RestartCode code = RestartCode::Success);
    std::unique_ptr<SessionStore> store(std::shared_ptr<Clock> clock) const;
    QStringList runEntracte(const QStringList &arguments, uid_t uid = 0);
    QString path(const QString &name) const { return m_folder->filePath(name); }
    QString textOf(const QString &name) const
    {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? QString::fromLocal8Bit(file.readAll()) : QString();
    }
    QString held() const { return path(u"held"_s); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::vector<std::unique_ptr<Program>> m_programs;
};

void tst_RestartManager::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    chmod(QFile::encodeName(m_folder->path()).constData(), 0777);
    for (const QString &name : {u"held"_s, u"other"_s})
        SampleProduct::write(path(name), "bytes");
    for (const uid_t uid : {uid_t(0), nobody}) {
        const QString runtime = environment(uid).value(u"XDG_RUNTIME_DIR"_s);
        QDir().mkpath(runtime);
        chmod(QFile::encodeName(runtime).constData(), 0700);
        if (geteuid() == 0)
            QCOMPARE(chown(QFile::encodeName(runtime).constData(), uid, uid), 0);
    }
    qputenv("XDG_RUNTIME_DIR", environment().value(u"XDG_RUNTIME_DIR"_s).toLocal8Bit());
}

void tst_RestartManager::cleanup()
{
    m_programs.clear();
    endProgramsOf(m_folder->path());
}

QProcessEnvironment tst_RestartManager::environment(uid_t uid) const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"XDG_RUNTIME_DIR"_s, path(u"runtime-%1"_s.arg(uid)));
    environment.insert(u"QT_LOGGING_RULES"_s, u"entracte.restart=true"_s);
    environment.remove(u"DISPLAY"_s);
    return environment;
}

std::unique_ptr<tst_RestartManager::Installer> tst_RestartManager::installer(uid_t uid,
                                                                             rlim_t largestFile)
{
    return std::make_unique<Installer>(environment(uid), uid, largestFile);
}

/// \a name: of a copy of the helper, so that several programs can be told apart.
tst_RestartManager::Program *tst_RestartManager::start(const QString &name,
                                                       const QStringList &options, uid_t uid,
                                                       bool inTerminal)
{
    const QString program = path(name);
    if (!QFile::exists(program) && !QFile::copy(QStringLiteral(ENTRACTE_LINKED_HOLDER), program))
        qFatal("could not copy the helper");
    const QString log = path(u"%1-%2.log"_s.arg(name).arg(m_programs.size()));
    m_programs.push_back(std::make_unique<Program>(program, log, options, environment(uid),
                                                   m_folder->path(), uid, inTerminal));
    return m_programs.back().get();
}

void tst_RestartManager::finish(std::unique_ptr<Job> job, RestartCode code)
{
    std::optional<Result<>> result;
    connect(job.get(), &Job::finished, this, [&](const Result<> &ended) { result = ended; });
    job->start();
    QTRY_VERIFY_WITH_TIMEOUT(result, 60'000);
    const auto *task = qobject_cast<RestartTask *>(job.get());
    QCOMPARE(int(task ? task->code() : restartCodeOf(*result)), int(code));
}

std::unique_ptr<SessionStore> tst_RestartManager::store(std::shared_ptr<Clock> clock) const
{
    return createSessionStore(std::move(clock),
                              {environment(geteuid()).value(u"XDG_RUNTIME_DIR"_s) + u"/entracte"_s,
                               std::chrono::seconds(5)});
}

/// Runs the entracte command; its output's lines.
QStringList tst_RestartManager::runEntracte(const QStringList &arguments, uid_t uid)
{
    QProcess process;
    process.setProcessEnvironment(environment(uid));
    process.start(QStringLiteral(ENTRACTE_COMMAND), arguments);
    if (!process.waitForFinished(60'000))
        qFatal("entracte did not end");
    return QString::fromUtf8(process.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts);
}

// --- A. sessions -----------------------------------------------------------------------------

void tst_RestartManager::spec_001_startGivesCodeHandleAndKey()
{
    const auto session = installer()->start();

    QCOMPARE(session.code, 0);
    static const QRegularExpression hexadecimal(u"^[0-9a-f]{32}$"_s);
    QVERIFY2(hexadecimal.match(session.key).hasMatch(), qPrintable(session.key));
}

void tst_RestartManager::spec_002_handleZeroIsValid()
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

void tst_RestartManager::spec_003_keysDiffer()
{
    const auto primary = installer();

    QVERIFY(primary->start().key != primary->start().key);
}

void tst_RestartManager::spec_004_badArgumentsStoreNothing()
{
    const auto primary = installer();

    for (const QString &wrong : {u"flags"_s, u"handle"_s, u"key"_s})
        QCOMPARE(primary->code({u"start-bad"_s, wrong}), 160);

    QCOMPARE(*store(std::make_shared<SystemClock>())->openSessions(), 0);
}

void tst_RestartManager::spec_005_sixtyFourSessionsAUser()
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

void tst_RestartManager::spec_006_otherUsersAreNotCounted()
{
    if (geteuid() != 0)
        QSKIP("acting as another user needs root");
    const auto mine = installer();
    for (int i = 0; i < 64; ++i)
        QCOMPARE(mine->start().code, 0);

    const auto theirs = installer(nobody);
    QCOMPARE(theirs->start().code, 0);
}

void tst_RestartManager::spec_007_unknownAndEndedHandles()
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

void tst_RestartManager::spec_008_endingTakesEverybodysHandle()
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

void tst_RestartManager::spec_009_endingRestartsNobody()
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

void tst_RestartManager::spec_010_aKilledPrimaryIsNotCounted()
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

void tst_RestartManager::spec_011_aReusedPidIsNotThePrimary()
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

void tst_RestartManager::spec_012_theStoreIsForItsOwnerOnly()
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

void tst_RestartManager::spec_013_aLockHeldTooLongIs121()
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

void tst_RestartManager::spec_014_aStoreThatCannotBeWrittenIs29()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer(0, 16 * 1024);
    const QString handle = primary->sessionFor(held());

    const QString many = path(u"x"_s).repeated(3) + u"/file-"_s;
    QCOMPARE(primary->code({u"register-many"_s, handle, u"1000"_s, many}), 29);

    QCOMPARE(primary->list(handle).pids(), QSet{program->pid()});
    QCOMPARE(primary->code({u"register"_s, handle, u"f:"_s + path(u"other"_s)}), 0);
}

void tst_RestartManager::spec_015_recoverBringsBackWhatADeadPrimaryClosed()
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

// --- B. joining ------------------------------------------------------------------------------

void tst_RestartManager::spec_016_anotherProcessJoins()
{
    const auto primary = installer();
    const auto secondary = installer();

    const auto joined = secondary->join(primary->start().key);

    QCOMPARE(joined.code, 0);
    QCOMPARE(secondary->code({u"register"_s, joined.handle, u"f:"_s + held()}), 0);
}

void tst_RestartManager::spec_017_theOwnProcessJoinsWithSecondaryRights()
{
    const auto primary = installer();
    const auto session = primary->start();

    const auto joined = primary->join(session.key);

    QCOMPARE(joined.code, 0);
    QVERIFY(joined.handle != session.handle);
    QCOMPARE(primary->list(joined.handle).code, 1219);
    QCOMPARE(primary->code({u"register"_s, joined.handle, u"f:"_s + held()}), 0);
    QCOMPARE(primary->list(session.handle).code, 0);
}

void tst_RestartManager::spec_018_wrongKeysAre1219()
{
    const auto primary = installer();
    const auto ended = primary->start();
    QCOMPARE(primary->code({u"end"_s, ended.handle}), 0);
    const auto secondary = installer();

    QCOMPARE(secondary->join(u"0123456789abcdef0123456789abcdef"_s).code, 1219);
    QCOMPARE(secondary->join(u"/../../../../etc/passwd-malformed"_s.left(32)).code, 1219);
    QCOMPARE(secondary->join(ended.key).code, 1219);
    QCOMPARE(secondary->join(u"short"_s).code, 160);
}

void tst_RestartManager::spec_019_anotherUsersKeyIs1219()
{
    if (geteuid() != 0)
        QSKIP("acting as another user needs root");
    const auto theirs = installer(nobody);
    const QString key = theirs->start().key;

    QCOMPARE(installer()->join(key).code, 1219);
    // Not even with their store in hand: as root, which may enter it.
    QProcessEnvironment environment = this->environment(nobody);
    QCOMPARE(Installer(environment, 0, RLIM_INFINITY).join(key).code, 1219);
}

void tst_RestartManager::spec_020_aSecondaryMayNotShutDownRestartOrFilter()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const QString joined = secondary->join(session.key).handle;
    QCOMPARE(secondary->code({u"register"_s, joined, u"f:"_s + held()}), 0);

    QCOMPARE(secondary->shutdown(joined, 1), 1219);
    QCOMPARE(secondary->restart(joined), 1219);
    QCOMPARE(secondary->code({u"filter"_s, joined, u"s:x"_s, u"2"_s}), 1219);
    QCOMPARE(secondary->code({u"unfilter"_s, joined, u"s:x"_s}), 1219);
    QCOMPARE(secondary->code({u"filters"_s, joined, u"0"_s}), 1219);

    QVERIFY(program->isRunning());
    QCOMPARE(primary->call({u"filters"_s, session.handle, u"0"_s}).constFirst(),
             Fields({u"0"_s, u"0"_s}));
}

void tst_RestartManager::spec_021_aSecondaryMayNotListOrCancel()
{
    const auto primary = installer();
    const auto secondary = installer();
    const QString joined = secondary->join(primary->start().key).handle;

    QCOMPARE(secondary->list(joined).code, 1219);
    QCOMPARE(secondary->code({u"cancel"_s, joined}), 1219);
}

void tst_RestartManager::spec_022_whatALeaverRegisteredStays()
{
    const Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const QString joined = secondary->join(session.key).handle;
    QCOMPARE(secondary->code({u"register"_s, joined, u"f:"_s + held()}), 0);

    QCOMPARE(secondary->code({u"end"_s, joined}), 0);

    QCOMPARE(primary->list(session.handle).pids(), QSet{program->pid()});
}

void tst_RestartManager::spec_023_whatACrashedSecondaryRegisteredStays()
{
    const Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const QString joined = secondary->join(session.key).handle;
    QCOMPARE(secondary->code({u"register"_s, joined, u"f:"_s + held()}), 0);

    secondary->kill();

    QCOMPARE(primary->list(session.handle).pids(), QSet{program->pid()});
}

void tst_RestartManager::spec_024_theSessionOutlivesItsSecondaries()
{
    const Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    QCOMPARE(secondary->code({u"end"_s, secondary->join(session.key).handle}), 0);

    QCOMPARE(primary->code({u"register"_s, session.handle, u"f:"_s + held()}), 0);
    QCOMPARE(primary->list(session.handle).pids(), QSet{program->pid()});
    QCOMPARE(secondary->join(session.key).code, 0);
}

void tst_RestartManager::spec_026_rootIsRefusedAndItsAgentIsNot()
{
    if (geteuid() != 0)
        QSKIP("being root needs root");
    const Program *const program = start(u"app"_s, {u"--open"_s, held()}, nobody);
    const auto primary = installer(nobody);
    const auto session = primary->start();

    QProcessEnvironment asRoot = environment(nobody);
    QCOMPARE(Installer(asRoot, 0, RLIM_INFINITY).join(session.key).code, 1219);

    QProcess agent;
    asRoot.insert(u"ENTRACTE_SESSION_KEY"_s, session.key);
    agent.setProcessEnvironment(asRoot);
    agent.start(QStringLiteral(ENTRACTE_COMMAND),
                {u"session"_s, u"register"_s, u"--user"_s, u"nobody"_s, held()});
    QVERIFY(agent.waitForFinished(30'000));
    QCOMPARE(agent.exitCode(), 0);
    QCOMPARE(primary->list(session.handle).pids(), QSet{program->pid()});
}

// --- C. resources ----------------------------------------------------------------------------

/// A control group that looks like a service, with one process in it. Needs root.
class ServiceGroup
{
public:
    ServiceGroup(const QString &name, qint64 pid, std::function<void()> endMember)
        : m_endMember(std::move(endMember))
    {
        for (const QString &mount : {u"/sys/fs/cgroup"_s, u"/sys/fs/cgroup/unified"_s})
            if (QFile::exists(mount + u"/cgroup.procs"_s))
                m_path = mount + u'/' + name + u".service"_s;
        QDir().mkpath(m_path);
        QFile members(m_path + u"/cgroup.procs"_s);
        m_isReal = members.open(QIODevice::WriteOnly) && members.write(QByteArray::number(pid)) > 0;
    }
    ~ServiceGroup()
    {
        m_endMember(); // a group goes only when it is empty
        while (m_isReal && rmdir(QFile::encodeName(m_path).constData()) != 0 && errno == EBUSY)
            QTest::qWait(10);
    }
    bool isReal() const { return m_isReal; }

private:
    std::function<void()> m_endMember;
    QString m_path;
    bool m_isReal = false;
};

void tst_RestartManager::spec_028_allKindsOfResources()
{
    if (geteuid() != 0)
        QSKIP("making a control group needs root");
    Program *const byFile = start(u"app"_s, {u"--open"_s, held()});
    Program *const byProcess = start(u"process"_s, {});
    Program *const byService = start(u"service"_s, {});
    const QString name = u"entracte-test-%1"_s.arg(getpid());
    {
        const ServiceGroup group(name, byService->pid(), [byService] { byService->end(); });
        if (!group.isReal())
            QSKIP("this system lets nobody make a control group");
        const auto primary = installer();
        const QString handle = primary->sessionFor(held());
        // The start time is learned as an installer does: from a list.
        const QString probe = primary->sessionFor(path(u"process"_s));
        const auto known = primary->list(probe).of(byProcess->pid());
        QCOMPARE(primary->code(
                     {u"register"_s, handle, u"p:%1:%2"_s.arg(known.pid).arg(known.startTime)}),
                 0);
        QCOMPARE(primary->code({u"register"_s, handle, u"s:"_s + name}), 0);

        const auto list = primary->list(handle);

        QCOMPARE(list.pids(), QSet({byFile->pid(), byProcess->pid(), byService->pid()}));
        QCOMPARE(list.of(byService->pid()).type, 3);
        QCOMPARE(list.of(byService->pid()).service, name);
    }
}

void tst_RestartManager::spec_029_oneHolderIsOneRowAndAskedOnce()
{
    QVERIFY(
        link(QFile::encodeName(held()).constData(), QFile::encodeName(path(u"hard"_s)).constData())
        == 0);
    QVERIFY(QFile::link(held(), path(u"soft"_s)));
    Program *const program = start(
        u"app"_s, {u"--open"_s, held(), u"--open"_s, path(u"other"_s), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    for (const QString &name : {u"held"_s, u"hard"_s, u"soft"_s, u"other"_s})
        QCOMPARE(primary->code({u"register"_s, handle, u"f:"_s + path(name)}), 0);

    QCOMPARE(primary->list(handle).needed, 1);
    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(program->count(u"asked"_s), 1);
    QCOMPARE(program->count(u"close"_s), 1);
}

void tst_RestartManager::spec_030_badEntriesRefuseTheWholeCall()
{
    start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const QString joined = secondary->join(session.key).handle;

    const QString good = u"f:"_s + held();
    for (const QString &bad : {u"f:relative/path"_s, u"null"_s, u"f:"_s, u"s:"_s, u"p:0:1"_s}) {
        QCOMPARE(primary->code({u"register"_s, session.handle, good, bad}), 160);
        QCOMPARE(secondary->code({u"register"_s, joined, good, bad}), 160);
    }

    QCOMPARE(primary->list(session.handle).needed, 0);
}

void tst_RestartManager::spec_031_missingFilesHaveNoHolders()
{
    const auto primary = installer();

    const QString handle = primary->sessionFor(path(u"there is no such file"_s));

    const auto list = primary->list(handle);
    QCOMPARE(list.code, 0);
    QCOMPARE(list.needed, 0);
}

void tst_RestartManager::spec_032_aRecycledPidIsSomebodyElse()
{
    Program *const program = start(u"app"_s, {});
    const auto primary = installer();
    const auto known = primary->list(primary->sessionFor(path(u"app"_s))).of(program->pid());
    const QString handle = primary->start().handle;

    QCOMPARE(primary->code(
                 {u"register"_s, handle, u"p:%1:%2"_s.arg(known.pid).arg(known.startTime - 1)}),
             0);
    QCOMPARE(primary->list(handle).needed, 0);
    QCOMPARE(
        primary->code({u"register"_s, handle, u"p:%1:%2"_s.arg(known.pid).arg(known.startTime)}),
        0);
    QCOMPARE(primary->list(handle).pids(), QSet{program->pid()});
}

void tst_RestartManager::spec_033_tenThousandFilesInOneCall()
{
    const auto primary = installer();
    const QString handle = primary->start().handle;
    const Fields once =
        primary->call({u"register-many"_s, handle, u"10000"_s, path(u"file-"_s)}).constFirst();
    QCOMPARE(once[0], u"0"_s);

    // Ten thousand calls would take minutes; the ratio is proved as soon as ten times the time of
    // the one call has gone by without them being done.
    const double limit = 10 * once[2].toDouble();
    const Fields each = primary
                            ->call({u"register-each"_s, primary->start().handle, u"10000"_s,
                                    path(u"file-"_s), QString::number(limit)})
                            .constFirst();
    QCOMPARE(each[0], u"0"_s);
    QVERIFY2(each[1].toInt() < 10'000, qPrintable(u"%1 calls in %2 ms"_s.arg(each[1], each[2])));

    QElapsedTimer timer;
    timer.start();
    QCOMPARE(primary->list(handle).code, 0);
    QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
}

void tst_RestartManager::spec_039_onlyNativeRulesUnregister()
{
    const Program *const program = start(u"app"_s, {u"--open"_s, held()});
    for (const RestartRules rules : {RestartRules::Native, RestartRules::Windows}) {
        const auto clock = std::make_shared<SystemClock>();
        const auto sessions = store(clock);
        RestartSession session(createRestartBackend(clock), clock, rules);
        QVERIFY(session.share(*sessions));
        QVERIFY(session.registerFiles({held(), path(u"other"_s)}));
        finish(session.list());
        QCOMPARE(session.inTheWay().value(0).process.pid, program->pid());

        const Result<> taken = session.unregisterResources({{held()}, {}, {}});
        finish(session.list());

        const bool isNative = rules == RestartRules::Native;
        QCOMPARE(int(restartCodeOf(taken)), isNative ? 0 : 160);
        QCOMPARE(session.isClear(), isNative);
    }
}

// --- D. listing ------------------------------------------------------------------------------

void tst_RestartManager::spec_040_nobodyIsAnEmptyList()
{
    const auto primary = installer();

    const auto list = primary->list(primary->sessionFor(held()), 0);

    QCOMPARE(list.code, 0);
    QCOMPARE(list.needed, 0);
    QCOMPARE(list.count, 0);
    QCOMPARE(list.reasons, 0);
}

void tst_RestartManager::spec_041_tooLittleRoomTellsHowMuch()
{
    for (int i = 0; i < 3; ++i)
        start(u"app-%1"_s.arg(i), {u"--open"_s, held()});
    const auto primary = installer();

    const auto list = primary->list(primary->sessionFor(held()), 0);

    QCOMPARE(list.code, 234);
    QCOMPARE(list.needed, 3);
    QCOMPARE(list.count, 0);
}

void tst_RestartManager::spec_042_aNewHolderBetweenTwoCalls()
{
    start(u"first"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->list(handle, 0).needed, 1);
    start(u"second"_s, {u"--open"_s, held()});

    const auto list = primary->list(handle, 1);
    QCOMPARE(list.code, 234);
    QCOMPARE(list.needed, 2);

    const QList<Fields> whole = primary->call({u"list-all"_s, handle});
    QCOMPARE(whole.constFirst().mid(0, 2), Fields({u"0"_s, u"2"_s}));
    QCOMPARE(whole.size(), 3);
}

void tst_RestartManager::spec_043_anEverGrowingListIsAnError()
{
    const auto primary = installer();

    const QList<Fields> whole = primary->call({u"list-growing"_s, primary->sessionFor(held())});

    QCOMPARE(whole, QList<Fields>({{u"234"_s, u"0"_s, u"0"_s, u"none"_s}}));
}

void tst_RestartManager::spec_044_whoExitedIsGone()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->list(handle).needed, 1);

    program->end();

    QCOMPARE(primary->list(handle).needed, 0);
}

void tst_RestartManager::spec_045_everyFieldOfAnEntry()
{
    const Program *const program = start(
        u"app"_s, {u"--open"_s, held(), u"--name"_s, u"Füller"_s, u"--restart-with"_s, u"x"_s});
    const Program *const inTerminal = start(u"console"_s, {u"--open"_s, held()}, 0, true);
    const auto primary = installer();

    const auto list = primary->list(primary->sessionFor(held()));

    const auto entry = list.of(program->pid());
    QCOMPARE(entry.name, u"Füller"_s);
    QVERIFY(entry.startTime > 0);
    QCOMPARE(entry.type, 0);
    QCOMPARE(entry.status, 1);
    QVERIFY(entry.restartable);
    QVERIFY(entry.logonSession >= -1);
    QVERIFY(entry.service.isEmpty());
    QCOMPARE(list.of(inTerminal->pid()).type, 5);
    QVERIFY(!list.of(inTerminal->pid()).restartable);
    QCOMPARE(list.of(inTerminal->pid()).name, u"console"_s);
}

void tst_RestartManager::spec_049_theCallerItselfIsDetected()
{
    const auto primary = installer();
    QCOMPARE(primary->code({u"hold"_s, held()}), 0);

    const auto list = primary->list(primary->sessionFor(held()));

    QCOMPARE(list.reasons, 0x10);
    QCOMPARE(list.of(primary->pid()).type, 1000);
}

void tst_RestartManager::spec_055_aListCanBeCancelled()
{
    const auto clock = std::make_shared<SystemClock>();
    RestartSession session(createRestartBackend(clock), clock);
    QVERIFY(session.registerFiles({held()}));
    const std::unique_ptr<RestartTask> list = session.list();
    std::optional<Result<>> result;
    connect(list.get(), &Job::finished, this, [&](const Result<> &ended) { result = ended; });
    list->start();

    list->cancel();

    QTRY_VERIFY_WITH_TIMEOUT(result, 1000);
    QCOMPARE(int(list->code()), 1223);
    // Nor is a later task hit by a stale request.
    list->cancel();
    finish(session.list());
}

// --- E. filters ------------------------------------------------------------------------------

void tst_RestartManager::spec_056_exactlyOneSelector()
{
    const auto primary = installer();
    const QString handle = primary->start().handle;

    QCOMPARE(primary->code({u"filter"_s, handle, u""_s, u"1"_s}), 160);
    QCOMPARE(primary->code({u"filter-two"_s, handle}), 160);
    QCOMPARE(primary->code({u"filter"_s, handle, u"s:x"_s, u"0"_s}), 160);
    QCOMPARE(primary->code({u"filter"_s, handle, u"s:x"_s, u"3"_s}), 160);
    QCOMPARE(primary->code({u"unfilter"_s, handle, u""_s}), 160);
}

void tst_RestartManager::spec_057_noShutdownHoldsEvenAgainstForce()
{
    Program *const kept = start(u"kept"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    Program *const other = start(u"other-app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->code({u"filter"_s, handle, u"f:"_s + path(u"kept"_s), u"2"_s}), 0);

    QCOMPARE(primary->shutdown(handle, 1), 0);

    QVERIFY(kept->isRunning());
    QCOMPARE(kept->count(u"asked"_s), 0);
    QVERIFY(!other->isRunning());
    QCOMPARE(primary->list(handle).of(kept->pid()).status, 0x41);
}

void tst_RestartManager::spec_058_noRestartClosesForGood()
{
    Program *const program = start(
        u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s, u"--restart-with"_s, u"again"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->code({u"filter"_s, handle, u"f:"_s + path(u"app"_s), u"1"_s}), 0);

    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    QCOMPARE(primary->list(handle).of(program->pid()).status, 0x82);
    QCOMPARE(program->starts(), 1);
}

void tst_RestartManager::spec_059_theLatestFilterCounts()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    const QString target = u"f:"_s + path(u"app"_s);
    QCOMPARE(primary->code({u"filter"_s, handle, target, u"2"_s}), 0);

    QCOMPARE(primary->code({u"filter"_s, handle, target, u"1"_s}), 0);

    QCOMPARE(primary->list(handle).of(program->pid()).status, 0x81);
    QCOMPARE(primary->shutdown(handle), 0);
    QVERIFY(!program->isRunning());
}

void tst_RestartManager::spec_060_aFilterIsRemovedOnce()
{
    const auto primary = installer();
    const QString handle = primary->start().handle;
    QCOMPARE(primary->code({u"filter"_s, handle, u"s:x"_s, u"1"_s}), 0);

    QCOMPARE(primary->code({u"unfilter"_s, handle, u"s:x"_s}), 0);
    QCOMPARE(primary->code({u"unfilter"_s, handle, u"s:x"_s}), 2);
}

void tst_RestartManager::spec_061_theFilterListIsAChain()
{
    const auto primary = installer();
    const QString handle = primary->start().handle;
    QCOMPARE(primary->code({u"filter"_s, handle, u"f:/usr/bin/véga"_s, u"1"_s}), 0);
    QCOMPARE(primary->code({u"filter"_s, handle, u"p:42:7"_s, u"2"_s}), 0);
    QCOMPARE(primary->code({u"filter"_s, handle, u"s:foo"_s, u"1"_s}), 0);

    const Fields small = primary->call({u"filters"_s, handle, u"10"_s}).constFirst();
    QCOMPARE(small[0], u"234"_s);
    QList<Fields> filters = primary->call({u"filters"_s, handle, small[1]});

    QCOMPARE(filters.takeFirst(), Fields({u"0"_s, small[1]}));
    QCOMPARE(filters, QList<Fields>({{u"1"_s, u"1"_s, u"/usr/bin/véga"_s},
                                     {u"2"_s, u"2"_s, u"42"_s},
                                     {u"3"_s, u"1"_s, u"foo"_s}}));
}

void tst_RestartManager::spec_062_filterDoesNotApplyToANamesake()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QVERIFY(QDir().mkpath(path(u"elsewhere"_s)));
    QVERIFY(QFile::copy(path(u"app"_s), path(u"elsewhere/app"_s)));

    QCOMPARE(primary->code({u"filter"_s, handle, u"f:"_s + path(u"elsewhere/app"_s), u"2"_s}), 0);

    QCOMPARE(primary->list(handle).of(program->pid()).status, 1);
    QCOMPARE(primary->shutdown(handle), 0);
    QVERIFY(!program->isRunning());
}

// --- F. shutdown -----------------------------------------------------------------------------

void tst_RestartManager::spec_064_queryFirstThenCommit()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();

    QCOMPARE(primary->shutdown(primary->sessionFor(held())), 0);

    QCOMPARE(program->log().mid(1), QStringList({u"asked"_s, u"close"_s}));
    QVERIFY(!program->isRunning());
}

void tst_RestartManager::spec_065_oneNoCallsItOffForAll()
{
    Program *const willing = start(u"willing"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    Program *const refusing = start(u"refusing"_s, {u"--open"_s, held(), u"--answer"_s, u"no"_s});
    Program *const unlinked = start(u"unlinked"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());

    QCOMPARE(primary->shutdown(handle), 351);

    for (Program *program : {willing, refusing, unlinked})
        QVERIFY(program->isRunning());
    QTRY_COMPARE(willing->log().mid(1), QStringList({u"asked"_s, u"off"_s}));
    QCOMPARE(refusing->count(u"close"_s), 0);
    QCOMPARE(unlinked->log().size(), 1);
    const auto list = primary->list(handle);
    QCOMPARE(list.of(refusing->pid()).status, 0x11);
    QCOMPARE(list.of(willing->pid()).status, 0x01);
}

void tst_RestartManager::spec_073_anyRebootReasonRefusesTheShutdown()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    QCOMPARE(primary->code({u"hold"_s, held()}), 0);
    const QString handle = primary->sessionFor(held());

    QCOMPARE(primary->shutdown(handle), 350);
    QCOMPARE(primary->shutdown(handle, 1), 350);

    QVERIFY(program->isRunning());
    QCOMPARE(program->log().size(), 1);
}

void tst_RestartManager::spec_074_onlyRegisteredClosesNobodyIfOneIsNot()
{
    Program *const registered = start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, u"x"_s});
    Program *const plain = start(u"plain"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());

    QCOMPARE(primary->shutdown(handle, 0x10), 351);

    QVERIFY(registered->isRunning());
    QVERIFY(plain->isRunning());
    QCOMPARE(primary->list(handle).of(registered->pid()).status, 1);
}

void tst_RestartManager::spec_075_onlyRegisteredClosesAllIfAllAre()
{
    Program *const first = start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, u"x"_s});
    Program *const second = start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, u"y"_s});
    const auto primary = installer();

    QCOMPARE(primary->shutdown(primary->sessionFor(held()), 0x10), 0);

    QVERIFY(!first->isRunning());
    QVERIFY(!second->isRunning());
}

void tst_RestartManager::spec_076_onlyRegisteredIsStrongerThanForce()
{
    Program *const plain = start(u"plain"_s, {u"--open"_s, held()});
    const auto primary = installer();

    QCOMPARE(primary->shutdown(primary->sessionFor(held()), 0x11), 351);

    QVERIFY(plain->isRunning());
}

void tst_RestartManager::spec_077_newHoldersAreIncluded()
{
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->list(handle).needed, 0);
    Program *const late = start(u"late"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});

    QCOMPARE(primary->shutdown(handle), 0);

    QVERIFY(!late->isRunning());
}

void tst_RestartManager::spec_078_cancelKeepsTheRestAndCallsOff()
{
    Program *const quick = start(u"quick"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    Program *const slow =
        start(u"slow"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s, u"--stubborn"_s});
    // Programs in terminals are a later class: asked, but not told to close yet.
    Program *const later =
        start(u"later"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s}, 0, true);
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    primary->call({u"begin"_s, u"shutdown"_s, handle, u"0"_s});
    QTRY_COMPARE(slow->count(u"close"_s), 1);
    QTRY_VERIFY(!quick->isRunning());
    QTRY_VERIFY(later->count(u"asked"_s) == 1);

    QCOMPARE(primary->code({u"cancel"_s, handle}), 0);

    QCOMPARE(primary->code({u"await"_s}), 1223);
    const auto list = primary->list(handle);
    QCOMPARE(list.of(quick->pid()).status, 0x02);
    QVERIFY(slow->isRunning() && later->isRunning());
    QCOMPARE(list.of(later->pid()).status, 0x01);
    QTRY_COMPARE(later->log().mid(1), QStringList({u"asked"_s, u"off"_s}));
}

void tst_RestartManager::spec_079_retryInTheSameSession()
{
    Program *const obstinate = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"no"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->shutdown(handle), 351);

    obstinate->end();

    QCOMPARE(primary->shutdown(handle), 0);
}

void tst_RestartManager::spec_080_progressRisesToOneHundred()
{
    for (int i = 0; i < 4; ++i)
        start(u"app-%1"_s.arg(i),
              {u"--open"_s, held(), u"--answer"_s, u"yes"_s, u"--restart-with"_s, u"again"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());

    for (const QStringList &command :
         {QStringList{u"shutdown"_s, handle, u"0"_s}, QStringList{u"restart"_s, handle}}) {
        QList<Fields> answer = primary->call(command);
        QCOMPARE(answer.takeLast(), Fields(u"0"_s));
        int last = -1;
        for (const Fields &line : std::as_const(answer)) {
            QCOMPARE(line[0], u"progress"_s);
            QVERIFY(line[1].toInt() > last && line[1].toInt() <= 100);
            last = line[1].toInt();
        }
        QCOMPARE(last, 100);
        QVERIFY(answer.size() >= 3);
    }
}

void tst_RestartManager::spec_081_nativeProgressNamesPhaseAndApplication()
{
    using Phase = RestartStep::Phase;
    start(u"willing"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s, u"--name"_s, u"Willing"_s});
    const auto clock = std::make_shared<SystemClock>();
    RestartSession session(createRestartBackend(clock), clock);
    QVERIFY(session.registerFiles({held()}));
    QList<RestartStep> steps;
    std::unique_ptr<RestartTask> shutdown = session.shutdown(ShutdownType::Graceful);
    connect(shutdown.get(), &RestartTask::stepped, this,
            [&steps](const RestartStep &step) { steps.append(step); });

    finish(std::move(shutdown));

    const auto phase = [&steps](Phase wanted) {
        return std::find_if(steps.cbegin(), steps.cend(),
                            [wanted](const auto &step) { return step.phase == wanted; });
    };
    QVERIFY(phase(Phase::Listing) != steps.cend());
    QCOMPARE(phase(Phase::Querying)->application, u"Willing"_s);
    const auto closing = phase(Phase::Closing);
    QCOMPARE(closing->application, u"Willing"_s);
    QVERIFY(closing->remaining && closing->remaining->count() > 0);
    QCOMPARE(closing->total, 1);
    QCOMPARE(steps.constLast().percent, 100);
}

// --- G. restart ------------------------------------------------------------------------------

void tst_RestartManager::spec_087_restartBeforeShutdownIs776()
{
    start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, u"x"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->list(handle).needed, 1);

    QCOMPARE(primary->restart(handle), 776);
}

void tst_RestartManager::spec_088_registeredArgumentsComeBack()
{
    const QStringList registered{u"--name"_s, u"two words"_s, u"--open"_s, held(), u"§"_s};
    Program *const program =
        start(u"app"_s, QStringList{u"--open"_s, held(), u"--answer"_s, u"yes"_s,
                                    u"--restart-with"_s, path(u"second.log"_s)}
                            + registered);
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());

    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    const auto list = primary->list(handle);
    QCOMPARE(list.of(program->pid()).status, 0x0a);
    QCOMPARE(list.entries.size(), 2); // the one that was closed, the one that is back
    QTRY_VERIFY(!textOf(u"second.log"_s).isEmpty());
    const QString line = textOf(u"second.log"_s);
    QVERIFY2(line.contains(registered.join(u' ')), qPrintable(line));
}

void tst_RestartManager::spec_089_whoDidNotRegisterStaysClosed()
{
    Program *const program = start(u"plain"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QVERIFY(!primary->list(handle).of(program->pid()).restartable);

    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    QCOMPARE(primary->list(handle).of(program->pid()).status, 0x02);
    QCOMPARE(program->starts(), 1);
}

void tst_RestartManager::spec_090_restartAfterAFailedShutdown()
{
    Program *const polite = start(
        u"polite"_s, {u"--open"_s, held(), u"--restart-with"_s, path(u"second.log"_s), u"back"_s});
    Program *const obstinate = start(u"obstinate"_s, {u"--open"_s, held(), u"--ignore-term"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->shutdown(handle), 351);
    QVERIFY(!polite->isRunning());
    QVERIFY(obstinate->isRunning());

    QCOMPARE(primary->restart(handle), 0);

    QTRY_VERIFY(QFile::exists(path(u"second.log"_s)));
    QCOMPARE(primary->list(handle).of(polite->pid()).status, 0x0a);
}

void tst_RestartManager::spec_091_restartGoesFromShellToWindows()
{
    auto backend = std::make_unique<FakeRestartBackend>();
    FakeRestartBackend *const world = backend.get();
    RestartSession session(std::move(backend));
    const auto add = [world](const QString &name, ApplicationType type) {
        world->add(name, FakeRestartBackend::Temper::Polite);
        world->last().type = type;
    };
    add(u"service"_s, ApplicationType::Service);
    add(u"window"_s, ApplicationType::MainWindow);
    add(u"shell"_s, ApplicationType::Shell);
    add(u"console"_s, ApplicationType::Console);

    finish(session.shutdown(ShutdownType::Graceful));
    finish(session.restart());

    QCOMPARE(world->asked, QStringList({u"window"_s, u"console"_s, u"service"_s, u"shell"_s}));
    QCOMPARE(world->restarted, QStringList({u"shell"_s, u"service"_s, u"console"_s, u"window"_s}));
}

void tst_RestartManager::spec_093_whoEndedByItselfIsNotStarted()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, u"x"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->list(handle).needed, 1);
    program->end();

    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    QCOMPARE(program->starts(), 1);
}

void tst_RestartManager::spec_094_noUpdateStaysClosed()
{
    Program *const program =
        start(u"app"_s, {u"--open"_s, held(), u"--flags"_s, u"4"_s, u"--restart-with"_s, u"x"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QVERIFY(!primary->list(handle).of(program->pid()).restartable);

    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    QCOMPARE(primary->list(handle).of(program->pid()).status, 0x02);
    QCOMPARE(program->starts(), 1);
}

void tst_RestartManager::spec_095_otherUsersProgramsStayClosedAndTheLogSaysWhy()
{
    if (geteuid() != 0)
        QSKIP("closing another user's program needs root");
    Program *const program =
        start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, u"x"_s}, nobody);
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QVERIFY(!primary->list(handle).of(program->pid()).restartable);

    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    QCOMPARE(program->starts(), 1);
    const QByteArray log = primary->log();
    QVERIFY2(log.contains("is not started again: it belongs to another user"), log.constData());
}

void tst_RestartManager::spec_097_oneMissingProgramDoesNotStopTheOthers()
{
    Program *const lost = start(u"lost"_s, {u"--open"_s, held(), u"--restart-with"_s, u"x"_s});
    Program *const found = start(
        u"found"_s, {u"--open"_s, held(), u"--restart-with"_s, path(u"second.log"_s), u"back"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->shutdown(handle), 0);
    QVERIFY(QFile::remove(path(u"lost"_s)));

    QCOMPARE(primary->restart(handle), 352);

    const auto list = primary->list(handle);
    QCOMPARE(list.of(lost->pid()).status, 0x22);
    QCOMPARE(list.of(found->pid()).status, 0x0a);
    QTRY_VERIFY(QFile::exists(path(u"second.log"_s)));
}

void tst_RestartManager::spec_098_twoProcessesTwoRegistrations()
{
    for (const QString &name : {u"one"_s, u"two"_s})
        start(u"app"_s,
              {u"--open"_s, held(), u"--restart-with"_s, path(name + u".log"_s), u"doc-"_s + name});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->list(handle).needed, 2);

    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    for (const QString &name : {u"one"_s, u"two"_s}) {
        QTRY_VERIFY(textOf(name + u".log"_s).contains(u"doc-"_s + name));
    }
}

void tst_RestartManager::spec_099_restartTwiceStartsNobodyTwice()
{
    start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, path(u"second.log"_s)});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    QCOMPARE(primary->restart(handle), 0);

    QTRY_COMPARE(textOf(u"second.log"_s).count(u"started "_s), 1);
}

void tst_RestartManager::spec_100_nativeRegistrationRestoresTheFolder()
{
    start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s, u"--restart-with"_s,
                     path(u"second.log"_s)});
    const auto clock = std::make_shared<SystemClock>();
    RestartSession session(createRestartBackend(clock), clock);
    QVERIFY(session.registerFiles({held()}));
    finish(session.shutdown(ShutdownType::Graceful));

    finish(session.restart());

    QTRY_VERIFY(!textOf(u"second.log"_s).isEmpty());
    const QString line = textOf(u"second.log"_s);
    QVERIFY2(line.contains(u"cwd "_s + m_folder->path()), qPrintable(line));
}

void tst_RestartManager::spec_101_tooLongIsRejectedAsAWhole()
{
    const auto application = installer();
    QCOMPARE(application->code({u"hold"_s, held()}), 0);
    QCOMPARE(application->code({u"register-restart"_s, u"0"_s, u"--first \"two words\""_s}), 0);

    QCOMPARE(application->code({u"register-restart"_s, u"0"_s, QString(1024, u'x')}), 160);

    const QDir apps(environment().value(u"XDG_RUNTIME_DIR"_s) + u"/entracte/apps"_s);
    const QString registration =
        textOf(u"runtime-0/entracte/apps/"_s + apps.entryList(QDir::Files).value(0));
    QVERIFY2(registration.contains(uR"("arguments":["--first","two words"])"_s),
             qPrintable(registration));
    QCOMPARE(application->code({u"register-restart"_s, u"0"_s, QString(1023, u'x')}), 0);
}

void tst_RestartManager::spec_102_whoUnregistersStaysClosed()
{
    Program *const program =
        start(u"app"_s, {u"--open"_s, held(), u"--withdraw"_s, u"--answer"_s, u"yes"_s,
                         u"--restart-with"_s, path(u"second.log"_s)});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QVERIFY(primary->list(handle).of(program->pid()).restartable);

    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    QVERIFY(!program->isRunning());
    QVERIFY(!QFile::exists(path(u"second.log"_s)));
}

// --- what is not numbered --------------------------------------------------------------------

struct Footprint
{
    int descriptors;
    qint64 kilobytes;
    int storeEntries;
};

static Footprint footprintOf(qint64 pid, const QString &store)
{
    QFile status(u"/proc/%1/status"_s.arg(pid));
    const QByteArray text = status.open(QIODevice::ReadOnly) ? status.readAll() : QByteArray();
    const QByteArray resident = text.mid(text.indexOf("VmRSS:") + 6).simplified();
    int entries = 0;
    for (QDirIterator all(store, QDir::AllEntries | QDir::NoDotAndDotDot | QDir::System,
                          QDirIterator::Subdirectories);
         all.hasNext(); all.next())
        ++entries;
    return {int(QDir(u"/proc/%1/fd"_s.arg(pid)).entryList(QDir::AllEntries | QDir::System).size()),
            resident.left(resident.indexOf(' ')).toLongLong(), entries};
}

void tst_RestartManager::manyJoinsAndLeavesLeakNothing()
{
    const QString store = environment().value(u"XDG_RUNTIME_DIR"_s) + u"/entracte"_s;
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const auto round = [&] {
        const QString joined = secondary->join(session.key).handle;
        const QString own = secondary->sessionFor(held());
        return secondary->code({u"register"_s, joined, u"f:"_s + held()}) == 0
            && secondary->code({u"end"_s, joined}) == 0 && secondary->code({u"end"_s, own}) == 0;
    };
    for (int i = 0; i < 200; ++i) // caches fill, pools grow
        QVERIFY(round());
    const Footprint primaryBefore = footprintOf(primary->pid(), store);
    const Footprint secondaryBefore = footprintOf(secondary->pid(), store);

    for (int i = 0; i < 2000; ++i)
        QVERIFY(round());

    for (const auto &[process, before] :
         {std::pair(primary.get(), primaryBefore), std::pair(secondary.get(), secondaryBefore)}) {
        Footprint now = footprintOf(process->pid(), store);
        // The last goodbye is on its way through the primary's other thread.
        for (int i = 0; i < 100 && now.descriptors > before.descriptors; ++i) {
            QTest::qWait(20);
            now = footprintOf(process->pid(), store);
        }
        qInfo(
            "2,000 joins, 2,000 sessions: descriptors %d → %d, memory %lld → %lld kB, store %d → %d",
            before.descriptors, now.descriptors, before.kilobytes, now.kilobytes,
            before.storeEntries, now.storeEntries);
        QCOMPARE(now.descriptors, before.descriptors);
        QCOMPARE(now.storeEntries, before.storeEntries);
        // A leak of one message a round would be megabytes. The sanitizer keeps what is freed.
        const bool isSanitized = QByteArrayView(ENTRACTE_SANITIZED).size() > 0;
        QVERIFY(isSanitized || now.kilobytes - before.kilobytes < 2048);
    }
}

void tst_RestartManager::aBlockedPrimaryIsJoinedAllTheSame()
{
    const auto clock = std::make_shared<SystemClock>();
    const auto sessions = store(clock);
    RestartSession session(createRestartBackend(clock), clock);
    QVERIFY(session.share(*sessions));
    const auto secondary = installer();

    // This thread waits for the secondary and runs no event loop meanwhile.
    const auto joined = secondary->join(session.key());
    QCOMPARE(joined.code, 0);
    QCOMPARE(secondary->code({u"register"_s, joined.handle, u"f:"_s + held()}), 0);

    QCOMPARE(session.resources().files, QStringList(held()));
}

void tst_RestartManager::aSecondaryWaitsForTheShutdown()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const QString joined = secondary->join(session.key).handle;
    QCOMPARE(secondary->code({u"register"_s, joined, u"f:"_s + held()}), 0);
    secondary->call({u"begin"_s, u"swap"_s, joined, u"0"_s});
    QVERIFY(program->isRunning());

    QCOMPARE(primary->shutdown(session.handle), 0);

    QCOMPARE(secondary->code({u"await"_s}), 0);
    QVERIFY(!program->isRunning());
    // Who ends without a shutdown gives up for everybody.
    const auto other = primary->start();
    const QString waiting = secondary->join(other.key).handle;
    secondary->call({u"begin"_s, u"swap"_s, waiting, u"0"_s});
    QTest::qWait(50); // either order is right: a session that has ended is 6
    QCOMPARE(primary->code({u"end"_s, other.handle}), 0);
    const int code = secondary->code({u"await"_s});
    QVERIFY2(code == 1223 || code == 6, qPrintable(QString::number(code)));
}

void tst_RestartManager::nativeRulesLeaveClosedWhoCannotComeBack()
{
    start(u"never"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s, u"--flags"_s, u"4"_s,
                       u"--restart-with"_s, path(u"second.log"_s)});
    const auto clock = std::make_shared<SystemClock>();
    RestartSession session(createRestartBackend(clock), clock);
    QVERIFY(session.registerFiles({held()}));
    finish(session.shutdown(ShutdownType::Graceful));

    finish(session.restart());

    // It is told as not back, with its own reason, and was not started.
    QCOMPARE(session.notRestarted().size(), 1);
    QVERIFY(!session.notRestarted().constFirst().reason.isEmpty());
    QCOMPARE(session.applications().constFirst().status,
             ApplicationStatuses(ApplicationStatus::Stopped));
    QVERIFY(!QFile::exists(path(u"second.log"_s)));
}

void tst_RestartManager::aHostilePeerGetsAnErrorAndNothingElse()
{
    const auto primary = installer();
    const auto session = primary->start();
    const QDir sessions(environment().value(u"XDG_RUNTIME_DIR"_s) + u"/entracte/sessions"_s);
    const QString address =
        sessions.absoluteFilePath(sessions.entryList(QDir::Dirs | QDir::NoDotAndDotDot).value(0))
        + u"/socket"_s;
    SessionMessage registration;
    registration.operation = SessionMessage::Operation::Register;
    registration.resources.files = {held()};
    SessionMessage list;
    list.operation = SessionMessage::Operation::List;
    list.token = QString(32, u'0');
    const QByteArrayList hostile{
        QByteArray("\xff\xff\xff\xff") + QByteArray(5000, 'x'), // announces 4 GiB
        QByteArray("GET / HTTP/1.1\r\n\r\n"),
        QByteArray("\0\0\0\5hello", 9),
        registration.encoded(),  // without having joined
        list.encoded(),          // with a guessed token
        QByteArray("\0\0\0", 3), // and silence
    };
    std::vector<std::unique_ptr<QLocalSocket>> peers;
    for (const QByteArray &bytes : hostile) {
        auto peer = std::make_unique<QLocalSocket>();
        peer->connectToServer(address);
        QVERIFY(peer->waitForConnected());
        peer->write(bytes);
        peer->waitForBytesWritten();
        peers.push_back(std::move(peer));
    }
    for (size_t i = 0; i + 1 < peers.size(); ++i) {
        QTRY_VERIFY(peers[i]->bytesAvailable() > 4
                    || peers[i]->state() == QLocalSocket::UnconnectedState);
        const QByteArray answer = peers[i]->readAll();
        if (answer.size() <= 4)
            continue;
        const Result<SessionMessage> reply = SessionMessage::decoded(answer.mid(4));
        QVERIFY(reply);
        QVERIFY(reply->code == RestartCode::BadArguments
                || reply->code == RestartCode::SessionCredentialConflict);
    }

    QCOMPARE(primary->list(session.handle).code, 0);
    QCOMPARE(primary->code({u"register"_s, session.handle, u"f:"_s + held()}), 0);
    QCOMPARE(installer()->join(session.key).code, 0);
}

void tst_RestartManager::aShellScriptIsAPrimaryAndASecondary()
{
    Program *const first = start(u"first"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s,
                                              u"--restart-with"_s, path(u"first.again"_s)});
    Program *const second =
        start(u"second"_s, {u"--open"_s, path(u"other"_s), u"--answer"_s, u"yes"_s,
                            u"--restart-with"_s, path(u"second.again"_s)});
    SampleProduct::write(path(u"script"_s), R"sh(
set -e
eval "$($ENTRACTE session start)"
$ENTRACTE session register "$1"
env -u ENTRACTE_SESSION_TOKEN $ENTRACTE session register "$2"
$ENTRACTE session list --json
env -u ENTRACTE_SESSION_TOKEN $ENTRACTE session list && exit 9
$ENTRACTE session filter add --service foo --no-shutdown
$ENTRACTE session filter remove --service foo
$ENTRACTE session filter remove --service foo && exit 9
$ENTRACTE session restart && exit 9
env -u ENTRACTE_SESSION_TOKEN $ENTRACTE session unregister "$1" && exit 9
exec 3<"$3"; $ENTRACTE session register "$3"
$ENTRACTE session shutdown && exit 9
exec 3<&-
$ENTRACTE session shutdown
$ENTRACTE session restart
$ENTRACTE session end
$ENTRACTE session list && exit 9
$ENTRACTE session nonsense || [ $? -eq 2 ]
)sh");
    QProcess shell;
    QProcessEnvironment withTool = environment();
    withTool.insert(u"ENTRACTE"_s, QStringLiteral(ENTRACTE_COMMAND));
    shell.setProcessEnvironment(withTool);
    SampleProduct::write(path(u"own"_s), "held by the script");
    shell.start(u"sh"_s, {path(u"script"_s), held(), path(u"other"_s), path(u"own"_s)});
    QVERIFY(shell.waitForFinished(60'000));
    const QByteArray output = shell.readAllStandardOutput();
    QVERIFY2(shell.exitCode() == 0, output + shell.readAllStandardError());

    QVERIFY(output.contains("\"name\": \"first\"") && output.contains("\"name\": \"second\""));
    for (const char *code : {"1219 ERROR_SESSION_CREDENTIAL_CONFLICT", "2 ERROR_FILE_NOT_FOUND",
                             "776 ERROR_REQUEST_OUT_OF_SEQUENCE", "350 ERROR_FAIL_NOACTION_REBOOT"})
        QVERIFY2(output.contains(code), output);
    QVERIFY(!first->isRunning() && !second->isRunning());
    QTRY_VERIFY(!textOf(u"first.again"_s).isEmpty() && !textOf(u"second.again"_s).isEmpty());
}

void tst_RestartManager::theHolderBringsBackWhatItsDeadOwnerClosed()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s,
                                              u"--restart-with"_s, path(u"app.again"_s)});
    SampleProduct::write(path(u"script"_s), R"sh(
set -e
eval "$($ENTRACTE session start)"
$ENTRACTE session register "$1"
$ENTRACTE session shutdown
kill -9 $$
)sh");
    QProcess shell;
    QProcessEnvironment withTool = environment();
    withTool.insert(u"ENTRACTE"_s, QStringLiteral(ENTRACTE_COMMAND));
    shell.setProcessEnvironment(withTool);
    shell.start(u"sh"_s, {path(u"script"_s), held()});
    QVERIFY(shell.waitForFinished(60'000));
    QCOMPARE(shell.exitStatus(), QProcess::CrashExit);

    QVERIFY(!program->isRunning());
    QTRY_VERIFY(!textOf(u"app.again"_s).isEmpty());
    // And it has gone itself.
    const auto sessions = store(std::make_shared<SystemClock>());
    QTRY_COMPARE(*sessions->openSessions(), 0);
}

void tst_RestartManager::askSaysWhatClosingWouldMeet()
{
    Program *const linked =
        start(u"linked"_s, {u"--answer"_s, u"no"_s, u"--restart-with"_s, u"x"_s});
    Program *const plain = start(u"plain"_s, {u"--ignore-term"_s});

    const QString good = runEntracte({u"ask"_s, QString::number(linked->pid())}).join(u'\n');
    const QString bad = runEntracte({u"ask"_s, QString::number(plain->pid())}).join(u'\n');

    QCOMPARE(good.count(u"  good  "_s), 3);
    QVERIFY2(bad.contains(u"  bad  It ignores the request to terminate"_s), qPrintable(bad));
    QVERIFY2(bad.contains(u"  weak  It did not say how to open it again"_s), qPrintable(bad));
    // Nothing was done.
    QCOMPARE(linked->log().size(), 1);
    QVERIFY(linked->isRunning() && plain->isRunning());
}

QTEST_GUILESS_MAIN(tst_RestartManager)
#include "tst_restartmanager.moc"
