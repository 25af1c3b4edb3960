// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "support/fakerestartbackend.h"
#include "support/restartmanagertest.h"

#include <QTest>

#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// Who comes back, how, and who does not (spec 12 G).
class tst_RmRestart : public RestartManagerTest
{
    Q_OBJECT

private slots:
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
    void nativeRulesLeaveClosedWhoCannotComeBack();

private:
    void staysClosed(const Program &program);
};

void tst_RmRestart::spec_087_restartBeforeShutdownIs776()
{
    start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, u"x"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->list(handle).needed, 1);

    QCOMPARE(primary->restart(handle), 776);
}

void tst_RmRestart::spec_088_registeredArgumentsComeBack()
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

/// Is closed with the others, and not brought back with them.
void tst_RmRestart::staysClosed(const Program &program)
{
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QVERIFY(!primary->list(handle).of(program.pid()).restartable);

    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    QCOMPARE(primary->list(handle).of(program.pid()).status, 0x02);
    QCOMPARE(program.starts(), 1);
}

void tst_RmRestart::spec_089_whoDidNotRegisterStaysClosed()
{
    Program *const program = start(u"plain"_s, {u"--open"_s, held()});
    staysClosed(*program);
}

void tst_RmRestart::spec_090_restartAfterAFailedShutdown()
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

void tst_RmRestart::spec_091_restartGoesFromShellToWindows()
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

void tst_RmRestart::spec_093_whoEndedByItselfIsNotStarted()
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

void tst_RmRestart::spec_094_noUpdateStaysClosed()
{
    Program *const program =
        start(u"app"_s, {u"--open"_s, held(), u"--flags"_s, u"4"_s, u"--restart-with"_s, u"x"_s});
    staysClosed(*program);
}

void tst_RmRestart::spec_095_otherUsersProgramsStayClosedAndTheLogSaysWhy()
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

void tst_RmRestart::spec_097_oneMissingProgramDoesNotStopTheOthers()
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

void tst_RmRestart::spec_098_twoProcessesTwoRegistrations()
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

void tst_RmRestart::spec_099_restartTwiceStartsNobodyTwice()
{
    start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, path(u"second.log"_s)});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->shutdown(handle), 0);
    QCOMPARE(primary->restart(handle), 0);

    QCOMPARE(primary->restart(handle), 0);

    QTRY_COMPARE(textOf(u"second.log"_s).count(u"started "_s), 1);
}

void tst_RmRestart::spec_100_nativeRegistrationRestoresTheFolder()
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
    QVERIFY2(line.contains(u"cwd "_s + folder()), qPrintable(line));
}

void tst_RmRestart::spec_101_tooLongIsRejectedAsAWhole()
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

void tst_RmRestart::spec_102_whoUnregistersStaysClosed()
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

void tst_RmRestart::nativeRulesLeaveClosedWhoCannotComeBack()
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

QTEST_GUILESS_MAIN(tst_RmRestart)
#include "tst_rmrestart.moc"
