// SPDX-License-Identifier: MIT
#include "guardian/guardian.h"
#include "payload/payloadextractor.h"
#include "payload/payloadsurvey.h"
#include "plan/planner.h"
#include "support/applicationfleet.h"
#include "support/faultshim.h"
#include "support/sampleproduct.h"
#include "support/victiminstaller.h"
#include "transaction/receiptfile.h"

#include <QProcess>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// Holds the promise of a guardian: the installer is killed at any instant, nobody does anything,
/// the tree is whole (tst_faults goes through every instant, and recovers itself) and what was
/// closed is open again, once. The victim is this executable with other arguments; its guardian is
/// the same executable once more.
class tst_Guardian : public QObject
{
    Q_OBJECT

private slots:
    void whoeverIsKilledLeavesAWholeTree_data();
    void whoeverIsKilledLeavesAWholeTree();
    void aKillFromOutsideLeavesAWholeTree();
    void whoEndsWellNeedsNoGuardian();
    void whatAKilledInstallerClosedIsOpenAgain_data();
    void whatAKilledInstallerClosedIsOpenAgain();
    void whoWasNotAskedYetIsNoConcern();
    void whoClosesLateComesBackTooAndWhoStaysIsLeftAlone();
    void afterTheDeathOfBothTheNextStartBringsBack_data();
    void afterTheDeathOfBothTheNextStartBringsBack();
    void anotherInstallerIsNotDisturbedByAGuardianThatWaits();
    void whoWasToldToLeaveThemClosedDoesSo();

private:
    static int exitCodeOf(const QStringList &arguments, const QString &fault = {});
};

namespace {

const SampleProduct::Tree versionOne{
    {u"app"_s, "one"}, {u"data/same"_s, "same"}, {u"old"_s, "old"}};
const SampleProduct::Tree versionTwo{
    {u"app"_s, "two!"}, {u"data/same"_s, "same"}, {u"new"_s, "new"}};

int complain(const Error &error)
{
    qWarning().noquote() << error.message;
    return 1;
}

/// --victim ARCHIVE TARGET VERSION: the road of an installation, under guard. With "wait" behind it
/// says so on stdout when it has swapped, and waits to be killed.
int beVictim(const QStringList &arguments, const Guardian::Starter &startGuardian)
{
    const QString target = arguments[1];
    Result<std::unique_ptr<Guardian>> guardian = startGuardian();
    if (!guardian)
        return complain(guardian.error());
    if (const Result<> guarded = (*guardian)->guardTarget(target); !guarded)
        return complain(guarded.error());
    const Manifest manifest = victimManifest(arguments[0], target, arguments[2]);
    WorkerJob::Context context;
    const Result<PayloadSurvey> survey = PayloadSurvey::take(manifest, target, context);
    if (!survey)
        return complain(survey.error());
    const Result<InstallPlan> plan =
        Planner::plan(manifest, {target, false}, survey->installed, survey->entries);
    if (!plan)
        return complain(plan.error());
    PayloadExtractor extractor(*plan, survey->archives);
    QEventLoop loop;
    QObject::connect(&extractor, &PayloadExtractor::paused, &loop, &QEventLoop::quit);
    QObject::connect(&extractor, &Job::finished, &loop, &QEventLoop::quit);
    extractor.start();
    loop.exec();
    if (!extractor.isPaused())
        return 1;
    if (const Result<> committed = extractor.transaction()->commit(); !committed)
        return complain(committed.error());
    if (arguments.value(3) == "wait"_L1) {
        std::puts("swapped");
        std::fflush(stdout);
        return loop.exec();
    }
    if (const Result<> closed = extractor.transaction()->close(); !closed)
        return complain(closed.error());
    (*guardian)->dismiss();
    return 0;
}

} // namespace

int tst_Guardian::exitCodeOf(const QStringList &arguments, const QString &fault)
{
    QProcess victim;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!fault.isEmpty()) {
        environment.insert(u"ENTRACTE_FAULT"_s, fault);
        environment.insert(u"ENTRACTE_FAULT_BELOW"_s, QFileInfo(arguments[1]).path());
    }
    victim.setProcessEnvironment(environment);
    victim.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    victim.start(QCoreApplication::applicationFilePath(), QStringList(u"--victim"_s) + arguments);
    if (!victim.waitForFinished() || victim.exitStatus() == QProcess::CrashExit)
        return -1;
    return victim.exitCode();
}

