// SPDX-License-Identifier: MIT
#include "engine/installengine.h"
#include "engine/installlog.h"
#include "restart/affectedapplicationmodel.h"
#include "restart/sessionstore.h"
#include "support/fakerestartbackend.h"
#include "support/fakesystemrestart.h"
#include "support/faultshim.h"
#include "support/manualclock.h"
#include "support/sampleproduct.h"
#include "support/scripteduidelegate.h"
#include "transaction/transaction.h"

#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMetaEnum>
#include <QTemporaryDir>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using State = InstallEngine::State;
using Temper = FakeRestartBackend::Temper;

namespace {

const SampleProduct::Tree versionOne{
    {u"app"_s, "one"}, {u"data/same"_s, "same"}, {u"old"_s, "old"}};
const SampleProduct::Tree versionTwo{
    {u"app"_s, "two!"}, {u"data/same"_s, "same"}, {u"new"_s, "new"}};

} // namespace

class tst_InstallEngine : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void firstInstallationAsksNobody();
    void updateClosesSwapsAndReopens();
    void onceAllIsDoneTheSessionIsGone();
    void theLogTellsWhatBecameOfApplications();
    void theLimitOfServicesIsTheOptionsElseTheManifests();
    void theSystemStaysUpWhileFilesAreWrittenNotWhilePeopleThink();
    void onlyChangedFilesAreRegistered();
    void anEditedFileThatIsKeptIsNeitherSavedNorRegistered();
    void cancelInTheDialogChangesNothing();
    void aDialogThatDiesCountsAsCancel();
    void aSwapThatFailsLeavesTheOldVersionAndReopens();
    void aSwapThatIsRefusedForNobodyEnds();
    void afterARefusalCancelReopensThoseAlreadyClosed();
    void forceNeedsConsent();
    void continueWithoutClosingTouchesNobody();
    void aNewcomerLeadsBackIntoTheSameLoop();
    void whoIsOpenedAgainIsAskedOnceMoreAndThenNamed_data();
    void whoIsOpenedAgainIsAskedOnceMoreAndThenNamed();
    void whoComesInTheLastMomentIsAskedToo();
    void aProbeThatCannotTellIsFollowedByAList();
    void becauseOfALibraryOfEverybodyNobodyIsAsked();
    void anOldVersionInUseIsKeptForTheNextRun();
    void retryLooksAgain();
    void cancelWhileWaitingForAPersonReopens();
    void whoDoesNotComeBackIsReportedNotUndone();
    void reviseGoesBackToReady();
    void silentPolicies_data();
    void silentPolicies();
    void aSilentPolicyNeverClosesWhatCannotComeBack();
    void theTimeLimitEndsInCancelNeverInAClose();
    void theListStaysTrueWhileThePersonDecides();
    void downgradeIsRefused();

private:
    void installVersionOne();
    void begin(const Manifest &manifest, const InstallOptions &options = {});
    void finish(const Manifest &manifest, const InstallOptions &options = {});

    std::unique_ptr<SampleProduct> m_product;
    std::unique_ptr<ScriptedUiDelegate> m_ui;
    std::unique_ptr<InstallEngine> m_engine;
    std::unique_ptr<FakeRestartBackend> m_nextBackend;
    FakeRestartBackend *m_backend = nullptr;
    std::shared_ptr<ManualClock> m_clock;
    QList<State> m_states;
    QList<State> m_statesKeptUp; ///< those in which the system must not go down
    FakeSystemRestart *m_systemRestart = nullptr;
    std::shared_ptr<SessionStore> m_store; ///< mostly none
    bool m_isFinished = false;
};

void tst_InstallEngine::init()
{
    m_engine.reset();
    m_product = std::make_unique<SampleProduct>();
    m_ui = std::make_unique<ScriptedUiDelegate>();
    m_nextBackend = std::make_unique<FakeRestartBackend>();
    m_backend = m_nextBackend.get();
    FaultShim::reset();
    m_clock = std::make_shared<ManualClock>();
    m_store.reset();
}

