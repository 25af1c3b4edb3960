// SPDX-License-Identifier: MIT
#include "platform/linux/detection/leaseprobe.h"
#include "platform/linux/detection/mapreader.h"
#include "platform/linux/process.h"
#include "restart/restartsession.h"
#include "support/holderprocess.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTextStream>

#include <csignal>
#include <set>

#include <fcntl.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// Who holds what: every way to hold a file, found with every ability of newer kernels, and without
/// each of them.
class tst_ProcessScan : public QObject
{
    Q_OBJECT

private slots:
    void init();

    void everyWayIsFoundWithAndWithoutEachAbility_data();
    void everyWayIsFoundWithAndWithoutEachAbility();
    void whatNobodyHoldsIsHeldByNobody_data() { features(); }
    void whatNobodyHoldsIsHeldByNobody();
    void aFileInFlightIsNobodysThatCanBeNamed();
    void aDescriptorForThePathAloneIsNoUse_data() { features(); }
    void aDescriptorForThePathAloneIsNoUse();
    void anotherInstallerIsNoHolder_data() { features(); }
    void anotherInstallerIsNoHolder();
    void aFolderHeldForItsPathIsHeld_data() { features(); }
    void aFolderHeldForItsPathIsHeld();
    void aCancelledScanEndsEarly();
    void registeredProcessesAreFoundWhileTheyLive();
    void whoHasGoneIsSeenWithoutAScan_data() { features(); }
    void whoHasGoneIsSeenWithoutAScan();
    void namesOfOneFreeFileDoNotHoldIt();
    void theOneOfManyThatIsHeldIsNamed();
    void manyFilesOfOneFolderAreRegisteredExactly();
    void aQuickReadingOfMapsMissesNoFile_data() { features(); }
    void aQuickReadingOfMapsMissesNoFile();

    void spec_034_aReplacedFileIsStillHeld_data() { features(); }
    void spec_034_aReplacedFileIsStillHeld();
    void spec_034_aReplacedFolderIsStillHeld();
    void spec_035_otherNamesOfAFile();
    void spec_036_whatLiesBelowADirectory_data();
    void spec_036_whatLiesBelowADirectory();
    void spec_037_anotherFileAtTheSamePathInAnotherNamespace();
    void spec_038_aScriptThatChangedSince();
    void spec_053_howEachFileIsHeld();

private:
    static void features();
    QString file(const QString &name) const { return m_folder->filePath(name); }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_held;
};

void tst_ProcessScan::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
    m_held = file(u"held"_s);
    writeFile(m_held, "bytes");
}

Q_DECLARE_METATYPE(ScanFeatures)

void tst_ProcessScan::features()
{
    QTest::addColumn<ScanFeatures>("features");
    QTest::newRow("as it is") << ScanFeatures();
    const std::pair<const char *, bool ScanFeatures::*> each[] = {
        {"maps by query", &ScanFeatures::mapQuery},
        {"no leases", &ScanFeatures::leases},
        {"status from the server", &ScanFeatures::cachedStatus},
        {"no count of descriptors", &ScanFeatures::descriptorCount},
        {"no process descriptors", &ScanFeatures::processDescriptors},
        {"no comparison of tables", &ScanFeatures::tableComparison},
        {"no map_files", &ScanFeatures::mapFiles}};
    ScanFeatures contrary;
    for (const auto &[name, feature] : each) {
        ScanFeatures other;
        other.*feature = !(other.*feature);
        contrary.*feature = !(contrary.*feature);
        QTest::newRow(name) << other;
    }
    QTest::newRow("all of these") << contrary;
    ScanFeatures withoutJumps;
    withoutJumps.mapQuery = true;
    withoutJumps.mapJump = false;
    QTest::newRow("maps by query, no jumps") << withoutJumps;
}

// --- every way ---------------------------------------------------------------------------------

void tst_ProcessScan::everyWayIsFoundWithAndWithoutEachAbility_data()
{
    features();
}

