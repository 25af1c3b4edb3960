// SPDX-License-Identifier: MIT
#include "engine/installengine.h"
#include "engine/maintenance.h"
#include "guardian/deferredswap.h"
#include "guardian/guardian.h"
#include "support/applicationfleet.h"
#include "support/fakerestartbackend.h"
#include "support/faultshim.h"
#include "support/manualclock.h"
#include "support/sampleproduct.h"
#include "support/scripteduidelegate.h"
#include "support/victiminstaller.h"
#include "transaction/deferredversion.h"
#include "transaction/transaction.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>

#include <cerrno>
#include <csignal>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Call = FaultShim::Call;
using State = InstallEngine::State;
using Temper = FakeRestartBackend::Temper;

/// An installation that waits until nobody uses the files: what stands on the disk meanwhile, who
/// sees it through, who drops it, and that no kill loses it. The installers, guardians and
/// finishers are this executable with other arguments.
class tst_Defer : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void thePolicyLeavesTheOldVersionAndClosesNobody();
    void thePersonMayDefer();
    void aFirstInstallationCannotBeDeferred();
    void whatWaitsIsPutInPlaceWhole_data();
    void whatWaitsIsPutInPlaceWhole();
    void anEditedFileThatIsKeptIsNotSavedTwice();
    void whatWasMergedIsSavedOnce();
    void aSwapThatFailsLetsItWaitOn();
    void whatDoesNotFitAnyMoreIsDropped();
    void aStageThatLostAFileIsDropped();

    void spec_120_anInstallationOverAWaitingOneTakesItsPlace();
    void spec_120_aDeferredOneTakesThePlaceOfTheOneBefore();
    void spec_120_whoCancelsLeavesTheWaitingOne();
    void spec_120_whatWaitsIsPutInPlaceByTheNextRunIfItCan();

    void listShowsWhatWaits();
    void listShowsWhoIsWaitedFor();
    void cancelDropsIt();

    void aKillWhileDeferringLosesNothing_data();
    void aKillWhileDeferringLosesNothing();
    void aKillWhileReplacingLosesNeither_data();
    void aKillWhileReplacingLosesNeither();
    void aKillWhilePuttingInPlaceIsMadeGoodByTheNextStart_data();
    void aKillWhilePuttingInPlaceIsMadeGoodByTheNextStart();

    void theGuardianWaitsForTheLastHolder();
    void whoLetsGoAndLivesOnIsNoticedToo();
    void whenTheGuardianIsDeadTheNextLoginFinishes();
    void aSignalEndsAGuardianThatWaits();
    void recoverSaysWhoIsStillThere();

private:
    void install(const QString &version);
    int run(const Manifest &manifest, const InstallOptions &options);
    int deferVersion(const QString &version);
    std::optional<DeferredVersion> waiting() const;
    QString maintain(InstallOptions::Command command, int expected = 0, bool json = false) const;
    int exitCodeOf(const QStringList &arguments, const QString &fault = {}) const;
    QStringList autostart() const;
    QProcessEnvironment environment() const;

    std::unique_ptr<SampleProduct> m_product;
    std::unique_ptr<ApplicationFleet> m_fleet;
    std::unique_ptr<ScriptedUiDelegate> m_ui;
    FakeRestartBackend *m_backend = nullptr; ///< of the last run
    QString m_holder;                        ///< who is in the way of the next run; empty: nobody
    QStringList m_notes;
    State m_state = State::Ready;
};

namespace {

SampleProduct::Tree treeOf(const QString &version)
{
    return {{u"app"_s, "application " + version.toUtf8()},
            {u"data/same"_s, "same"},
            {u"etc/settings"_s, "settings " + version.toUtf8()},
            {u"only-in-"_s + version, "x"}};
}

InstallOptions policy(InUsePolicy policy)
{
    InstallOptions options;
    options.silent = true;
    options.inUsePolicy = policy;
    return options;
}

} // namespace

void tst_Defer::init()
{
    FaultShim::reset();
    m_product = std::make_unique<SampleProduct>();
    m_fleet = std::make_unique<ApplicationFleet>(m_product->folder());
    m_ui = std::make_unique<ScriptedUiDelegate>();
    m_holder.clear();
    QDir().mkpath(QFileInfo(m_product->target()).path());
    qputenv("XDG_CONFIG_HOME", QFile::encodeName(m_product->folder() + "/config"_L1));
    install(u"1.0"_s);
}

