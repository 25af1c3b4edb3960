// SPDX-License-Identifier: MIT
#include "payload/payloadextractor.h"
#include "payload/payloadsurvey.h"
#include "plan/planner.h"
#include "support/faultshim.h"
#include "support/sampleproduct.h"
#include "support/treehash.h"
#include "transaction/guardian.h"
#include "transaction/receiptfile.h"

#include <QProcess>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// Holds the file half of the promise: the installer is killed at any instant, nobody does
/// anything, and the tree is whole (tst_faults goes through every instant, and recovers itself).
/// The victim is this executable with other arguments; its
/// guardian is the same executable once more.
class tst_Guardian : public QObject
{
    Q_OBJECT

private slots:
    void whoeverIsKilledLeavesAWholeTree_data();
    void whoeverIsKilledLeavesAWholeTree();
    void aKillFromOutsideLeavesAWholeTree();
    void whoEndsWellNeedsNoGuardian();

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

Manifest offer(const QString &archive, const QString &target, const QString &version)
{
    Manifest manifest;
    manifest.product = {u"org.example.sample"_s, u"Sample"_s, QVersionNumber::fromString(version),
                        u"Example Org"_s};
    manifest.targetDirectory = target;
    Component component;
    component.required = true;
    component.payload = archive;
    manifest.components = {component};
    return manifest;
}

/// --victim ARCHIVE TARGET VERSION: the road of an installation, under guard. With "wait" behind it
/// says so on stdout when it has swapped, and waits to be killed.
int beVictim(const QStringList &arguments, const Guardian::Starter &startGuardian)
{
    const QString target = arguments[1];
    Result<std::unique_ptr<Guardian>> guardian = startGuardian(target);
    if (!guardian)
        return complain(guardian.error());
    const Manifest manifest = offer(arguments[0], target, arguments[2]);
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
    tst_Guardian test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_guardian.moc"