void tst_ProcessScan::everyWayIsFoundWithAndWithoutEachAbility()
{
    QFETCH(const ScanFeatures, features);
    const QString program = file(u"program"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_FILE_HOLDER), program));
    struct Way
    {
        const char *name;
        QString program;
        QStringList arguments;
        QString held;
        HoldKind kind;
        bool needsLease;
    };
    const QString odd = QStringLiteral(ENTRACTE_ODD_HOLDER);
    const QList<Way> ways{
        {"open",
         QStringLiteral(ENTRACTE_FILE_HOLDER),
         {u"--open"_s, m_held},
         m_held,
         HoldKind::Open,
         false},
        {"mapped",
         QStringLiteral(ENTRACTE_FILE_HOLDER),
         {u"--map"_s, m_held},
         m_held,
         HoldKind::Mapped,
         false},
        {"executed", program, {}, program, HoldKind::Executable, false},
        {"a thread's own", odd, {u"thread"_s, m_held}, m_held, HoldKind::Open, true},
        {"in a ring", odd, {u"ring"_s, m_held}, m_held, HoldKind::Open, true}};
    for (const Way &way : ways) {
        if (way.needsLease && !features.leases)
            continue; // nothing tells that one has to look closer
        HolderProcess holder;
        QVERIFY2(holder.start(way.program, way.arguments), way.name);
        const ProcessScan scan = scanFor({way.held}, features);
        QVERIFY2(pidsOf(scan) == QList{holder.pid()}, way.name);
        QCOMPARE(scan.holders.first().files.size(), 1);
        const HeldFile found = scan.holders.first().files.first();
        QCOMPARE(found.path, way.held);
        QVERIFY2(found.kinds.testFlag(way.kind), way.name);
        QVERIFY2(found.isCertain && !found.isStale && !found.isWritten, way.name);
        QVERIFY2(scan.unattributed.isEmpty(), way.name);
    }
}

void tst_ProcessScan::whatNobodyHoldsIsHeldByNobody()
{
    QFETCH(const ScanFeatures, features);
    const ProcessScan scan = scanFor({m_held, file(u"missing"_s)}, features);
    QVERIFY(scan.holders.isEmpty());
    QVERIFY(scan.unattributed.isEmpty());
}

void tst_ProcessScan::aFileInFlightIsNobodysThatCanBeNamed()
{
    HolderProcess holder;
    QVERIFY(holder.start(QStringLiteral(ENTRACTE_ODD_HOLDER), {u"flight"_s, m_held}));
    const ProcessScan scan = scanFor({m_held});
    QVERIFY(scan.holders.isEmpty());
    QCOMPARE(scan.unattributed, QStringList{m_held});
}

