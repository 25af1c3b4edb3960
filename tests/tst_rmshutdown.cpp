// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "support/restartmanagertest.h"

#include <QTest>

#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Fields = QStringList;

/// Closing: all of them or nobody, asked before, called off at any time (spec 12 F).
class tst_RmShutdown : public RestartManagerTest
{
    Q_OBJECT

private slots:
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
};

void tst_RmShutdown::spec_064_queryFirstThenCommit()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();

    QCOMPARE(primary->shutdown(primary->sessionFor(held())), 0);

    QCOMPARE(program->log().mid(1), QStringList({u"asked"_s, u"close"_s}));
    QVERIFY(!program->isRunning());
}

void tst_RmShutdown::spec_065_oneNoCallsItOffForAll()
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

void tst_RmShutdown::spec_073_anyRebootReasonRefusesTheShutdown()
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

void tst_RmShutdown::spec_074_onlyRegisteredClosesNobodyIfOneIsNot()
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

void tst_RmShutdown::spec_075_onlyRegisteredClosesAllIfAllAre()
{
    Program *const first = start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, u"x"_s});
    Program *const second = start(u"app"_s, {u"--open"_s, held(), u"--restart-with"_s, u"y"_s});
    const auto primary = installer();

    QCOMPARE(primary->shutdown(primary->sessionFor(held()), 0x10), 0);

    QVERIFY(!first->isRunning());
    QVERIFY(!second->isRunning());
}

void tst_RmShutdown::spec_076_onlyRegisteredIsStrongerThanForce()
{
    Program *const plain = start(u"plain"_s, {u"--open"_s, held()});
    const auto primary = installer();

    QCOMPARE(primary->shutdown(primary->sessionFor(held()), 0x11), 351);

    QVERIFY(plain->isRunning());
}

void tst_RmShutdown::spec_077_newHoldersAreIncluded()
{
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->list(handle).needed, 0);
    Program *const late = start(u"late"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});

    QCOMPARE(primary->shutdown(handle), 0);

    QVERIFY(!late->isRunning());
}

void tst_RmShutdown::spec_078_cancelKeepsTheRestAndCallsOff()
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

void tst_RmShutdown::spec_079_retryInTheSameSession()
{
    Program *const obstinate = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"no"_s});
    const auto primary = installer();
    const QString handle = primary->sessionFor(held());
    QCOMPARE(primary->shutdown(handle), 351);

    obstinate->end();

    QCOMPARE(primary->shutdown(handle), 0);
}

void tst_RmShutdown::spec_080_progressRisesToOneHundred()
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

void tst_RmShutdown::spec_081_nativeProgressNamesPhaseAndApplication()
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

QTEST_GUILESS_MAIN(tst_RmShutdown)
#include "tst_rmshutdown.moc"