void tst_Guardian::whoeverIsKilledLeavesAWholeTree_data()
{
    QTest::addColumn<QString>("fault");
    for (const char *call :
         {"mkdirat", "openat", "write", "linkat", "syncfs", "renameat2", "unlinkat", "rmdir"}) {
        for (const int number : {1, 2, 4})
            QTest::addRow("%s %d", call, number)
                << QStringLiteral("%1:%2:kill").arg(QLatin1StringView(call)).arg(number);
    }
}

void tst_Guardian::whoeverIsKilledLeavesAWholeTree()
{
    QFETCH(const QString, fault);
    SampleProduct product;
    const QString one = product.offer(u"1.0"_s, versionOne).components[0].payload;
    const QString two = product.offer(u"2.0"_s, versionTwo).components[0].payload;
    QDir().mkpath(QFileInfo(product.target()).path());
    QCOMPARE(exitCodeOf({one, product.target(), u"1.0"_s}), 0);
    SampleProduct::write(product.target() + u"/mine"_s, "mine");

    const int exitCode = exitCodeOf({two, product.target(), u"2.0"_s}, fault);
    if (exitCode == 0)
        QVERIFY(product.besideTarget().isEmpty()); // there is no such call: it ended well

    QTRY_VERIFY_WITH_TIMEOUT(product.besideTarget().isEmpty(), 20'000);
    SampleProduct::Tree left = product.installed();
    QCOMPARE(left.take(u"mine"_s), QByteArray("mine"));
    QVERIFY2(left == versionOne || left == versionTwo,
             qPrintable(QStringList(left.keys()).join(u' ')));
}

void tst_Guardian::aKillFromOutsideLeavesAWholeTree()
{
    SampleProduct product;
    const QString two = product.offer(u"2.0"_s, versionTwo).components[0].payload;
    QDir().mkpath(QFileInfo(product.target()).path());
    QProcess victim;
    victim.start(QCoreApplication::applicationFilePath(),
                 {u"--victim"_s, two, product.target(), u"2.0"_s, u"wait"_s});
    QVERIFY(victim.waitForReadyRead());
    QCOMPARE(victim.readAllStandardOutput(), QByteArray("swapped\n"));
    QVERIFY(!product.besideTarget().isEmpty());

    victim.kill();
    QVERIFY(victim.waitForFinished());

    QTRY_VERIFY_WITH_TIMEOUT(product.besideTarget().isEmpty(), 20'000);
    QCOMPARE(product.installed(), versionTwo);
    QVERIFY(ReceiptFile::read(product.target()) && *ReceiptFile::read(product.target()));
}

void tst_Guardian::whoEndsWellNeedsNoGuardian()
{
    SampleProduct product;
    const QString one = product.offer(u"1.0"_s, versionOne).components[0].payload;
    QDir().mkpath(QFileInfo(product.target()).path());

    QCOMPARE(exitCodeOf({one, product.target(), u"1.0"_s}), 0);

    QVERIFY(product.besideTarget().isEmpty());
    QCOMPARE(product.installed(), versionOne);
}

namespace {

/// A product in version 1 and three programs that hold its file.
class Scene
{
public:
    explicit Scene(int programs = 3)
        : fleet(product.folder())
        , m_programs(programs)
    {
        QDir().mkpath(QFileInfo(product.target()).path());
        m_archive = product.offer(u"2.0"_s, versionTwo).components[0].payload;
        const QString one = product.offer(u"1.0"_s, versionOne).components[0].payload;
        if (install({one, product.target(), u"1.0"_s}) != 0)
            qFatal("version 1 cannot be installed");
        for (int number = 1; number <= programs; ++number)
            fleet.start(number, heldFile());
    }

    QString heldFile() const { return product.target() + u"/app"_s; }

    /// The exit status of the update that \a instants go into; -1 if it was killed.
    int update(const QStringList &instants)
    {
        return install(QStringList{m_archive, product.target(), u"2.0"_s} + instants);
    }

    /// Starts the same, and when it stands still ends it together with its guardian.
    void killWithGuardian(const QString &stop)
    {
        QProcess installer;
        installer.setProcessEnvironment(fleet.environment());
        installer.start(QCoreApplication::applicationFilePath(),
                        {u"--install"_s, m_archive, product.target(), u"2.0"_s, u"stop="_s + stop});
        QVERIFY(installer.waitForStarted());
        QTRY_VERIFY(ApplicationFleet::isStopped(pid_t(installer.processId())));
        QList<pid_t> both = fleet.strangers();
        QCOMPARE(both.size(), 2);
        both.move(both.indexOf(pid_t(installer.processId())), 1);
        for (const pid_t pid : std::as_const(both))
            ::kill(pid, SIGKILL);
        QVERIFY(installer.waitForFinished());
        QTRY_VERIFY(fleet.strangers().isEmpty());
    }

    /// A person closes those that were not closed: a guardian may be waiting for them.
    void closeTheOriginals() const
    {
        for (int number = 1; number <= m_programs; ++number)
            for (const pid_t pid : fleet.running(number))
                if (!fleet.wasRestarted(pid))
                    ::kill(pid, SIGTERM);
    }

    bool everybodyIsThereOnce() const
    {
        for (int number = 1; number <= m_programs; ++number)
            if (fleet.running(number).size() != 1)
                return false;
        return true;
    }

    /// Those that were started again hold the file that lies there now.
    bool whoCameBackHasTheFile() const
    {
        for (int number = 1; number <= m_programs; ++number)
            for (const pid_t pid : fleet.running(number))
                if (fleet.wasRestarted(pid) && !ApplicationFleet::holds(pid, heldFile()))
                    return false;
        return true;
    }

    bool treeIsWhole() const
    {
        const SampleProduct::Tree left = product.installed();
        return left == versionOne || left == versionTwo;
    }

    bool nothingIsLeft() const
    {
        return fleet.strangers().isEmpty() && product.besideTarget().isEmpty()
            && fleet.sessions().isEmpty();
    }

    SampleProduct product;
    ApplicationFleet fleet;

private:
    int install(const QStringList &arguments)
    {
        QProcess installer;
        installer.setProcessEnvironment(fleet.environment());
        installer.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        installer.start(QCoreApplication::applicationFilePath(),
                        QStringList(u"--install"_s) + arguments);
        const bool ended = installer.waitForFinished(60'000);
        return ended && installer.exitStatus() == QProcess::NormalExit ? installer.exitCode() : -1;
    }

    int m_programs;
    QString m_archive;
};

} // namespace

void tst_Guardian::whatAKilledInstallerClosedIsOpenAgain_data()
{
    QTest::addColumn<QStringList>("instants");
    const auto row = [](const QString &instants) {
        QTest::addRow("%s", qPrintable(instants)) << instants.split(u' ');
    };
    for (const int change : {1, 2, 3, 4, 5, 6})
        row(u"kill=ShuttingDown:%1"_s.arg(change));
    row(u"kill=Committing:0"_s);
    for (const int change : {0, 1, 2, 3})
        row(u"kill=Relaunching:%1"_s.arg(change));
    row(u"cancel=ShuttingDown:4 kill=RollingBack:0"_s);
    for (const int change : {0, 1})
        row(u"cancel=ShuttingDown:4 kill=Relaunching:%1"_s.arg(change));
}

void tst_Guardian::whatAKilledInstallerClosedIsOpenAgain()
{
    QFETCH(const QStringList, instants);
    Scene scene;

    QCOMPARE(scene.update(instants), -1);

    QTRY_VERIFY_WITH_TIMEOUT(scene.everybodyIsThereOnce(), 20'000);
    QTRY_VERIFY_WITH_TIMEOUT(scene.product.besideTarget().isEmpty(), 20'000);
    QVERIFY(scene.treeIsWhole());
    scene.closeTheOriginals();
    QTRY_VERIFY_WITH_TIMEOUT(scene.nothingIsLeft(), 20'000);
    QVERIFY(scene.everybodyIsThereOnce());
    QVERIFY(scene.whoCameBackHasTheFile());
}

void tst_Guardian::whoWasNotAskedYetIsNoConcern()
{
    Scene scene;
    const QList<pid_t> before = scene.fleet.everybody();

    QCOMPARE(scene.update({u"kill=ShuttingDown:0"_s}), -1);

    QTRY_VERIFY_WITH_TIMEOUT(scene.nothingIsLeft(), 20'000);
    QCOMPARE(scene.fleet.everybody(), before);
    QCOMPARE(scene.product.installed(), versionOne);
}

void tst_Guardian::whoClosesLateComesBackTooAndWhoStaysIsLeftAlone()
{
    Scene scene(2);
    const QString fifo = scene.product.folder() + u"/end"_s;
    QCOMPARE(mkfifo(QFile::encodeName(fifo).constData(), 0600), 0);
    scene.fleet.start(3, scene.heldFile(), {u"--end-when"_s, fifo});
    const pid_t late = scene.fleet.running(3).value(0);

    // Three are asked, two have closed.
    QCOMPARE(scene.update({u"kill=ShuttingDown:5"_s}), -1);

    QTRY_VERIFY_WITH_TIMEOUT(scene.everybodyIsThereOnce(), 20'000);
    QTRY_COMPARE(scene.fleet.running(3), QList<pid_t>{late});
    QCOMPARE(scene.fleet.strangers().size(), 1); // the guardian waits

    const int let = open(QFile::encodeName(fifo).constData(), O_WRONLY | O_CLOEXEC);
    QVERIFY(let >= 0);
    QTRY_VERIFY_WITH_TIMEOUT(scene.nothingIsLeft(), 20'000);
    close(let);
    QCOMPARE(scene.fleet.running(3).size(), 1);
    QVERIFY(scene.fleet.running(3).value(0) != late);
    QCOMPARE(scene.product.installed(), versionOne);
}

void tst_Guardian::afterTheDeathOfBothTheNextStartBringsBack_data()
{
    QTest::addColumn<QString>("instant");
    QTest::addColumn<int>("closed");
    QTest::newRow("closed") << u"Committing:0"_s << 3;
    QTest::newRow("some are back") << u"Relaunching:1"_s << 0;
}

void tst_Guardian::afterTheDeathOfBothTheNextStartBringsBack()
{
    QFETCH(const QString, instant);
    QFETCH(const int, closed);
    Scene scene;

    scene.killWithGuardian(instant);
    int missing = 0;
    for (const int number : {1, 2, 3})
        missing += scene.fleet.running(number).isEmpty();
    QCOMPARE(missing, closed);

    QCOMPARE(scene.update({}), 0);
    QVERIFY(scene.nothingIsLeft());
    QVERIFY(scene.everybodyIsThereOnce());
    QVERIFY(scene.whoCameBackHasTheFile());
    QCOMPARE(scene.product.installed(), versionTwo);
}

void tst_Guardian::anotherInstallerIsNotDisturbedByAGuardianThatWaits()
{
    Scene scene;
    QCOMPARE(scene.update({u"kill=ShuttingDown:1"_s}), -1);
    QTRY_VERIFY_WITH_TIMEOUT(scene.everybodyIsThereOnce(), 20'000);
    QCOMPARE(scene.fleet.strangers().size(),
             1); // the guardian waits for those it thinks were asked

    QCOMPARE(scene.update({}), 0);

    QTRY_VERIFY_WITH_TIMEOUT(scene.nothingIsLeft(), 20'000);
    QVERIFY(scene.everybodyIsThereOnce());
    QCOMPARE(scene.product.installed(), versionTwo);
}

void tst_Guardian::whoWasToldToLeaveThemClosedDoesSo()
{
    Scene scene;

    QCOMPARE(scene.update({u"no-relaunch"_s, u"kill=Committing:0"_s}), -1);

    QTRY_VERIFY_WITH_TIMEOUT(scene.nothingIsLeft(), 20'000);
    QVERIFY(scene.fleet.everybody().isEmpty());
    QVERIFY(scene.treeIsWhole());
    QCOMPARE(scene.update({}), 0);
    QVERIFY(scene.fleet.everybody().isEmpty());
}

int main(int argc, char *argv[])
{
    // The fault is for the victim; its guardian has the same environment.
    if (argc < 2 || qstrcmp(argv[1], "--victim") != 0)
        FaultShim::reset();
    const Guardian::Starter startGuardian = Guardian::takeUp(argc, argv);
    QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == "--victim"_L1)
        return beVictim(arguments.mid(2), startGuardian);
    if (arguments.value(1) == "--install"_L1)
        return runVictimInstaller(arguments.mid(2), startGuardian);
    tst_Guardian test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_guardian.moc"