void tst_InstallEngine::begin(const Manifest &manifest, const InstallOptions &options)
{
    if (!m_nextBackend)
        m_nextBackend = std::make_unique<FakeRestartBackend>();
    m_backend = m_nextBackend.get();
    m_states.clear();
    m_statesKeptUp.clear();
    m_isFinished = false;
    auto systemRestart = std::make_unique<FakeSystemRestart>();
    m_systemRestart = systemRestart.get();
    m_engine = std::make_unique<InstallEngine>(
        manifest, *m_ui,
        InstallEngine::Ports{
            std::move(m_nextBackend), m_clock, m_store, {}, {}, std::move(systemRestart)});
    connect(m_engine.get(), &InstallEngine::stateChanged, this, [this](State state) {
        m_states.append(state);
        if (!m_systemRestart->reason.isEmpty())
            m_statesKeptUp.append(state);
    });
    connect(m_engine.get(), &InstallEngine::finished, this, [this] {
        QVERIFY2(!m_isFinished, "finished() twice");
        m_isFinished = true;
    });
    m_engine->start(options);
}

void tst_InstallEngine::finish(const Manifest &manifest, const InstallOptions &options)
{
    begin(manifest, options);
    QTRY_VERIFY(m_isFinished);
}

void tst_InstallEngine::installVersionOne()
{
    std::unique_ptr<FakeRestartBackend> kept = std::move(m_nextBackend);
    finish(m_product->offer(u"1.0"_s, versionOne));
    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
    QCOMPARE(m_product->installed(), versionOne);
    m_engine.reset();
    m_nextBackend = std::move(kept);
    m_backend = m_nextBackend.get();
}

void tst_InstallEngine::firstInstallationAsksNobody()
{
    finish(m_product->offer(u"1.0"_s, versionOne));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
    QCOMPARE(m_ui->filesInUseQuestions, 0);
    QCOMPARE(m_product->installed(), versionOne);
    QVERIFY(m_product->besideTarget().isEmpty());
    QCOMPARE(m_states,
             QList<State>({State::Detecting, State::Planning, State::Reviewing, State::Extracting,
                           State::CheckingFilesInUse, State::Extracting, State::Committing,
                           State::Relaunching, State::Succeeded}));
}

void tst_InstallEngine::updateClosesSwapsAndReopens()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false}};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
    QCOMPARE(m_ui->reviews.last().applicationsToClose, 1);
    QCOMPARE(m_backend->asked, QStringList(u"Aurora"_s));
    QCOMPARE(m_backend->restarted, QStringList(u"Aurora"_s));
    QCOMPARE(m_engine->outcome().reopened.size(), 1);
    QCOMPARE(m_product->installed(), versionTwo);
    QVERIFY(m_product->besideTarget().isEmpty());
}

// The last page may stay open for hours, and the installer may be killed then.
void tst_InstallEngine::onceAllIsDoneTheSessionIsGone()
{
    installVersionOne();
    const QTemporaryDir runtime;
    SessionStoreSettings settings;
    settings.directory = runtime.filePath(u"store"_s);
    m_store = createSessionStore(m_clock, settings);
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false}};
    const QDir sessions(settings.directory + u"/sessions"_s);
    QStringList whileClosing;

    begin(m_product->offer(u"2.0"_s, versionTwo));
    connect(m_engine.get(), &InstallEngine::stateChanged, this, [&](State state) {
        if (state == State::ShuttingDown)
            whileClosing = sessions.entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
    });
    QTRY_VERIFY(m_isFinished);

    QCOMPARE(m_engine->outcome().reopened.size(), 1);
    QCOMPARE(whileClosing.size(), 1);
    QCOMPARE(sessions.entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList());
}

void tst_InstallEngine::theLogTellsWhatBecameOfApplications()
{
    installVersionOne();
    const QTemporaryDir folder;
    InstallOptions options;
    options.logFile = folder.filePath(u"text"_s);
    options.jsonLogFile = folder.filePath(u"json"_s);
    const auto log = InstallLog::open(options);
    QVERIFY(log);
    m_backend->add(u"Aurora"_s, Temper::FailsToReturn);
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false}};
    begin(m_product->offer(u"2.0"_s, versionTwo), options);
    (*log)->follow(*m_engine);
    QTRY_VERIFY(m_isFinished);

    QFile text(options.logFile);
    QFile json(options.jsonLogFile);
    QVERIFY(text.open(QIODevice::ReadOnly) && json.open(QIODevice::ReadOnly));
    QVERIFY(text.readAll().contains("Aurora (process 1000) is closed."));
    QMap<QString, QJsonObject> events;
    for (const QByteArray &line : json.readAll().trimmed().split('\n')) {
        const QJsonObject object = QJsonDocument::fromJson(line).object();
        events.insert(object[u"event"_s].toString(), object);
    }
    QCOMPARE(events[u"application-closed"_s][u"pid"_s].toString(), u"1000"_s);
    QCOMPARE(events[u"application-closed"_s][u"level"_s].toString(), u"info"_s);
    const QJsonObject failed = events[u"restart-failed"_s];
    QCOMPARE(failed[u"name"_s].toString(), u"Aurora"_s);
    QCOMPARE(failed[u"reason"_s].toString(), u"It would not start."_s);
    QCOMPARE(failed[u"level"_s].toString(), u"warning"_s);
    QVERIFY(failed[u"message"_s].toString().endsWith(u"It would not start."_s));
}

