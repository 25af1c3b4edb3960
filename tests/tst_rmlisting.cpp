// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "support/restartmanagertest.h"

#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Fields = QStringList;

/// The list of those who are in the way (spec 12 D).
class tst_RmListing : public RestartManagerTest
{
    Q_OBJECT

private slots:
    void spec_040_nobodyIsAnEmptyList();
    void spec_041_tooLittleRoomTellsHowMuch();
    void spec_042_aNewHolderBetweenTwoCalls();
    void spec_043_anEverGrowingListIsAnError();
    void spec_044_whoExitedIsGone();
    void spec_045_everyFieldOfAnEntry();
    void spec_049_theCallerItselfIsDetected();
    void spec_055_aListCanBeCancelled();
};

void tst_RmListing::spec_040_nobodyIsAnEmptyList()
{
    const auto primary = installer();

    const auto list = primary->list(primary->sessionFor(held()), 0);

    QCOMPARE(list.code, 0);
    QCOMPARE(list.needed, 0);
    QCOMPARE(list.count, 0);
    QCOMPARE(list.reasons, 0);
}

void tst_RmListing::spec_041_tooLittleRoomTellsHowMuch()
{
    for (int i = 0; i < 3; ++i)
        start(u"app-%1"_s.arg(i), {u"--open"_s, held()});
    const auto primary = installer();

    const auto list = primary->list(primary->sessionFor(held()), 0);

    QCOMPARE(list.code, 234);
    QCOMPARE(list.needed, 3);
    QCOMPARE(list.count, 0);
}

void tst_RmListing::spec_042_aNewHolderBetweenTwoCalls()
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

void tst_RmListing::spec_043_anEverGrowingListIsAnError()
{
    const auto primary = installer();

    const QList<Fields> whole = primary->call({u"list-growing"_s, primary->sessionFor(held())});

    QCOMPARE(whole, QList<Fields>({{u"234"_s, u"0"_s, u"0"_s, u"none"_s}}));
}

void tst_RmListing::spec_044_whoExitedIsGone()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->list(handle).needed, 1);

    program->end();

    QCOMPARE(primary->list(handle).needed, 0);
}

void tst_RmListing::spec_045_everyFieldOfAnEntry()
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

void tst_RmListing::spec_049_theCallerItselfIsDetected()
{
    const auto primary = installer();
    QCOMPARE(primary->code({u"hold"_s, held()}), 0);

    const auto list = primary->list(primary->sessionFor(held()));

    QCOMPARE(list.reasons, 0x10);
    QCOMPARE(list.of(primary->pid()).type, 1000);
}

void tst_RmListing::spec_055_aListCanBeCancelled()
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

QTEST_GUILESS_MAIN(tst_RmListing)
#include "tst_rmlisting.moc"
