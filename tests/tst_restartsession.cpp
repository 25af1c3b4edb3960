// SPDX-License-Identifier: MIT
#include "restart/affectedapplicationmodel.h"
#include "restart/restartsession.h"
#include "restart/sessionrecovery.h"
#include "support/fakerestartbackend.h"
#include "support/manualclock.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Temper = FakeRestartBackend::Temper;

namespace {

/// The record of a dead primary, in memory; what becomes of it outlives it.
class FakeAbandonedSession : public AbandonedSession
{
public:
    struct Fate
    {
        QStringList left; ///< on record after the last save
        bool isForgotten = false;
    };

    FakeAbandonedSession(const QList<ClosedApplication> &closed, Fate &fate)
        : m_fate(fate)
    {
        m_record.closed = closed;
    }
    Result<> save(const SessionRecord &record) override
    {
        m_record = record;
        m_fate.left.clear();
        for (const ClosedApplication &each : record.closed)
            m_fate.left.append(each.application.name);
        return {};
    }
    void forget() override { m_fate.isForgotten = true; }
    bool isAnothersToo(const UniqueProcess &) const override { return false; }

private:
    Fate &m_fate;
};

ClosedApplication onRecord(const QString &name, const UniqueProcess &process, bool wasAsked,
                           ApplicationType type = ApplicationType::MainWindow)
{
    ClosedApplication closed;
    closed.application.name = name;
    closed.application.process = process;
    closed.application.processes = {process};
    closed.application.type = type;
    closed.wasAsked = wasAsked;
    return closed;
}

constexpr UniqueProcess gone(quint64 number)
{
    return {0, number}; // no process has this pid
}

} // namespace

class tst_RestartSession : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void nobodyInTheWayIsClear();
    void everybodyIsAskedOnceAndComesBack();
    void aRefusalIsAnAnswerNotAnError();
    void forceReachesOnlyThoseWhoMayBeForced();
    void criticalApplicationsAreNeverAsked();
    void onlyRestartableClosesAllOrNone();
    void whoFailsToReturnIsReported();
    void whatEndedByItselfIsNotStarted();
    void restartTwiceStartsNobodyTwice();
    void cancelledShutdownSaysSo();
    void modelFollowsByDifference();
    void aRowMovesWhenItsKindBecomesKnown();
    void everyRoleHasANameAndAValue();
    void aFilterOnWhoCannotBeClosedLetsTheOthersGoOn();
    void aSecondTaskIsRefusedAsBusy();
    void stateTextsAreWholeSentences();
    void aRescuerStartsWhoWasAskedAndHasGone();
    void aRescuerWaitsNoLongerThanItsPatience();
    void whoIsOpenedAgainIsNamedAsThat();
    void spec_063_everyClassIsStoppedInOrder();

private:
    void finish(std::unique_ptr<Job> job);

    FakeRestartBackend *m_backend = nullptr;
    std::unique_ptr<RestartSession> m_session;
    std::optional<Result<>> m_result;
};

void tst_RestartSession::init()
{
    auto backend = std::make_unique<FakeRestartBackend>();
    m_backend = backend.get();
    m_session = std::make_unique<RestartSession>(std::move(backend));
}

void tst_RestartSession::finish(std::unique_ptr<Job> job)
{
    m_result.reset();
    connect(job.get(), &Job::finished, this, [this](const Result<> &result) { m_result = result; });
    job->start();
    QTRY_VERIFY(m_result);
}

void tst_RestartSession::nobodyInTheWayIsClear()
{
    finish(m_session->list());

    QVERIFY(m_session->isClear());
    QVERIFY(m_session->applications().isEmpty());
}

void tst_RestartSession::everybodyIsAskedOnceAndComesBack()
{
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_backend->add(u"Notes"_s, Temper::Polite);
    finish(m_session->list());

    finish(m_session->shutdown(ShutdownType::Graceful));
    finish(m_session->list());
    QVERIFY(m_session->isClear());
    finish(m_session->restart());

    QCOMPARE(m_backend->asked, QStringList({u"Aurora"_s, u"Notes"_s}));
    QCOMPARE(m_backend->restarted, QStringList({u"Aurora"_s, u"Notes"_s}));
    QVERIFY(m_backend->forced.isEmpty());
    QCOMPARE(m_session->applications().first().status,
             ApplicationStatuses(ApplicationStatus::Stopped | ApplicationStatus::Restarted));
}