void tst_InstallEngine::theLimitOfServicesIsTheOptionsElseTheManifests()
{
    Manifest manifest = m_product->offer(u"1.0"_s, versionOne);
    finish(manifest);
    QCOMPARE(m_backend->serviceLimitSet, RestartBackend::serviceLimit);
    manifest.serviceTimeout = 45s;
    finish(manifest);
    QCOMPARE(m_backend->serviceLimitSet, 45s);
    InstallOptions options;
    options.serviceTimeout = 7s;
    finish(manifest, options);
    QCOMPARE(m_backend->serviceLimitSet, 7s);
}

void tst_InstallEngine::theSystemStaysUpWhileFilesAreWrittenNotWhilePeopleThink()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false}};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QVERIFY(m_states.contains(State::AwaitingDecision));
    QCOMPARE(m_statesKeptUp, QList<State>({State::Extracting, State::Extracting, State::Committing,
                                           State::Relaunching}));
    QVERIFY(m_systemRestart->reason.isEmpty());
}

void tst_InstallEngine::onlyChangedFilesAreRegistered()
{
    installVersionOne();

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QStringList registered = m_backend->registered.files;
    registered.sort();
    QCOMPARE(registered,
             QStringList({m_product->target() + u"/app"_s, m_product->target() + u"/old"_s}));
}

void tst_InstallEngine::anEditedFileThatIsKeptIsNeitherSavedNorRegistered()
{
    installVersionOne();
    SampleProduct::write(m_product->target() + u"/app"_s, "edited");
    Manifest manifest = m_product->offer(u"2.0"_s, versionTwo);
    manifest.editedFiles = {{u"app"_s, EditedFilePolicy::Keep, {}}};
    QStringList notes;

    begin(manifest);
    connect(m_engine.get(), &InstallEngine::noted, this,
            [&](const QString &sentence) { notes.append(sentence); });
    QTRY_VERIFY(m_isFinished);

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
    QCOMPARE(m_product->installed(), (SampleProduct::Tree{{u"app"_s, "edited"},
                                                          {u"app.new"_s, "two!"},
                                                          {u"data/same"_s, "same"},
                                                          {u"new"_s, "new"}}));
    QCOMPARE(m_engine->plan().filesInTheWay(), QStringList{m_product->target() + u"/old"_s});
    QVERIFY(m_engine->outcome().backups.isEmpty());
    QCOMPARE(notes.size(), 1);
    QVERIFY2(notes.first().contains(u"app.new"_s), qPrintable(notes.first()));
}

void tst_InstallEngine::cancelInTheDialogChangesNothing()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_ui->answers = {{FilesInUseDecision::Cancel, {}, false}};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Cancelled);
    QCOMPARE(m_engine->state(), State::Cancelled);
    QVERIFY(m_backend->asked.isEmpty());
    QCOMPARE(m_product->installed(), versionOne);
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_InstallEngine::aDialogThatDiesCountsAsCancel()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_ui->dieWithoutAnswer = true;

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Cancelled);
    QVERIFY(m_backend->asked.isEmpty());
}

void tst_InstallEngine::aSwapThatFailsLeavesTheOldVersionAndReopens()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false}};
    begin(m_product->offer(u"2.0"_s, versionTwo));
    connect(m_engine.get(), &InstallEngine::stateChanged, this, [](State state) {
        if (state == State::Committing)
            FaultShim::fail(FaultShim::Call::Renameat2,
                            FaultShim::count(FaultShim::Call::Renameat2) + 1, EIO,
                            FaultShim::Lasting::FromThenOn);
        else
            FaultShim::reset();
    });
    QTRY_VERIFY(m_isFinished);

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Failed);
    QCOMPARE(m_product->installed(), versionOne);
    QVERIFY(m_product->besideTarget().isEmpty());
    QCOMPARE(m_backend->restarted, QStringList(u"Aurora"_s));
}