void tst_Defer::cleanup()
{
    FaultShim::reset();
    for (const pid_t pid : m_fleet->strangers())
        ::kill(pid, SIGKILL);
    QTRY_VERIFY(m_fleet->strangers().isEmpty());
    m_fleet.reset();
}

int tst_Defer::run(const Manifest &manifest, const InstallOptions &options)
{
    auto backend = std::make_unique<FakeRestartBackend>();
    m_backend = backend.get();
    if (!m_holder.isEmpty())
        m_backend->add(m_holder, Temper::Polite);
    m_notes.clear();
    InstallEngine engine(
        manifest, *m_ui,
        InstallEngine::Ports{std::move(backend), std::make_shared<ManualClock>(), nullptr, {}, {}});
    connect(&engine, &InstallEngine::noted, this,
            [this](const QString &note) { m_notes.append(note); });
    QEventLoop loop;
    connect(&engine, &InstallEngine::finished, &loop, &QEventLoop::quit, Qt::QueuedConnection);
    engine.start(options);
    loop.exec();
    m_state = engine.state();
    m_backend = nullptr;
    return int(engine.outcome().exitCode);
}

void tst_Defer::install(const QString &version)
{
    QCOMPARE(run(m_product->offer(version, treeOf(version)), policy(InUsePolicy::Fail)), 0);
    QCOMPARE(m_product->installed(), treeOf(version));
}

int tst_Defer::deferVersion(const QString &version)
{
    m_holder = u"Editor"_s;
    const int exitCode =
        run(m_product->offer(version, treeOf(version)), policy(InUsePolicy::Defer));
    m_holder.clear();
    return exitCode;
}

std::optional<DeferredVersion> tst_Defer::waiting() const
{
    const Result<std::optional<DeferredVersion>> version = DeferredVersion::of(m_product->target());
    if (!version)
        qFatal("%s", qPrintable(version.error().message));
    return *version;
}

QStringList tst_Defer::autostart() const
{
    return QDir(m_product->folder() + "/config/autostart"_L1).entryList(QDir::Files);
}

QProcessEnvironment tst_Defer::environment() const
{
    QProcessEnvironment environment = m_fleet->environment();
    environment.insert(u"XDG_CONFIG_HOME"_s, m_product->folder() + "/config"_L1);
    return environment;
}