// Nothing can be read through it, so nothing breaks when the file is replaced, whoever else holds
// it.
void tst_ProcessScan::aDescriptorForThePathAloneIsNoUse()
{
    QFETCH(const ScanFeatures, features);
    HolderProcess path;
    QVERIFY(path.start(QStringLiteral(ENTRACTE_ODD_HOLDER), {u"path"_s, m_held}));
    QVERIFY(scanFor({m_held}, features).holders.isEmpty());
    HolderProcess reader;
    QVERIFY(reader.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--open"_s, m_held}));
    QCOMPARE(pidsOf(scanFor({m_held}, features)), QList{reader.pid()});
    QCOMPARE(pidsOf(scanFor({m_folder->path()}, features)), QList{reader.pid()});
}

// Its session pins the files that it registered, and lives in a process of its own (see main()).
void tst_ProcessScan::anotherInstallerIsNoHolder()
{
    QFETCH(const ScanFeatures, features);
    const QStringList registered{m_held, m_folder->path()};
    HolderProcess installer;
    QVERIFY(installer.start(QCoreApplication::applicationFilePath(),
                            QStringList{u"--register"_s} + registered));
    QVERIFY(scanFor({m_held}, features).holders.isEmpty());
    HolderProcess reader;
    QVERIFY(reader.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--open"_s, m_held}));
    QCOMPARE(pidsOf(scanFor(registered, features)), QList{reader.pid()});
}

// Names are resolved from it, as from a working directory.
void tst_ProcessScan::aFolderHeldForItsPathIsHeld()
{
    QFETCH(const ScanFeatures, features);
    const QString inner = file(u"inner"_s);
    QVERIFY(QDir().mkdir(inner));
    HolderProcess path;
    QVERIFY(path.start(QStringLiteral(ENTRACTE_ODD_HOLDER), {u"path"_s, inner}));
    const ProcessScan scan = scanFor({m_folder->path()}, features);
    QCOMPARE(pidsOf(scan), QList{path.pid()});
    QCOMPARE(scan.holders.first().files.first().path, inner);
    QCOMPARE(scan.holders.first().files.first().kinds, HoldKinds(HoldKind::Open));
}

void tst_ProcessScan::aCancelledScanEndsEarly()
{
    HolderProcess holder;
    QVERIFY(holder.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--open"_s, m_held}));
    auto files = std::make_shared<FileTable>();
    files->add({m_held});
    ScanTargets targets;
    targets.files = files;
    const std::atomic<bool> cancelled = true;
    QVERIFY(scanProcesses(targets, cancelled).holders.isEmpty());
}

void tst_ProcessScan::registeredProcessesAreFoundWhileTheyLive()
{
    HolderProcess holder;
    QVERIFY(holder.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--open"_s, m_held}));
    ScanTargets targets;
    const UniqueProcess process = uniqueProcess(holder.pid());
    targets.processes = {process, {process.pid, process.startTime + 1}};
    const std::atomic<bool> cancelled = false;
    QCOMPARE(pidsOf(scanProcesses(targets, cancelled)), QList{holder.pid()});
    holder.end();
    QVERIFY(scanProcesses(targets, cancelled).holders.isEmpty());
}

void tst_ProcessScan::whoHasGoneIsSeenWithoutAScan()
{
    QFETCH(const ScanFeatures, features);
    const QString other = file(u"other"_s);
    writeFile(other, "bytes");
    HolderProcess stays;
    HolderProcess goes;
    QVERIFY(stays.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--open"_s, m_held}));
    QVERIFY(goes.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--map"_s, other}));
    auto files = std::make_shared<FileTable>();
    files->add({m_held, other});
    ScanTargets targets;
    targets.files = files;
    const std::atomic<bool> cancelled = false;
    const ProcessScan all = scanProcesses(targets, cancelled, features);
    QCOMPARE(all.holders.size(), 2);
    QVERIFY(!hasAnybodyGone(targets, all, cancelled, features));
    goes.end();
    QVERIFY(hasAnybodyGone(targets, all, cancelled, features));
    const ProcessScan left = scanProcesses(targets, cancelled, features);
    QCOMPARE(pidsOf(left), QList{stays.pid()});
    QVERIFY(!hasAnybodyGone(targets, left, cancelled, features));
}

// The threads that ask are each other's users for a moment.
void tst_ProcessScan::namesOfOneFreeFileDoNotHoldIt()
{
    QStringList names{m_held};
    for (int number = 0; number < 2000; ++number) {
        names.append(file(QString::number(number)));
        QCOMPARE(::link(QFile::encodeName(m_held).constData(),
                        QFile::encodeName(names.last()).constData()),
                 0);
    }
    QCOMPARE(probeByLease(names), RestartBackend::Occupancy::Free);
}

void tst_ProcessScan::theOneOfManyThatIsHeldIsNamed()
{
    QStringList names{file(u"missing"_s), m_folder->path()};
    for (int number = 0; number < 300; ++number) {
        names.append(file(QString::number(number)));
        writeFile(names.last(), "bytes");
    }
    names.append(m_held);
    QCOMPARE(probeByLease(names), RestartBackend::Occupancy::Free);

    HolderProcess holder;
    QVERIFY(holder.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--map"_s, m_held}));
    QStringList inUse;
    QCOMPARE(probeByLease(names, &inUse), RestartBackend::Occupancy::InUse);
    QCOMPARE(inUse, QStringList{m_held});

    holder.end();
    QCOMPARE(probeByLease(names), RestartBackend::Occupancy::Free);
}

void tst_ProcessScan::manyFilesOfOneFolderAreRegisteredExactly()
{
    const QString folder = file(u"many"_s);
    QVERIFY(QDir().mkdir(folder));
    QStringList names;
    for (int number = 0; number < 3000; ++number) {
        names.append(u"%1/%2"_s.arg(folder).arg(number));
        writeFile(names.last(), "x");
    }
    HolderProcess holder;
    QVERIFY(holder.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--open"_s, names.at(1234)}));
    const ProcessScan scan = scanFor(names);
    QCOMPARE(pidsOf(scan), QList{holder.pid()});
    QCOMPARE(scan.holders.first().files.size(), 1);
    QCOMPARE(scan.holders.first().files.first().path, names.at(1234));
}

void tst_ProcessScan::aQuickReadingOfMapsMissesNoFile()
{
    QFETCH(const ScanFeatures, features);
    const Descriptor self(::open("/proc/self", O_PATH | O_CLOEXEC));
    const auto filesIn = [&](MapReader::Wanted wanted) {
        MapReader reader(features);
        reader.open(self.get(), wanted);
        std::set<std::pair<quint64, quint64>> files;
        while (const Mapping *mapping = reader.next())
            files.emplace(mapping->file.device, mapping->file.inode);
        return files;
    };
    const auto all = filesIn(MapReader::Wanted::Everything);
    QVERIFY(all.size() > 10); // the libraries of this test, more than the kernel gives at a time
    QCOMPARE(filesIn(MapReader::Wanted::FilesOnly), all);
}

// --- the statements ----------------------------------------------------------------------------

void tst_ProcessScan::spec_034_aReplacedFileIsStillHeld()
{
    QFETCH(const ScanFeatures, features);
    HolderProcess old;
    QVERIFY(old.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--map"_s, m_held}));
    auto files = std::make_shared<FileTable>();
    files->add({m_held}, features);
    ScanTargets targets;
    targets.files = files;
    const std::atomic<bool> cancelled = false;

    writeFile(file(u"new"_s), "other bytes");
    QCOMPARE(::rename(QFile::encodeName(file(u"new"_s)).constData(),
                      QFile::encodeName(m_held).constData()),
             0);
    HolderProcess young; // of the new version: not affected by a replacement that has been done
    QVERIFY(young.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--map"_s, m_held}));
    const ProcessScan scan = scanProcesses(targets, cancelled, features);
    QCOMPARE(pidsOf(scan), QList{old.pid()});
    QVERIFY(scan.holders.first().files.first().isStale);
    old.end();
    QVERIFY(scanProcesses(targets, cancelled, features).holders.isEmpty());
}

void tst_ProcessScan::spec_034_aReplacedFolderIsStillHeld()
{
    const QString folder = file(u"product"_s);
    QVERIFY(QDir().mkdir(folder));
    HolderProcess old;
    QVERIFY(old.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--cwd"_s, folder}));
    auto files = std::make_shared<FileTable>();
    files->add({folder});
    ScanTargets targets;
    targets.files = files;
    const std::atomic<bool> cancelled = false;

    QVERIFY(QDir().rename(folder, file(u"aside"_s)));
    QVERIFY(QDir().mkdir(folder));
    HolderProcess young;
    QVERIFY(young.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--cwd"_s, folder}));
    const ProcessScan scan = scanProcesses(targets, cancelled);
    const auto ofOld = std::find_if(scan.holders.cbegin(), scan.holders.cend(),
                                    [&](const auto &one) { return one.process.pid == old.pid(); });
    QVERIFY(ofOld != scan.holders.cend());
    QVERIFY(ofOld->files.first().isStale);
}

void tst_ProcessScan::spec_035_otherNamesOfAFile()
{
    const QString hard = file(u"hard"_s);
    const QString symbolic = file(u"symbolic"_s);
    QCOMPARE(::link(QFile::encodeName(m_held).constData(), QFile::encodeName(hard).constData()), 0);
    QVERIFY(QFile::link(m_held, symbolic));
    HolderProcess holder;
    QVERIFY(holder.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--open"_s, hard}));
    for (const QString &registered : {m_held, symbolic}) {
        const ProcessScan scan = scanFor({registered});
        QCOMPARE(pidsOf(scan), QList{holder.pid()});
        QCOMPARE(scan.holders.first().files.first().path, registered);
    }
}

void tst_ProcessScan::spec_036_whatLiesBelowADirectory_data()
{
    QTest::addColumn<QString>("way");
    QTest::addColumn<bool>("cameLater");
    for (const bool cameLater : {false, true})
        for (const char *way : {"open", "map", "cwd", "execute"})
            QTest::addRow("%s%s", way, cameLater ? ", of what came later" : "")
                << QString::fromLatin1(way) << cameLater;
}

void tst_ProcessScan::spec_036_whatLiesBelowADirectory()
{
    QFETCH(const QString, way);
    QFETCH(const bool, cameLater);
    const QString folder = file(u"product"_s);
    const QString inner = folder + u"/a/b"_s;
    const QString below = inner + u"/file"_s;
    QVERIFY(QDir().mkpath(folder));
    const auto fill = [&] {
        QVERIFY(QDir().mkpath(inner));
        QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_FILE_HOLDER), below));
    };
    if (!cameLater)
        fill();
    auto files = std::make_shared<FileTable>();
    files->add({folder});
    if (cameLater)
        fill();
    ScanTargets targets;
    targets.files = files;
    const std::atomic<bool> cancelled = false;
    QVERIFY(scanProcesses(targets, cancelled).holders.isEmpty());

    HolderProcess holder;
    if (way == u"execute"_s)
        QVERIFY(holder.start(below, {}));
    else
        QVERIFY(holder.start(QStringLiteral(ENTRACTE_FILE_HOLDER),
                             {u"--"_s + way, way == u"cwd"_s ? inner : below}));
    const ProcessScan scan = scanProcesses(targets, cancelled);
    QCOMPARE(pidsOf(scan), QList{holder.pid()});
    const HeldFile held = scan.holders.first().files.first();
    QCOMPARE(held.path, way == u"cwd"_s ? inner : below);
    holder.end();
    QVERIFY(scanProcesses(targets, cancelled).holders.isEmpty());
}

void tst_ProcessScan::spec_037_anotherFileAtTheSamePathInAnotherNamespace()
{
    // In its namespace another folder lies on ours, with a file of the same name.
    const QString other = file(u"other"_s);
    QVERIFY(QDir().mkdir(other));
    writeFile(other + u"/held"_s, "unrelated");
    const QString mount = u"mount --bind '%1' '%2' && exec '%3' --open '%4'"_s.arg(
        other, m_folder->path(), QStringLiteral(ENTRACTE_FILE_HOLDER), m_held);
    HolderProcess contained;
    if (!contained.start(u"unshare"_s,
                         {u"--mount"_s, u"--propagation"_s, u"private"_s, u"sh"_s, u"-c"_s, mount}))
        QSKIP("mounts are not allowed here");
    QVERIFY(scanFor({m_held}).holders.isEmpty());
    HolderProcess outside;
    QVERIFY(outside.start(QStringLiteral(ENTRACTE_FILE_HOLDER), {u"--open"_s, m_held}));
    QCOMPARE(pidsOf(scanFor({m_held})), QList{outside.pid()});
}

void tst_ProcessScan::spec_038_aScriptThatChangedSince()
{
    const QString script = file(u"script.py"_s);
    writeFile(script, "import sys, signal\nprint('ready', flush=True)\nsignal.pause()\n");
    HolderProcess python;
    QVERIFY(python.start(u"/usr/bin/python3"_s, {script}));
    const ProcessScan before = scanFor({script});
    QCOMPARE(pidsOf(before), QList{python.pid()});
    QVERIFY(!before.holders.first().files.first().isCertain);

    // Times have the tick of the kernel's clock: change it until that has moved.
    QTRY_VERIFY((writeFile(script, "print('newer')\n"),
                 scanFor({script}).holders.value(0).files.value(0).isStale));
    const HeldFile held = scanFor({script}).holders.first().files.first();
    QVERIFY(held.kinds.testFlag(HoldKind::Script));
    QVERIFY(!held.isCertain);
}

void tst_ProcessScan::spec_053_howEachFileIsHeld()
{
    const QString program = file(u"program"_s);
    const QString mapped = file(u"mapped"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_FILE_HOLDER), program));
    writeFile(mapped, "bytes");
    HolderProcess holder;
    QVERIFY(holder.start(program,
                         {u"--open"_s, m_held, u"--map"_s, mapped, u"--cwd"_s, m_folder->path()}));
    const ProcessScan scan = scanFor({program, mapped, m_held, m_folder->path()});
    QCOMPARE(pidsOf(scan), QList{holder.pid()});
    QMap<QString, HoldKinds> kinds;
    for (const HeldFile &held : scan.holders.first().files)
        kinds.insert(held.path, held.kinds);
    QCOMPARE(kinds.value(m_held), HoldKinds(HoldKind::Open));
    QCOMPARE(kinds.value(mapped), HoldKinds(HoldKind::Mapped));
    QVERIFY(kinds.value(program).testFlag(HoldKind::Executable));
    QVERIFY(kinds.value(m_folder->path()).testFlag(HoldKind::WorkingDirectory));
}

/// tst_processscan --register FILE… : an installer that has registered files, and waits.
static int runInstaller(QCoreApplication &application)
{
    RestartSession session(createRestartBackend(std::make_shared<SystemClock>()));
    if (!session.registerFiles(application.arguments().mid(2)))
        return 2;
    QTextStream(stdout) << "ready" << Qt::endl;
    return application.exec();
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (application.arguments().value(1) == u"--register"_s)
        return runInstaller(application);
    tst_ProcessScan test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_processscan.moc"