void tst_InstallEngine::aSwapThatIsRefusedForNobodyEnds()
{
    installVersionOne();
    begin(m_product->offer(u"2.0"_s, versionTwo));
    bool isArranged = false;
    connect(m_engine.get(), &InstallEngine::stateChanged, this, [&isArranged](State state) {
        if (state == State::RollingBack)
            FaultShim::reset();
        if (state != State::Committing || std::exchange(isArranged, true))
            return;
        // In use, says the system; by nobody, says the list.
        FaultShim::fail(FaultShim::Call::Renameat2,
                        FaultShim::count(FaultShim::Call::Renameat2) + 1, EBUSY,
                        FaultShim::Lasting::FromThenOn);
    });
    QTRY_VERIFY(m_isFinished);

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::FilesInUse);
    QCOMPARE(m_product->installed(), versionOne);
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_InstallEngine::afterARefusalCancelReopensThoseAlreadyClosed()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_backend->add(u"Stubborn"_s, Temper::Refuses);
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false},
                     {FilesInUseDecision::Cancel, {}, false}};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_ui->filesInUseQuestions, 2);
    QCOMPARE(m_engine->outcome().exitCode, ExitCode::CancelledRolledBack);
    QCOMPARE(m_backend->restarted, QStringList(u"Aurora"_s));
    QVERIFY(m_backend->forced.isEmpty());
    QCOMPARE(m_product->installed(), versionOne);
}

void tst_InstallEngine::forceNeedsConsent()
{
    installVersionOne();
    m_backend->add(u"Stubborn"_s, Temper::Refuses);
    const UniqueProcess stubborn = m_backend->last().process;
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false},
                     {FilesInUseDecision::ForceClose, {stubborn}, false}};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
    QCOMPARE(m_backend->forced, QStringList(u"Stubborn"_s));
    QCOMPARE(m_product->installed(), versionTwo);
}

void tst_InstallEngine::continueWithoutClosingTouchesNobody()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_ui->answers = {{FilesInUseDecision::ContinueWithoutClosing, {}, false}};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::DoneRestartNeeded);
    QCOMPARE(m_engine->outcome().keptOldVersion.size(), 1);
    QVERIFY(m_backend->asked.isEmpty());
    QCOMPARE(m_product->installed(), versionTwo);
}

void tst_InstallEngine::aNewcomerLeadsBackIntoTheSameLoop()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Respawns);
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false},
                     {FilesInUseDecision::CloseApplications, {}, false}};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_ui->filesInUseQuestions, 2);
    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
    QCOMPARE(m_product->installed(), versionTwo);
}

void tst_InstallEngine::whoIsOpenedAgainIsAskedOnceMoreAndThenNamed_data()
{
    QTest::addColumn<Temper>("temper");
    QTest::addColumn<int>("asked");
    QTest::addColumn<ExitCode>("exitCode");

    QTest::newRow("once") << Temper::Respawns << 2 << ExitCode::Done;
    QTest::newRow("for ever") << Temper::AlwaysRespawns << 2 << ExitCode::FilesInUse;
    QTest::newRow("has refused") << Temper::Refuses << 1 << ExitCode::FilesInUse;
}

void tst_InstallEngine::whoIsOpenedAgainIsAskedOnceMoreAndThenNamed()
{
    QFETCH(const Temper, temper);
    QFETCH(const int, asked);
    QFETCH(const ExitCode, exitCode);
    installVersionOne();
    m_backend->add(u"Aurora"_s, temper);
    InstallOptions options;
    options.silent = true;
    options.inUsePolicy = InUsePolicy::Close;

    finish(m_product->offer(u"2.0"_s, versionTwo), options);

    QCOMPARE(m_backend->asked.size(), asked);
    QCOMPARE(m_engine->outcome().exitCode, exitCode);
    if (exitCode == ExitCode::FilesInUse)
        QVERIFY(m_engine->outcome().message.contains(u"Aurora"_s));
    else
        QCOMPARE(m_product->installed(), versionTwo);
}