void tst_RestartSession::aRefusalIsAnAnswerNotAnError()
{
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_backend->add(u"Stubborn"_s, Temper::Refuses);
    finish(m_session->list());

    finish(m_session->shutdown(ShutdownType::Graceful));
    QVERIFY(*m_result);
    finish(m_session->list());

    QCOMPARE(m_session->inTheWay().size(), 1);
    QCOMPARE(m_session->inTheWay().first().closing, ClosingState::Refused);
    QVERIFY(m_session->inTheWay().first().status.testFlag(ApplicationStatus::ErrorOnStop));
}

void tst_RestartSession::forceReachesOnlyThoseWhoMayBeForced()
{
    m_backend->add(u"Stubborn"_s, Temper::Refuses);
    m_backend->add(u"Foreign"_s, Temper::Refuses);
    m_backend->last().canBeForced = false;
    finish(m_session->list());

    finish(m_session->shutdown(ShutdownType::Force));

    QCOMPARE(m_backend->forced, QStringList(u"Stubborn"_s));
}

void tst_RestartSession::criticalApplicationsAreNeverAsked()
{
    m_backend->add(u"Display"_s, Temper::Polite);
    m_backend->last().type = ApplicationType::Critical;
    finish(m_session->list());

    finish(m_session->shutdown(ShutdownType::Force));

    QVERIFY(m_backend->asked.isEmpty());
    QVERIFY(!m_session->isClear());
}

void tst_RestartSession::onlyRestartableClosesAllOrNone()
{
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_backend->add(u"Shell job"_s, Temper::Polite);
    m_backend->last().restartability = Restartability::Cannot;
    finish(m_session->list());

    finish(m_session->shutdown(ShutdownType::OnlyRestartable));

    QVERIFY(m_backend->asked.isEmpty());
}

void tst_RestartSession::whoFailsToReturnIsReported()
{
    m_backend->add(u"Broken"_s, Temper::FailsToReturn);
    m_backend->add(u"Aurora"_s, Temper::Polite);
    finish(m_session->list());
    finish(m_session->shutdown(ShutdownType::Graceful));

    finish(m_session->restart());

    QVERIFY(*m_result);
    QCOMPARE(m_backend->restarted, QStringList(u"Aurora"_s));
    QCOMPARE(m_session->notRestarted().size(), 1);
    QVERIFY(m_session->notRestarted().first().status.testFlag(ApplicationStatus::ErrorOnRestart));
}

void tst_RestartSession::whatEndedByItselfIsNotStarted()
{
    m_backend->add(u"Gone"_s, Temper::Vanishes);
    finish(m_session->list());
    finish(m_session->shutdown(ShutdownType::Graceful));

    finish(m_session->restart());

    QVERIFY(m_backend->restarted.isEmpty());
}

void tst_RestartSession::restartTwiceStartsNobodyTwice()
{
    m_backend->add(u"Aurora"_s, Temper::Polite);
    finish(m_session->list());
    finish(m_session->shutdown(ShutdownType::Graceful));

    finish(m_session->restart());
    finish(m_session->restart());

    QCOMPARE(m_backend->restarted, QStringList(u"Aurora"_s));
}

void tst_RestartSession::cancelledShutdownSaysSo()
{
    m_backend->add(u"Editor"_s, Temper::WaitsForUser);
    finish(m_session->list());
    const std::unique_ptr<Job> shutdown = m_session->shutdown(ShutdownType::Graceful);
    m_result.reset();
    connect(shutdown.get(), &Job::finished, this, [this](const Result<> &r) { m_result = r; });
    shutdown->start();
    QTRY_COMPARE(m_session->applications().first().closing, ClosingState::WaitingForUser);

    shutdown->cancel();

    QTRY_VERIFY(m_result);
    QCOMPARE(m_result->error().code, ErrorCode::Cancelled);
}

