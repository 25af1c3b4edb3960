// SPDX-License-Identifier: MIT
// Hard scenario 1: thousands of processes, up to 50,000 registered files, and exactly the right
// answer. What that costs is measured by tests/benchmarks/run detection.
#include "platform/linux/detection/processscan.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <map>

using namespace Entracte;
using namespace Qt::StringLiterals;

class TestDetectionScale : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanupTestCase();
    void scenario_01_everyUserIsFoundAndNobodyElse_data();
    void scenario_01_everyUserIsFoundAndNobodyElse();
    void scenario_01_nobodyIsFoundWithFilesThatNobodyUses_data();
    void scenario_01_nobodyIsFoundWithFilesThatNobodyUses();

private:
    /// Pid and path, and how it is held.
    using Held = std::map<std::pair<qint64, QString>, HoldKinds>;

    QStringList firstFiles(const QString &folder, int count) const;
    void startPopulation();

    QTemporaryDir m_room;
    QProcess m_population;
    Held m_held;
};

static constexpr int processCount = 2000;
static constexpr int fileCount = 50'000;
static constexpr int filesInFolder = 250; // as population.c makes them

static QString program()
{
    return QStringLiteral(ENTRACTE_POPULATION);
}

void TestDetectionScale::initTestCase()
{
    QVERIFY(m_room.isValid());
    for (const QString &folder : {u"busy"_s, u"free"_s}) {
        const QStringList arguments{u"make"_s, m_room.filePath(folder), QString::number(fileCount)};
        QCOMPARE(QProcess::execute(program(), arguments), 0);
    }
    startPopulation();
}

void TestDetectionScale::startPopulation()
{
    m_population.start(program(), {u"run"_s, m_room.path(), QString::number(processCount),
                                   QString::number(fileCount)});
    while (true) {
        QVERIFY2(m_population.canReadLine() || m_population.waitForReadyRead(60'000),
                 m_population.readAllStandardError().constData());
        if (!m_population.canReadLine())
            continue;
        const QByteArray line = m_population.readLine().trimmed();
        if (line == "ready")
            break;
        const QList<QByteArray> words = line.split(' ');
        QCOMPARE(words.size(), 3);
        m_held[{words.at(0).toLongLong(), QString::fromUtf8(words.at(2))}] =
            words.at(1) == "open" ? HoldKind::Open : HoldKind::Mapped;
    }
    QVERIFY(m_held.size() > processCount / 50);
}

void TestDetectionScale::cleanupTestCase()
{
    m_population.closeWriteChannel(); // it ends its processes, then itself
    QVERIFY(m_population.waitForFinished(60'000));
    QCOMPARE(m_population.exitCode(), 0);
}

QStringList TestDetectionScale::firstFiles(const QString &folder, int count) const
{
    QStringList files;
    for (int number = 0; number < count; ++number)
        files.append(m_room.filePath(u"%1/%2/file-%3"_s.arg(folder)
                                         .arg(number / filesInFolder, 3, 10, QChar(u'0'))
                                         .arg(number, 6, 10, QChar(u'0'))));
    return files;
}

static void addRows()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<bool>("mapQuery");
    for (const int count : {1, 1000, fileCount}) {
        QTest::addRow("%d files, PROCMAP_QUERY", count) << count << true;
        QTest::addRow("%d files, text", count) << count << false;
    }
}

static ProcessScan scanFor(const QStringList &files, bool mapQuery)
{
    ScanFeatures features;
    features.mapQuery = mapQuery;
    auto table = std::make_shared<FileTable>();
    table->add(files, features);
    ScanTargets targets;
    targets.files = table;
    const std::atomic<bool> cancelled = false;
    return scanProcesses(targets, cancelled, features);
}

void TestDetectionScale::scenario_01_everyUserIsFoundAndNobodyElse_data()
{
    addRows();
}

void TestDetectionScale::scenario_01_everyUserIsFoundAndNobodyElse()
{
    QFETCH(const int, count);
    QFETCH(const bool, mapQuery);
    const QStringList files = firstFiles(u"busy"_s, count);
    const QSet<QString> registered(files.cbegin(), files.cend());
    Held expected;
    for (const auto &[where, how] : m_held)
        if (registered.contains(where.second))
            expected[where] = how;
    QVERIFY(!expected.empty());

    Held found;
    for (const FileHolder &holder : scanFor(files, mapQuery).holders)
        for (const HeldFile &file : holder.files)
            found[{holder.process.pid, file.path}] |= file.kinds;

    for (const auto &[where, how] : expected)
        QVERIFY2(
            found.contains(where),
            qPrintable(u"process %1 was not found with %2"_s.arg(where.first).arg(where.second)));
    for (const auto &[where, how] : found)
        QVERIFY2(expected.contains(where),
                 qPrintable(u"process %1 does not hold %2"_s.arg(where.first).arg(where.second)));
    QVERIFY(found == expected); // the ways, too
}

void TestDetectionScale::scenario_01_nobodyIsFoundWithFilesThatNobodyUses_data()
{
    addRows();
}

void TestDetectionScale::scenario_01_nobodyIsFoundWithFilesThatNobodyUses()
{
    QFETCH(const int, count);
    QFETCH(const bool, mapQuery);

    const ProcessScan scan = scanFor(firstFiles(u"free"_s, count), mapQuery);

    QCOMPARE(scan.holders.size(), 0);
}

QTEST_GUILESS_MAIN(TestDetectionScale)
#include "tst_detectionscale.moc"