void tst_InstallEngine::whoComesInTheLastMomentIsAskedToo()
{
    installVersionOne();
    m_backend->beforeProbe = [this] { m_backend->add(u"Late"_s, Temper::Polite); };
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false}};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
    QCOMPARE(m_ui->filesInUseQuestions, 1);
    QCOMPARE(m_backend->asked, QStringList(u"Late"_s));
    QCOMPARE(m_backend->restarted, QStringList(u"Late"_s));
    QCOMPARE(m_product->installed(), versionTwo);
    QVERIFY(m_states.count(State::CheckingFilesInUse) >= 2);
}

void tst_InstallEngine::aProbeThatCannotTellIsFollowedByAList()
{
    installVersionOne();
    m_backend->cannotTell = true;

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
    QCOMPARE(m_states.count(State::CheckingFilesInUse), 2);
    QCOMPARE(m_product->installed(), versionTwo);
}

// It is in use at any time: to look again until it is free would be for ever (spec 54).
void tst_InstallEngine::becauseOfALibraryOfEverybodyNobodyIsAsked()
{
    installVersionOne();
    m_backend->ubiquitous = {m_product->target() + u"/app"_s};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_ui->filesInUseQuestions, 0);
    QCOMPARE(m_product->installed(), versionTwo);
    QCOMPARE(m_engine->outcome().advisedLevel, RestartLevel::Session);
    QVERIFY(!m_engine->outcome().advice().isEmpty());
    QCOMPARE(m_engine->outcome().exitCode, ExitCode::DoneRestartNeeded);
}

void tst_InstallEngine::anOldVersionInUseIsKeptForTheNextRun()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_ui->answers = {{FilesInUseDecision::ContinueWithoutClosing, {}, false}};
    finish(m_product->offer(u"2.0"_s, versionTwo));
    QCOMPARE(m_engine->outcome().exitCode, ExitCode::DoneRestartNeeded);
    const QStringList kept = Transaction::keptTrees(m_product->target());
    QCOMPARE(kept.size(), 1);
    QVERIFY(QFile::exists(kept.first() + u"/old"_s));

    finish(m_product->offer(u"3.0"_s, versionOne));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_InstallEngine::retryLooksAgain()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_ui->answers = {{FilesInUseDecision::Retry, {}, false},
                     {FilesInUseDecision::CloseApplications, {}, false}};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_ui->filesInUseQuestions, 2);
    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
}

void tst_InstallEngine::cancelWhileWaitingForAPersonReopens()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    m_backend->add(u"Editor"_s, Temper::WaitsForUser);
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false}};
    begin(m_product->offer(u"2.0"_s, versionTwo));
    QTRY_VERIFY(m_backend->asked.contains(u"Editor"_s));

    m_engine->cancel();

    QTRY_VERIFY(m_isFinished);
    QCOMPARE(m_engine->outcome().exitCode, ExitCode::CancelledRolledBack);
    QCOMPARE(m_backend->restarted, QStringList(u"Aurora"_s));
    QCOMPARE(m_product->installed(), versionOne);
}

void tst_InstallEngine::whoDoesNotComeBackIsReportedNotUndone()
{
    installVersionOne();
    m_backend->add(u"Broken"_s, Temper::FailsToReturn);
    m_ui->answers = {{FilesInUseDecision::CloseApplications, {}, false}};

    finish(m_product->offer(u"2.0"_s, versionTwo));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::DoneSomeNotReopened);
    QCOMPARE(m_engine->outcome().notReopened.size(), 1);
    QCOMPARE(m_product->installed(), versionTwo);
}

void tst_InstallEngine::reviseGoesBackToReady()
{
    m_ui->reviewDecision = ReviewDecision::Revise;
    begin(m_product->offer(u"1.0"_s, versionOne));
    QTRY_COMPARE(m_engine->state(), State::Ready);
    QVERIFY(!m_isFinished);

    m_ui->reviewDecision = ReviewDecision::Install;
    m_engine->start({});

    QTRY_VERIFY(m_isFinished);
    QCOMPARE(m_engine->outcome().exitCode, ExitCode::Done);
}