void tst_RestartSession::modelFollowsByDifference()
{
    AffectedApplicationModel model(m_session.get());
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    const QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    m_backend->add(u"Gone"_s, Temper::Vanishes);
    m_backend->add(u"Aurora"_s, Temper::Polite);
    finish(m_session->list());
    QCOMPARE(model.rowCount(), 2);
    const QPersistentModelIndex aurora = model.index(0); // by name, within a class

    finish(m_session->shutdown(ShutdownType::Graceful));
    m_backend->add(u"Newcomer"_s, Temper::Polite);
    finish(m_session->list());

    QCOMPARE(resets.count(), 0);
    QVERIFY(!changes.isEmpty());
    QVERIFY(aurora.isValid());
    QCOMPARE(aurora.row(), 0);
    QCOMPARE(model.index(1).data().toString(), u"Newcomer"_s);
    QCOMPARE(model.inTheWayCount(), 1);
}

void tst_RestartSession::aRowMovesWhenItsKindBecomesKnown()
{
    AffectedApplicationModel model(m_session.get());
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_backend->add(u"Zebra"_s, Temper::Polite);
    finish(m_session->list());
    const QPersistentModelIndex zebra = model.index(1);
    QCOMPARE(zebra.data().toString(), u"Zebra"_s);

    m_backend->find(u"Aurora"_s)->type = ApplicationType::Console;
    finish(m_session->list());

    QCOMPARE(zebra.row(), 0);
    QCOMPARE(zebra.data().toString(), u"Zebra"_s);
    QCOMPARE(model.index(1).data().toString(), u"Aurora"_s);
    QCOMPARE(resets.count(), 0);
}

// A QML or a terminal view has nothing but these names.
void tst_RestartSession::everyRoleHasANameAndAValue()
{
    m_backend->add(u"Aurora"_s, Temper::Polite);
    finish(m_session->list());
    const AffectedApplicationModel model(m_session.get());

    const QHash<int, QByteArray> names = model.roleNames();
    for (const char *name :
         {"name", "iconName", "process", "type", "status", "reason", "files", "holds",
          "restartability", "owner", "windowTitles", "canBeForced", "serviceName", "pid"}) {
        const int role = names.key(name, -1);
        QVERIFY2(role >= 0, name);
        QVERIFY2(model.index(0).data(role).isValid(), name);
    }
    QCOMPARE(model.index(0).data(AffectedApplicationModel::HoldsRole).toStringList(),
             QStringList(u"/file is loaded."_s));
}

void tst_RestartSession::aFilterOnWhoCannotBeClosedLetsTheOthersGoOn()
{
    m_backend->add(u"Display"_s, Temper::Polite);
    m_backend->last().type = ApplicationType::Critical;
    const UniqueProcess display = m_backend->last().process;
    m_backend->add(u"Aurora"_s, Temper::Polite);
    finish(m_session->shutdown(ShutdownType::Force));
    QVERIFY(m_backend->asked.isEmpty());

    QVERIFY(m_session->addFilter({display, FilterAction::NoShutdown}));
    finish(m_session->shutdown(ShutdownType::Graceful));

    QCOMPARE(m_backend->asked, QStringList(u"Aurora"_s));
    QVERIFY(m_session->isClear());
}

void tst_RestartSession::aSecondTaskIsRefusedAsBusy()
{
    m_backend->add(u"Aurora"_s, Temper::WaitsForUser);
    const std::unique_ptr<RestartTask> shutdown = m_session->shutdown(ShutdownType::Graceful);
    shutdown->start();

    const std::unique_ptr<RestartTask> list = m_session->list();
    m_result.reset();
    connect(list.get(), &Job::finished, this,
            [this](const Result<> &result) { m_result = result; });
    list->start();
    QTRY_VERIFY(m_result);

    QCOMPARE(list->code(), RestartCode::Busy);
    shutdown->cancel();
    QTRY_VERIFY(!shutdown->isRunning());
}