/// What this executable returns for \a arguments; -1 if it was killed.
int tst_Defer::exitCodeOf(const QStringList &arguments, const QString &fault) const
{
    QProcess process;
    QProcessEnvironment inherited = environment();
    if (!fault.isEmpty()) {
        inherited.insert(u"ENTRACTE_FAULT"_s, fault);
        inherited.insert(u"ENTRACTE_FAULT_BELOW"_s, QFileInfo(m_product->target()).path());
    }
    process.setProcessEnvironment(inherited);
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(QCoreApplication::applicationFilePath(), arguments);
    if (!process.waitForFinished(60'000) || process.exitStatus() == QProcess::CrashExit)
        return -1;
    return process.exitCode();
}

void tst_Defer::thePolicyLeavesTheOldVersionAndClosesNobody()
{
    const Manifest manifest = m_product->offer(u"2.0"_s, treeOf(u"2.0"_s));
    m_holder = u"Editor"_s;

    QCOMPARE(run(manifest, policy(InUsePolicy::Defer)), 7);

    QCOMPARE(m_state, State::Deferred);
    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
    QVERIFY(waiting());
    QCOMPARE(waiting()->version.toString(), u"2.0"_s);
    QVERIFY(!waiting()->isObsolete);
    QStringList files = waiting()->filesInTheWay;
    files.sort();
    const QString target = m_product->target();
    QCOMPARE(files, QStringList({target + "/app"_L1, target + "/etc/settings"_L1,
                                 target + "/only-in-1.0"_L1}));
    QVERIFY(Transaction::recover(target)); // is no reason to undo it
    QVERIFY(waiting());
}

void tst_Defer::thePersonMayDefer()
{
    m_ui->answers = {{FilesInUseDecision::Defer, {}, false}};
    m_holder = u"Editor"_s;

    QCOMPARE(run(m_product->offer(u"2.0"_s, treeOf(u"2.0"_s)), {}), 7);

    QCOMPARE(m_ui->filesInUseQuestions, 1);
    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
    QVERIFY(waiting());
}

void tst_Defer::aFirstInstallationCannotBeDeferred()
{
    // Something foreign stands where the product shall be, and somebody uses it.
    InstallOptions options = policy(InUsePolicy::Defer);
    options.targetDirectory = m_product->folder() + "/elsewhere"_L1;
    SampleProduct::write(options.targetDirectory + "/app"_L1, "foreign");
    m_holder = u"Editor"_s;

    QCOMPARE(run(m_product->offer(u"2.0"_s, treeOf(u"2.0"_s)), options), 6);

    QVERIFY(!DeferredVersion::isPresent(options.targetDirectory));
}

void tst_Defer::whatWaitsIsPutInPlaceWhole_data()
{
    QTest::addColumn<bool>("isPerFile");
    QTest::addColumn<bool>("hasHardLinks");
    QTest::newRow("in one instant") << false << true;
    QTest::newRow("without hard links") << false << false;
    QTest::newRow("file by file") << true << true;
}

void tst_Defer::whatWaitsIsPutInPlaceWhole()
{
    QFETCH(const bool, isPerFile);
    QFETCH(const bool, hasHardLinks);
    const QString target = m_product->target();
    SampleProduct::write(target + "/notes"_L1, "before");
    SampleProduct::write(target + "/letters/one"_L1, "one");
    if (isPerFile) // the volume seems to exchange nothing
        FaultShim::fail(Call::Renameat2, FaultShim::count(Call::Renameat2) + 1, EINVAL);
    if (!hasHardLinks)
        FaultShim::fail(Call::Linkat, FaultShim::count(Call::Linkat) + 1, EPERM,
                        FaultShim::Lasting::FromThenOn);
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    // What people do meanwhile, in whichever way their programs save.
    SampleProduct::write(target + "/notes"_L1, "after");
    SampleProduct::write(target + "/letters/two"_L1, "two");
    QVERIFY(QFile::remove(target + "/letters/one"_L1));
    SampleProduct::write(target + "/letters/one"_L1, "one, again");
    SampleProduct::write(target + "/etc/settings"_L1, "mine, and longer");

    {
        const Result<std::unique_ptr<Transaction>> transaction = Transaction::reopen(target);
        QVERIFY2(transaction, transaction ? "" : qPrintable(transaction.error().message));
        QVERIFY(*transaction);
        QCOMPARE((*transaction)->isPerFile(), isPerFile);
        QCOMPARE(Transaction::reopen(target).error().code, ErrorCode::AlreadyRunning);
        QVERIFY((*transaction)->commit());
        QVERIFY((*transaction)->close());
    }

    SampleProduct::Tree expected = treeOf(u"2.0"_s);
    expected[u"notes"_s] = "after";
    expected[u"letters/one"_s] = "one, again";
    expected[u"letters/two"_s] = "two";
    expected[u"etc/settings.saved"_s] = "mine, and longer";
    QCOMPARE(m_product->installed(), expected);
    QVERIFY(m_product->besideTarget().isEmpty());
    QVERIFY(!waiting());
    QVERIFY(*Transaction::reopen(target) == nullptr);
}

void tst_Defer::anEditedFileThatIsKeptIsNotSavedTwice()
{
    const QString target = m_product->target();
    SampleProduct::write(target + "/etc/settings"_L1, "edited before");
    Manifest manifest = m_product->offer(u"2.0"_s, treeOf(u"2.0"_s));
    manifest.editedFiles = {{u"etc/*"_s, EditedFilePolicy::Keep, {}}};
    m_holder = u"Editor"_s;
    QCOMPARE(run(manifest, policy(InUsePolicy::Defer)), 7);
    QVERIFY(QFile::remove(target + "/etc/settings"_L1)); // as editors save
    SampleProduct::write(target + "/etc/settings"_L1, "edited after");

    {
        const Result<std::unique_ptr<Transaction>> transaction = Transaction::reopen(target);
        QVERIFY(transaction && *transaction && (*transaction)->commit() && (*transaction)->close());
    }

    SampleProduct::Tree expected = treeOf(u"2.0"_s);
    expected[u"etc/settings.new"_s] = expected[u"etc/settings"_s];
    expected[u"etc/settings"_s] = "edited after";
    QCOMPARE(m_product->installed(), expected);
}

void tst_Defer::whatWasMergedIsSavedOnce()
{
    const QString target = m_product->target();
    SampleProduct::write(target + "/etc/settings"_L1, "mine, ");
    const QString program = m_product->folder() + "/merge"_L1;
    SampleProduct::write(program, "#!/bin/sh\ncat \"$1\" \"$2\" > \"$3\"\n");
    QFile::setPermissions(program, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    Manifest manifest = m_product->offer(u"2.0"_s, treeOf(u"2.0"_s));
    manifest.editedFiles = {{u"etc/*"_s, EditedFilePolicy::Merge, program}};
    m_holder = u"Editor"_s;
    QCOMPARE(run(manifest, policy(InUsePolicy::Defer)), 7);

    {
        const Result<std::unique_ptr<Transaction>> transaction = Transaction::reopen(target);
        QVERIFY(transaction && *transaction && (*transaction)->commit() && (*transaction)->close());
    }

    SampleProduct::Tree expected = treeOf(u"2.0"_s);
    expected[u"etc/settings"_s] = "mine, settings 2.0";
    expected[u"etc/settings.saved"_s] = "mine, ";
    const SampleProduct::Tree installed = m_product->installed();
    QVERIFY2(installed == expected, qPrintable(installed.keys().join(u' ')));
}

void tst_Defer::aSwapThatFailsLetsItWaitOn()
{
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    const QString target = m_product->target();
    {
        const Result<std::unique_ptr<Transaction>> transaction = Transaction::reopen(target);
        QVERIFY(transaction && *transaction);
        FaultShim::fail(Call::Renameat2, FaultShim::count(Call::Renameat2) + 1, EIO,
                        FaultShim::Lasting::FromThenOn);
        QVERIFY(!(*transaction)->commit());
        FaultShim::reset();
    }

    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
    QVERIFY(waiting() && !waiting()->isObsolete);
    {
        const Result<std::unique_ptr<Transaction>> transaction = Transaction::reopen(target);
        QVERIFY2(transaction, transaction ? "" : qPrintable(transaction.error().message));
        QVERIFY(*transaction && (*transaction)->commit() && (*transaction)->close());
    }
    QCOMPARE(m_product->installed(), treeOf(u"2.0"_s));
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_Defer::whatDoesNotFitAnyMoreIsDropped()
{
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    // Another installer, which knows nothing of waiting: the place is out of its sight.
    const QString place = QFileInfo(m_product->target()).path() + "/.Sample.entracte-deferred"_L1;
    QVERIFY(QDir().rename(place, place + "-hidden"_L1));
    install(u"3.0"_s);
    QVERIFY(QDir().rename(place + "-hidden"_L1, place));
    QVERIFY(waiting()->isObsolete);

    const Result<std::unique_ptr<Transaction>> transaction =
        Transaction::reopen(m_product->target());

    QVERIFY(!transaction);
    QVERIFY(transaction.error().message.contains(u"2.0"_s));
    QCOMPARE(m_product->installed(), treeOf(u"3.0"_s));
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_Defer::aStageThatLostAFileIsDropped()
{
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    QVERIFY(QFile::remove(QFileInfo(m_product->target()).path()
                          + "/.Sample.entracte-deferred/new/app"_L1));

    QVERIFY(waiting()->isObsolete);
    QVERIFY(!Transaction::reopen(m_product->target()));

    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_Defer::spec_120_anInstallationOverAWaitingOneTakesItsPlace()
{
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    m_holder = u"Editor"_s;

    QCOMPARE(run(m_product->offer(u"3.0"_s, treeOf(u"3.0"_s)), policy(InUsePolicy::Close)), 0);

    QVERIFY(m_notes.join(u' ').contains(u"Version 2.0 still waits"_s));
    QCOMPARE(m_product->installed(), treeOf(u"3.0"_s));
    QVERIFY(!waiting());
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_Defer::spec_120_aDeferredOneTakesThePlaceOfTheOneBefore()
{
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    QCOMPARE(deferVersion(u"3.0"_s), 7);

    QCOMPARE(waiting()->version.toString(), u"3.0"_s);
    QCOMPARE(m_product->besideTarget(), QStringList(u".Sample.entracte-deferred"_s));
    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
}

void tst_Defer::spec_120_whoCancelsLeavesTheWaitingOne()
{
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    m_holder = u"Editor"_s;

    QCOMPARE(run(m_product->offer(u"3.0"_s, treeOf(u"3.0"_s)), policy(InUsePolicy::Fail)), 6);

    QCOMPARE(waiting()->version.toString(), u"2.0"_s);
    QVERIFY(!waiting()->isObsolete);
}

void tst_Defer::spec_120_whatWaitsIsPutInPlaceByTheNextRunIfItCan()
{
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    m_ui->reviewDecision = ReviewDecision::Cancel;

    QCOMPARE(run(m_product->offer(u"3.0"_s, treeOf(u"3.0"_s)), policy(InUsePolicy::Fail)), 3);

    QVERIFY(m_notes.join(u' ').contains(u"Version 2.0, which had waited"_s));
    QCOMPARE(m_product->installed(), treeOf(u"2.0"_s));
    QVERIFY(m_product->besideTarget().isEmpty());
}

QString tst_Defer::maintain(InstallOptions::Command command, int expected, bool json) const
{
    QString said;
    QTextStream stream(&said);
    InstallOptions options;
    options.command = command;
    options.json = json;
    const Manifest manifest = victimManifest({}, m_product->target(), u"2.0"_s);
    const int exitCode = Maintenance(manifest, options, stream, stream).run();
    if (exitCode != expected)
        qWarning() << "exit" << exitCode << "instead of" << expected << said;
    return exitCode == expected ? said : QString();
}

void tst_Defer::listShowsWhatWaits()
{
    using Command = InstallOptions::Command;
    QVERIFY(maintain(Command::List).contains(u"Sample 1.0 is installed"_s));
    QVERIFY(!maintain(Command::List).contains(u"waits"_s));
    QCOMPARE(deferVersion(u"2.0"_s), 7);

    QVERIFY(maintain(Command::List).contains(u"Version 2.0 waits"_s));
    const QJsonObject object =
        QJsonDocument::fromJson(maintain(Command::List, 0, true).toUtf8()).object();
    QCOMPARE(object[u"installed"_s].toString(), u"1.0"_s);
    QCOMPARE(object[u"deferred"_s].toString(), u"2.0"_s);
    QCOMPARE(object[u"target"_s].toString(), m_product->target());
    QCOMPARE(object[u"waitsFor"_s].toArray(), QJsonArray());
    QVERIFY(!maintain(Command::List).contains(u"It waits for"_s));
}

void tst_Defer::listShowsWhoIsWaitedFor()
{
    using Command = InstallOptions::Command;
    m_fleet->start(1, m_product->target() + "/app"_L1);
    QVERIFY(!maintain(Command::List).contains(u"It waits for"_s));
    QCOMPARE(deferVersion(u"2.0"_s), 7);

    const QString said = maintain(Command::List);
    const QJsonObject object =
        QJsonDocument::fromJson(maintain(Command::List, 0, true).toUtf8()).object();

    const qint64 pid = m_fleet->running(1).value(0);
    QVERIFY2(said.contains(u"It waits for holder (pid %1)."_s.arg(pid)), qPrintable(said));
    QCOMPARE(object[u"waitsFor"_s].toArray(),
             (QJsonArray{QJsonObject{{u"name"_s, u"holder"_s}, {u"pid"_s, pid}}}));
    QVERIFY(waiting());
}

void tst_Defer::cancelDropsIt()
{
    QCOMPARE(deferVersion(u"2.0"_s), 7);

    QVERIFY(maintain(InstallOptions::Command::Cancel).contains(u"2.0"_s));

    QVERIFY(!waiting());
    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
    QVERIFY(m_product->besideTarget().isEmpty());
    QVERIFY(maintain(InstallOptions::Command::Cancel).contains(u"Nothing waits"_s));
}

static void addFaults(const QByteArray &prefix, std::initializer_list<const char *> calls,
                      std::initializer_list<int> numbers)
{
    for (const char *call : calls) {
        for (const int number : numbers)
            QTest::addRow("%s%s %d", prefix.constData(), call, number)
                << QStringLiteral("%1:%2:kill").arg(QLatin1StringView(call)).arg(number);
    }
}

void tst_Defer::aKillWhileDeferringLosesNothing_data()
{
    QTest::addColumn<QString>("fault");
    addFaults("", {"write", "fsync", "fdatasync", "renameat2", "linkat", "unlinkat", "syncfs"},
              {1, 2, 4});
}

void tst_Defer::aKillWhileDeferringLosesNothing()
{
    QFETCH(const QString, fault);
    const QString target = m_product->target();
    const QString archive = m_product->offer(u"2.0"_s, treeOf(u"2.0"_s)).components[0].payload;

    const int exitCode = exitCodeOf({u"--defer"_s, archive, target, u"2.0"_s}, fault);

    QVERIFY(exitCode == 7 || exitCode == -1);
    QVERIFY(Transaction::recover(target));
    QVERIFY(Transaction::recover(target));
    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
    const std::optional<DeferredVersion> left = waiting();
    QVERIFY(left || exitCode != 7);
    QVERIFY(!left || !left->isObsolete);
    if (!left)
        QVERIFY(m_product->besideTarget().isEmpty());
    QCOMPARE(exitCodeOf({u"--swap"_s, target}), 0);
    QCOMPARE(m_product->installed(), treeOf(left ? u"2.0"_s : u"1.0"_s));
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_Defer::aKillWhileReplacingLosesNeither_data()
{
    QTest::addColumn<QString>("fault");
    addFaults("", {"write", "fdatasync", "fsync", "renameat2", "unlinkat", "rmdir"}, {1, 2, 4});
}

void tst_Defer::aKillWhileReplacingLosesNeither()
{
    QFETCH(const QString, fault);
    const QString target = m_product->target();
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    const QString archive = m_product->offer(u"3.0"_s, treeOf(u"3.0"_s)).components[0].payload;

    const int exitCode = exitCodeOf({u"--defer"_s, archive, target, u"3.0"_s}, fault);

    QVERIFY(exitCode == 7 || exitCode == -1);
    QVERIFY(Transaction::recover(target));
    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
    const std::optional<DeferredVersion> left = waiting();
    QVERIFY(left && !left->isObsolete);
    const QString version = left->version.toString();
    QVERIFY(version == u"3.0"_s || (version == u"2.0"_s && exitCode == -1));
    QCOMPARE(exitCodeOf({u"--swap"_s, target}), 0);
    QCOMPARE(m_product->installed(), treeOf(version));
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_Defer::aKillWhilePuttingInPlaceIsMadeGoodByTheNextStart_data()
{
    QTest::addColumn<QString>("fault");
    for (const char *road : {"tree ", "files "})
        addFaults(road, {"write", "fdatasync", "syncfs", "renameat2", "unlinkat", "rmdir"},
                  {1, 2, 4, 6});
}

void tst_Defer::aKillWhilePuttingInPlaceIsMadeGoodByTheNextStart()
{
    QFETCH(const QString, fault);
    const QString target = m_product->target();
    SampleProduct::write(target + "/mine"_L1, "mine");
    if (QByteArrayView(QTest::currentDataTag()).startsWith("files"))
        FaultShim::fail(Call::Renameat2, FaultShim::count(Call::Renameat2) + 1, EINVAL);
    QCOMPARE(deferVersion(u"2.0"_s), 7);

    const int exitCode = exitCodeOf({u"--swap"_s, target}, fault);

    QVERIFY(exitCode == 0 || exitCode == -1);
    QCOMPARE(exitCodeOf({u"--swap"_s, target}), 0);
    SampleProduct::Tree expected = treeOf(u"2.0"_s);
    expected[u"mine"_s] = "mine";
    QCOMPARE(m_product->installed(), expected);
    QVERIFY(m_product->besideTarget().isEmpty());
}

// --- the real thing
// -------------------------------------------------------------------------------

void tst_Defer::theGuardianWaitsForTheLastHolder()
{
    const QString target = m_product->target();
    const QString archive = m_product->offer(u"2.0"_s, treeOf(u"2.0"_s)).components[0].payload;
    m_fleet->start(1, target + "/app"_L1);
    m_fleet->start(2, target + "/etc/settings"_L1);

    QCOMPARE(exitCodeOf({u"--install"_s, archive, target, u"2.0"_s, u"in-use=defer"_s}), 7);

    QCOMPARE(m_fleet->strangers().size(), 1); // the guardian
    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
    QCOMPARE(m_fleet->everybody().size(), 3);
    QCOMPARE(autostart().size(), 1);

    const auto end = [this](int number) {
        for (const pid_t pid : m_fleet->running(number))
            ::kill(pid, SIGTERM);
        QTRY_VERIFY(m_fleet->running(number).isEmpty());
    };
    end(1);
    m_fleet->start(3, target + "/app"_L1); // somebody comes again
    end(2);
    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
    QVERIFY(waiting());
    end(3);

    QTRY_COMPARE_WITH_TIMEOUT(m_product->installed(), treeOf(u"2.0"_s), 30'000);
    QTRY_VERIFY_WITH_TIMEOUT(m_fleet->strangers().isEmpty(), 30'000);
    QVERIFY(m_product->besideTarget().isEmpty());
    QVERIFY(autostart().isEmpty());
}

void tst_Defer::whoLetsGoAndLivesOnIsNoticedToo()
{
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    QProcess reader;
    reader.start(u"/bin/sh"_s,
                 {u"-c"_s, u"exec 3<\"$1\"; echo held; read x; exec 3<&-; echo free; read x"_s,
                  u"sh"_s, m_product->target() + "/app"_L1});
    QVERIFY(reader.waitForReadyRead());
    QCOMPARE(reader.readAllStandardOutput(), QByteArray("held\n"));
    const auto clock = std::make_shared<ManualClock>();
    DeferredSwap swap(m_product->target(), DeferredSwap::Patience::UntilFree,
                      createRestartBackend(std::make_shared<SystemClock>()), clock);
    int waits = 0;
    bool isFinished = false;
    connect(&swap, &DeferredSwap::waiting, this, [&] { ++waits; });
    connect(&swap, &Job::finished, this, [&](const Result<> &done) {
        QVERIFY(done);
        isFinished = true;
    });
    swap.start();
    QTRY_COMPARE_WITH_TIMEOUT(waits, 1, 30'000);
    reader.write("\n");
    QVERIFY(reader.waitForReadyRead());
    QCOMPARE(reader.readAllStandardOutput(), QByteArray("free\n"));
    QVERIFY(!isFinished);

    clock->advance(DeferredSwap::interval);

    QTRY_VERIFY_WITH_TIMEOUT(isFinished, 30'000);
    QVERIFY(swap.hasSwapped());
    QCOMPARE(m_product->installed(), treeOf(u"2.0"_s));
    reader.write("\n");
    QVERIFY(reader.waitForFinished());
}

/// What a login would run: the entry's Exec, read as the specification says.
static QStringList commandOf(const QString &entry)
{
    QFile file(entry);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    for (const QString &line : QString::fromUtf8(file.readAll()).split(u'\n')) {
        if (line.startsWith("Exec="_L1))
            return QProcess::splitCommand(line.mid(5));
    }
    return {};
}

void tst_Defer::whenTheGuardianIsDeadTheNextLoginFinishes()
{
    const QString target = m_product->target();
    const QString archive = m_product->offer(u"2.0"_s, treeOf(u"2.0"_s)).components[0].payload;
    m_fleet->start(1, target + "/app"_L1);
    QCOMPARE(exitCodeOf({u"--install"_s, archive, target, u"2.0"_s, u"in-use=defer"_s}), 7);
    for (const pid_t pid : m_fleet->strangers())
        ::kill(pid, SIGKILL);
    QTRY_VERIFY(m_fleet->strangers().isEmpty());
    for (const pid_t pid : m_fleet->running(1))
        ::kill(pid, SIGTERM);
    QTRY_VERIFY(m_fleet->running(1).isEmpty());
    QCOMPARE(m_product->installed(), treeOf(u"1.0"_s));
    QCOMPARE(autostart().size(), 1);

    QStringList command =
        commandOf(m_product->folder() + "/config/autostart/"_L1 + autostart().first());
    QVERIFY(command.size() >= 3);
    QCOMPARE(QFileInfo(command.first()).path(), QFileInfo(target).path()); // the private copy
    QProcess login;
    login.setProcessEnvironment(environment());
    login.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    login.start(command.takeFirst(), command);
    QVERIFY(login.waitForFinished());

    QCOMPARE(login.exitCode(), 0);
    QCOMPARE(m_product->installed(), treeOf(u"2.0"_s));
    QVERIFY(autostart().isEmpty());
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_Defer::aSignalEndsAGuardianThatWaits()
{
    const QString target = m_product->target();
    const QString archive = m_product->offer(u"2.0"_s, treeOf(u"2.0"_s)).components[0].payload;
    m_fleet->start(1, target + "/app"_L1);
    QCOMPARE(exitCodeOf({u"--install"_s, archive, target, u"2.0"_s, u"in-use=defer"_s}), 7);
    QCOMPARE(m_fleet->strangers().size(), 1);

    // As soon as it waits; before, it does not listen.
    QTRY_VERIFY_WITH_TIMEOUT(
        [this] {
            for (const pid_t pid : m_fleet->strangers())
                ::kill(pid, SIGTERM);
            return m_fleet->strangers().isEmpty();
        }(),
        30'000);

    QVERIFY(waiting() && !waiting()->isObsolete);
    QCOMPARE(autostart().size(), 1);
    QVERIFY(maintain(InstallOptions::Command::Cancel).contains(u"2.0"_s));
    QVERIFY(autostart().isEmpty());
    QVERIFY(m_product->besideTarget().isEmpty());
}

void tst_Defer::recoverSaysWhoIsStillThere()
{
    QCOMPARE(deferVersion(u"2.0"_s), 7);
    m_fleet->start(1, m_product->target() + "/app"_L1);
    const QString said = maintain(InstallOptions::Command::Recover, 7);
    QVERIFY2(said.contains(u"still in use"_s), qPrintable(said));
    QVERIFY(waiting());

    for (const pid_t pid : m_fleet->running(1))
        ::kill(pid, SIGTERM);
    QTRY_VERIFY(m_fleet->running(1).isEmpty());

    QVERIFY(maintain(InstallOptions::Command::Recover).contains(u"in place"_s));
    QCOMPARE(m_product->installed(), treeOf(u"2.0"_s));
    QVERIFY(m_product->besideTarget().isEmpty());
}

// --- the other processes
// --------------------------------------------------------------------------

/// --defer ARCHIVE TARGET VERSION: an installer that finds somebody in the way, and defers.
static int beDeferrer(const QStringList &arguments)
{
    ScriptedUiDelegate ui;
    auto backend = std::make_unique<FakeRestartBackend>();
    backend->add(u"Editor"_s, Temper::Polite);
    InstallEngine engine(
        victimManifest(arguments[0], arguments[1], arguments[2]), ui,
        InstallEngine::Ports{std::move(backend), std::make_shared<ManualClock>(), nullptr, {}, {}});
    QEventLoop loop;
    QObject::connect(&engine, &InstallEngine::finished, &loop, &QEventLoop::quit,
                     Qt::QueuedConnection);
    engine.start(policy(InUsePolicy::Defer));
    loop.exec();
    return int(engine.outcome().exitCode);
}

/// --swap TARGET: puts in place what waits, looking at nobody.
static int beSwapper(const QString &target)
{
    const Result<std::unique_ptr<Transaction>> transaction = Transaction::reopen(target);
    if (!transaction || !*transaction)
        return transaction ? 0 : 1;
    return (*transaction)->commit() && (*transaction)->close() ? 0 : 1;
}

int main(int argc, char *argv[])
{
    const QByteArray word = argc > 1 ? argv[1] : "";
    // The fault is for these; guardians have the same environment.
    if (word != "--defer" && word != "--swap")
        FaultShim::reset();
    const Guardian::Starter startGuardian = Guardian::takeUp(argc, argv);
    QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (word == "--install")
        return runVictimInstaller(arguments.mid(2), startGuardian);
    if (word == "--defer")
        return beDeferrer(arguments.mid(2));
    if (word == "--swap")
        return beSwapper(arguments.value(2));
    tst_Defer test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_defer.moc"