void tst_InstallEngine::silentPolicies_data()
{
    QTest::addColumn<InUsePolicy>("policy");
    QTest::addColumn<Temper>("temper");
    QTest::addColumn<ExitCode>("exitCode");
    QTest::addColumn<bool>("isUpdated");

    QTest::newRow("ask is fail") << InUsePolicy::Ask << Temper::Polite << ExitCode::FilesInUse
                                 << false;
    QTest::newRow("fail") << InUsePolicy::Fail << Temper::Polite << ExitCode::FilesInUse << false;
    QTest::newRow("close, polite")
        << InUsePolicy::Close << Temper::Polite << ExitCode::Done << true;
    QTest::newRow("close, refuses")
        << InUsePolicy::Close << Temper::Refuses << ExitCode::FilesInUse << false;
    QTest::newRow("force, refuses")
        << InUsePolicy::Force << Temper::Refuses << ExitCode::Done << true;
    QTest::newRow("skip") << InUsePolicy::Skip << Temper::Refuses << ExitCode::DoneRestartNeeded
                          << true;
}

void tst_InstallEngine::silentPolicies()
{
    QFETCH(const InUsePolicy, policy);
    QFETCH(const Temper, temper);
    QFETCH(const ExitCode, exitCode);
    QFETCH(const bool, isUpdated);
    installVersionOne();
    m_backend->add(u"Aurora"_s, temper);
    InstallOptions options;
    options.silent = true;
    options.inUsePolicy = policy;

    finish(m_product->offer(u"2.0"_s, versionTwo), options);

    QCOMPARE(m_engine->outcome().exitCode, exitCode);
    QCOMPARE(m_product->installed(), isUpdated ? versionTwo : versionOne);
    // Who still runs the old version has it.
    QCOMPARE(m_product->besideTarget().size(), policy == InUsePolicy::Skip ? 1 : 0);
    QCOMPARE(Transaction::keptTrees(m_product->target()).size(), m_product->besideTarget().size());
    QCOMPARE(m_ui->filesInUseQuestions, 0);
}

void tst_InstallEngine::aSilentPolicyNeverClosesWhatCannotComeBack()
{
    installVersionOne();
    m_backend->add(u"vim in a terminal"_s, Temper::Polite);
    m_backend->last().restartability = Restartability::Cannot;
    InstallOptions options;
    options.silent = true;
    options.inUsePolicy = InUsePolicy::Close;

    finish(m_product->offer(u"2.0"_s, versionTwo), options);

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::FilesInUse);
    QVERIFY(m_backend->asked.isEmpty());
}

void tst_InstallEngine::theTimeLimitEndsInCancelNeverInAClose()
{
    installVersionOne();
    m_backend->add(u"Editor"_s, Temper::WaitsForUser);
    InstallOptions options;
    options.silent = true;
    options.inUsePolicy = InUsePolicy::Close;
    options.inUseTimeout = 60s;
    begin(m_product->offer(u"2.0"_s, versionTwo), options);
    QTRY_COMPARE(m_backend->asked.size(), 1);

    m_clock->advance(61s);

    QTRY_VERIFY(m_isFinished);
    QCOMPARE(m_engine->outcome().exitCode, ExitCode::FilesInUse);
    QVERIFY(m_backend->forced.isEmpty());
    QCOMPARE(m_product->installed(), versionOne);
}

void tst_InstallEngine::theListStaysTrueWhileThePersonDecides()
{
    installVersionOne();
    m_backend->add(u"Aurora"_s, Temper::Polite);
    begin(m_product->offer(u"2.0"_s, versionTwo));
    QTRY_COMPARE(m_engine->state(), State::AwaitingDecision);
    QCOMPARE(m_engine->affectedApplications().rowCount(), 1);

    // Nine looks only at those who are known, the tenth at everybody.
    m_backend->add(u"Newcomer"_s, Temper::Polite);
    const int lists = m_backend->lists;
    const auto looksAgain = [this] {
        m_clock->advance(1500ms); // nothing, while a look is under way
        return m_backend->refreshes == 9;
    };
    QTRY_VERIFY(looksAgain());
    QCOMPARE(m_backend->lists, lists);
    QCOMPARE(m_engine->affectedApplications().rowCount(), 1);

    QTRY_VERIFY((m_clock->advance(1500ms), m_engine->affectedApplications().rowCount() == 2));
    QCOMPARE(m_engine->state(), State::AwaitingDecision);
}

void tst_InstallEngine::downgradeIsRefused()
{
    finish(m_product->offer(u"2.0"_s, versionTwo));

    finish(m_product->offer(u"1.0"_s, versionOne));

    QCOMPARE(m_engine->outcome().exitCode, ExitCode::DowngradeRefused);
    QCOMPARE(m_product->installed(), versionTwo);
}

QTEST_GUILESS_MAIN(tst_InstallEngine)
#include "tst_installengine.moc"