void tst_RestartSession::aRescuerStartsWhoWasAskedAndHasGone()
{
    ClosedApplication masked = onRecord(u"masked"_s, gone(3), true);
    masked.application.status |= ApplicationStatus::RestartMasked;
    FakeAbandonedSession::Fate fate;
    SessionStore::AbandonedSessions sessions;
    sessions.push_back(std::make_unique<FakeAbandonedSession>(
        QList{onRecord(u"editor"_s, gone(1), true), onRecord(u"not asked"_s, gone(2), false),
              masked, onRecord(u"service"_s, gone(4), true, ApplicationType::Service)},
        fate));

    finish(m_session->recover(std::move(sessions), std::chrono::minutes(5)));

    QVERIFY(m_result && *m_result);
    QCOMPARE(m_backend->restarted, QStringList({u"service"_s, u"editor"_s}));
    QVERIFY(!fate.left.contains(u"editor"_s));
    QVERIFY(fate.isForgotten);
}

void tst_RestartSession::aRescuerWaitsNoLongerThanItsPatience()
{
    const auto clock = std::make_shared<ManualClock>();
    FakeRestartBackend backend;
    FakeAbandonedSession::Fate fate;
    SessionStore::AbandonedSessions sessions;
    sessions.push_back(std::make_unique<FakeAbandonedSession>(
        QList{onRecord(u"alive"_s, uniqueProcess(QCoreApplication::applicationPid()), true),
              onRecord(u"editor"_s, gone(1), true)},
        fate));
    SessionRecovery recovery(std::move(sessions), backend, clock, std::chrono::minutes(5));
    QSignalSpy finished(&recovery, &Job::finished);

    recovery.start();
    QTRY_COMPARE(backend.restarted, QStringList(u"editor"_s));
    QTRY_COMPARE(fate.left, QStringList(u"alive"_s));
    clock->advance(std::chrono::minutes(5) - std::chrono::milliseconds(1));
    QCoreApplication::sendPostedEvents();
    QVERIFY(finished.isEmpty());
    clock->advance(std::chrono::milliseconds(1));

    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(backend.restarted, QStringList(u"editor"_s));
    QVERIFY(fate.isForgotten);
}

void tst_RestartSession::stateTextsAreWholeSentences()
{
    AffectedApplicationModel model(m_session.get());
    m_backend->add(u"Aurora"_s, Temper::WaitsForUser);
    finish(m_session->list());

    const QString before = model.index(0).data(AffectedApplicationModel::StateTextRole).toString();
    QVERIFY2(before.endsWith(u'.'), qPrintable(before));
}

void tst_RestartSession::whoIsOpenedAgainIsNamedAsThat()
{
    m_backend->add(u"Aurora"_s, Temper::Respawns);
    m_backend->last().executable = u"/opt/aurora/aurora"_s;
    m_backend->add(u"Notes"_s, Temper::Refuses);
    m_backend->last().executable = u"/opt/notes/notes"_s;
    const AffectedApplicationModel model(m_session.get());
    finish(m_session->shutdown(ShutdownType::Graceful));

    finish(m_session->list());

    const auto inTheWay = m_session->inTheWay();
    QCOMPARE(inTheWay.size(), 2);
    QVERIFY(inTheWay.first().reason.contains(u"opened again"_s));
    QVERIFY(!inTheWay.last().reason.contains(u"opened again"_s));
    QStringList states;
    for (int row = 0; row < model.rowCount(); ++row)
        states.append(model.index(row).data(AffectedApplicationModel::StateTextRole).toString());
    QVERIFY(states.contains(inTheWay.first().reason));
}

void tst_RestartSession::spec_063_everyClassIsStoppedInOrder()
{
    const QList<std::pair<QString, ApplicationType>> inOrder{
        {u"Window"_s, ApplicationType::MainWindow},
        {u"Terminal"_s, ApplicationType::Console},
        {u"Daemon"_s, ApplicationType::Service},
        {u"Desktop"_s, ApplicationType::Shell},
    };
    QStringList names;
    for (const auto &[name, type] : inOrder)
        names.append(name);
    for (auto one = inOrder.crbegin(); one != inOrder.crend(); ++one) {
        m_backend->add(one->first, Temper::Polite);
        m_backend->last().type = one->second;
    }

    finish(m_session->shutdown(ShutdownType::Graceful));

    QCOMPARE(m_backend->asked, names);
}

QTEST_GUILESS_MAIN(tst_RestartSession)
#include "tst_restartsession.moc"
