// SPDX-License-Identifier: MIT
#include "faults/laboratory.h"
#include "platform/linux/process.h"
#include "support/holderprocess.h"
#include "support/realprogram.h"

#include <QCoreApplication>
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>

#include <future>

#include <sched.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Who holds what, with the real programs, mounts and devices of linux-mechanisms 10.
class tst_Detection : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void scenario_02_everyWayOfRealProgramsAndNobodyElse();
    void scenario_03_aReplacedLibraryOfGedit();
    void scenario_04_subvolumesOfBtrfsAreToldApart();
    void scenario_04_aFileOfBtrfsThatCameLater();
    void scenario_04_anOverlayIsNotCalledFree();
    void scenario_05_aFileServerThatDoesNotAnswer();
    void scenario_05_aLoopDeviceOfSuchAServer();
    void scenario_06_aLoopDevice();
    void scenario_07_processesThatComeAndGo();
    void scenario_07_pidsThatAreGivenAgain();
    void scenario_08_asAnOrdinaryUser();
    void spec_052_othersProcessesAreCountedNotSeen();

private:
    void askAsAnOrdinaryUser();
    QString file(const QString &name) const { return m_folder->filePath(name); }
    static QString holder() { return QStringLiteral(ENTRACTE_FILE_HOLDER); }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_held;
    qint64 m_ofUser = 0;
    QJsonObject m_answer;
};

static bool isInNamespace = false;

void tst_Detection::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
    m_held = file(u"held"_s);
    writeFile(m_held, "bytes");
}

#define NEEDS_MOUNTS()                                                                             \
    if (!isInNamespace)                                                                            \
    QSKIP("mounts are not allowed here")

void tst_Detection::scenario_02_everyWayOfRealProgramsAndNobodyElse()
{
    NEEDS_MOUNTS();
    const QString folder = file(u"product"_s);
    QVERIFY(QDir().mkdir(folder));
    const QString data = folder + u"/data"_s;
    writeFile(data, "bytes");
    const QString server = folder + u"/server"_s;
    QVERIFY(QFile::copy(u"/usr/bin/redis-server"_s, server));
    const QString link = file(u"link"_s);
    QCOMPARE(::link(QFile::encodeName(data).constData(), QFile::encodeName(link).constData()), 0);
    QVERIFY(QDir().mkdir(file(u"mount"_s)));

    RealProgram xterm;
    xterm.holdOpen(data);
    QVERIFY(xterm.start(u"xterm"_s, {u"-T"_s, u"detection"_s}));
    QVERIFY(RealProgram::waitForWindow(u"detection"_s));
    HolderProcess redis;
    QVERIFY(redis.start(server, {u"--port"_s, u"0"_s, u"--unixsocket"_s, file(u"socket"_s)}));
    const QString map = u"import mmap, signal\nf = open('%1', 'rb')\n"
                        "m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)\nf.close()\n"
                        "print('ready', flush=True)\nsignal.pause()"_s.arg(data);
    HolderProcess python;
    QVERIFY(python.start(u"/usr/bin/python3"_s, {u"-c"_s, map}));
    HolderProcess inFolder;
    inFolder.process().setWorkingDirectory(folder);
    const QString wait = u"import signal\nprint('ready', flush=True)\nsignal.pause()"_s;
    QVERIFY(inFolder.start(u"/usr/bin/python3"_s, {u"-c"_s, wait}));
    HolderProcess confined;
    QVERIFY(
        confined.start(u"/usr/bin/python3"_s,
                       {u"-c"_s, u"import os, signal\nos.chroot('%1')\n"_s.arg(folder) + wait}));
    HolderProcess otherName;
    QVERIFY(otherName.start(holder(), {u"--open"_s, link}));
    HolderProcess path;
    QVERIFY(path.start(QStringLiteral(ENTRACTE_ODD_HOLDER), {u"path"_s, folder}));
    HolderProcess pin; // of a file: no use
    QVERIFY(pin.start(QStringLiteral(ENTRACTE_ODD_HOLDER), {u"path"_s, data}));
    HolderProcess mounted;
    QVERIFY(
        mounted.start(u"unshare"_s, {u"--mount"_s, u"sh"_s, u"-c"_s,
                                     u"mount --bind '%1' '%2' && exec '%3' --map '%2/data'"_s.arg(
                                         folder, file(u"mount"_s), holder())}));
    HolderProcess sandboxed;
    QVERIFY(sandboxed.start(u"bwrap"_s,
                            {u"--die-with-parent"_s, u"--dev-bind"_s, u"/"_s, u"/"_s, u"--bind"_s,
                             folder, u"/mnt"_s, holder(), u"--open"_s, u"/mnt/data"_s}));

    QSet<qint64> expected{xterm.pid(),    redis.pid(),     python.pid(), inFolder.pid(),
                          confined.pid(), otherName.pid(), path.pid(),   mounted.pid()};
    const ProcessScan scan = scanFor({folder, data, server});
    QSet<qint64> others;
    for (const FileHolder &one : scan.holders)
        if (!expected.remove(one.process.pid))
            others.insert(one.process.pid);
    QVERIFY2(expected.isEmpty(), qPrintable(u"%1 were not found"_s.arg(expected.size())));
    // The sandbox has a process of its own; a shell of xterm inherits what that has open.
    bool hasSandboxed = false;
    for (const qint64 pid : others) {
        const bool isSandboxed =
            parentOf(pid_t(pid)) == pid_t(sandboxed.pid()) || pid == sandboxed.pid();
        hasSandboxed |= isSandboxed;
        QVERIFY2(isSandboxed || parentOf(pid_t(pid)) == pid_t(xterm.pid()),
                 qPrintable(commandName(pid_t(pid))));
    }
    QVERIFY(hasSandboxed);
}

void tst_Detection::scenario_03_aReplacedLibraryOfGedit()
{
    const QString library = file(u"libproduct.so"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_HELD_LIBRARY), library));
    auto files = std::make_shared<FileTable>();
    files->add({library});
    ScanTargets targets;
    targets.files = files;
    const std::atomic<bool> cancelled = false;
    const auto start = [&](RealProgram &gedit) {
        gedit.preload(library);
        QVERIFY(gedit.start(u"gedit"_s, {u"--standalone"_s}));
        QVERIFY(RealProgram::waitForWindow(u"gedit"_s));
    };
    auto gedit = std::make_unique<RealProgram>();
    start(*gedit);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_HELD_LIBRARY), file(u"new"_s)));
    QCOMPARE(::rename(QFile::encodeName(file(u"new"_s)).constData(),
                      QFile::encodeName(library).constData()),
             0);
    const ProcessScan old = scanProcesses(targets, cancelled);
    QVERIFY(pidsOf(old).contains(gedit->pid()));
    for (const FileHolder &one : old.holders)
        QVERIFY(one.files.first().isStale);
    gedit = std::make_unique<RealProgram>();
    start(*gedit);
    QVERIFY(scanProcesses(targets, cancelled).holders.isEmpty());
    QVERIFY(pidsOf(scanFor({library})).contains(gedit->pid()));

    // The pinned inode's number cannot go to another file while the table lives.
    for (int number = 0; number < 100; ++number) {
        writeFile(file(u"other"_s), "bytes");
        HolderProcess other;
        if (number % 25 == 0) {
            QVERIFY(other.start(holder(), {u"--open"_s, file(u"other"_s)}));
            QVERIFY(scanProcesses(targets, cancelled).holders.isEmpty());
        }
        QVERIFY(QFile::remove(file(u"other"_s)));
    }
}

void tst_Detection::scenario_04_subvolumesOfBtrfsAreToldApart()
{
    NEEDS_MOUNTS();
    const QString volume = file(u"volume"_s);
    const std::string image = file(u"image"_s).toStdString();
    QCOMPARE(Laboratory::makeImage(image, "btrfs", 256), std::string());
    QCOMPARE(Laboratory::mountImage(image, volume.toStdString(), ""), std::string());
    const auto unmount = qScopeGuard([&] { Laboratory::unmountAll(volume.toStdString()); });
    for (const char *name : {"one", "two"}) {
        const std::string subvolume = volume.toStdString() + '/' + name;
        QCOMPARE(Laboratory::run({"btrfs", "-q", "subvolume", "create", subvolume}), std::string());
        writeFile(QString::fromStdString(subvolume) + u"/file"_s, "bytes");
    }
    const QString one = volume + u"/one/file"_s;
    const QString two = volume + u"/two/file"_s;
    HolderProcess ofOne;
    HolderProcess ofTwo;
    QVERIFY(ofOne.start(holder(), {u"--map"_s, one}));
    QVERIFY(ofTwo.start(holder(), {u"--map"_s, two}));
    for (const bool withMapFiles : {true, false}) {
        ScanFeatures features;
        features.mapFiles = withMapFiles;
        QCOMPARE(pidsOf(scanFor({one}, features)), QList{ofOne.pid()});
        QCOMPARE(pidsOf(scanFor({two}, features)), QList{ofTwo.pid()});
    }
}

void tst_Detection::scenario_04_aFileOfBtrfsThatCameLater()
{
    NEEDS_MOUNTS();
    const QString volume = file(u"volume"_s);
    const std::string image = file(u"image"_s).toStdString();
    QCOMPARE(Laboratory::makeImage(image, "btrfs", 256), std::string());
    QCOMPARE(Laboratory::mountImage(image, volume.toStdString(), ""), std::string());
    const auto unmount = qScopeGuard([&] { Laboratory::unmountAll(volume.toStdString()); });
    const QString product = volume + u"/product"_s;
    QVERIFY(QDir().mkdir(product));
    writeFile(product + u"/first"_s, "bytes");
    auto files = std::make_shared<FileTable>();
    files->add({product});
    ScanTargets targets;
    targets.files = files;
    const std::atomic<bool> cancelled = false;

    const QString later = product + u"/later"_s;
    writeFile(later, "bytes");
    HolderProcess mapper;
    QVERIFY(mapper.start(holder(), {u"--map"_s, later}));

    for (const bool withMapFiles : {true, false}) {
        ScanFeatures features;
        features.mapFiles = withMapFiles;
        const ProcessScan scan = scanProcesses(targets, cancelled, features);
        QCOMPARE(pidsOf(scan), QList{mapper.pid()});
        QCOMPARE(scan.holders.first().files.size(), 1);
        QCOMPARE(scan.holders.first().files.first().path, later);
        QCOMPARE(scan.holders.first().files.first().kinds, HoldKinds(HoldKind::Mapped));
    }
}

void tst_Detection::scenario_04_anOverlayIsNotCalledFree()
{
    NEEDS_MOUNTS();
    const QString base = file(u"base"_s);
    QCOMPARE(Laboratory::mountOn(base.toStdString(), "tmpfs", "size=16m"), std::string());
    const auto unmount = qScopeGuard([&] { Laboratory::unmountAll(base.toStdString()); });
    for (const QString &name : {u"lower"_s, u"upper"_s, u"work"_s})
        QVERIFY(QDir().mkdir(base + u'/' + name));
    const QString merged = base + u"/merged"_s;
    QCOMPARE(Laboratory::mountOn(
                 merged.toStdString(), "overlay",
                 u"lowerdir=%1/lower,upperdir=%1/upper,workdir=%1/work"_s.arg(base).toStdString()),
             std::string());
    const QString held = merged + u"/file"_s;
    writeFile(held, "bytes");
    HolderProcess mapped;
    QVERIFY(mapped.start(holder(), {u"--map"_s, held}));
    QCOMPARE(pidsOf(scanFor({held})), QList{mapped.pid()});
}

void tst_Detection::scenario_05_aFileServerThatDoesNotAnswer()
{
    NEEDS_MOUNTS();
    const QString served = file(u"served"_s);
    const QString point = file(u"point"_s);
    QVERIFY(QDir().mkdir(served) && QDir().mkdir(point));
    writeFile(served + u"/file"_s, "bytes");
    QProcess server;
    server.start(u"bindfs"_s, {u"-f"_s, served, point});
    QVERIFY(server.waitForStarted());
    const auto end = qScopeGuard([&] {
        ::kill(pid_t(server.processId()), SIGCONT);
        Laboratory::unmountAll(point.toStdString());
        server.kill();
        server.waitForFinished();
    });
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(point + u"/file"_s), 20'000);
    HolderProcess served1;
    QVERIFY(served1.start(holder(), {u"--open"_s, point + u"/file"_s}));
    HolderProcess ours;
    QVERIFY(ours.start(holder(), {u"--open"_s, m_held}));
    ::kill(pid_t(server.processId()), SIGSTOP);
    QCOMPARE(pidsOf(scanFor({m_held})), QList{ours.pid()}); // returns at all
    ::kill(pid_t(server.processId()), SIGCONT);
}

void tst_Detection::scenario_05_aLoopDeviceOfSuchAServer()
{
    NEEDS_MOUNTS();
    const QString served = file(u"served"_s);
    const QString point = file(u"point"_s);
    QVERIFY(QDir().mkdir(served) && QDir().mkdir(point));
    writeFile(served + u"/disk"_s, QByteArray(1024 * 1024, '\0'));
    QProcess server;
    // The way to the file is asked for again each time, not only after a second.
    server.start(u"bindfs"_s, {u"-f"_s, u"-o"_s, u"entry_timeout=0"_s, served, point});
    QVERIFY(server.waitForStarted());
    std::future<ProcessScan> scan; // goes after the server was let go on
    QByteArray device;
    const auto end = qScopeGuard([&] {
        ::kill(pid_t(server.processId()), SIGCONT);
        if (!device.isEmpty())
            Laboratory::run({"losetup", "--detach", device.toStdString()});
        Laboratory::unmountAll(point.toStdString());
        server.kill();
        server.waitForFinished();
    });
    const QString disk = point + u"/disk"_s;
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(disk), 20'000);
    QProcess losetup;
    losetup.start(u"losetup"_s, {u"--find"_s, u"--show"_s, disk});
    QVERIFY(losetup.waitForFinished());
    device = losetup.readAllStandardOutput().trimmed();
    QVERIFY2(device.startsWith("/dev/"), losetup.readAllStandardError().constData());
    HolderProcess ours;
    QVERIFY(ours.start(holder(), {u"--open"_s, m_held}));

    ::kill(pid_t(server.processId()), SIGSTOP);
    scan = std::async(std::launch::async, [this] { return scanFor({m_held}); });

    QVERIFY(scan.wait_for(30s) == std::future_status::ready);
    QCOMPARE(pidsOf(scan.get()), QList{ours.pid()});
}

void tst_Detection::scenario_06_aLoopDevice()
{
    NEEDS_MOUNTS();
    const QString image = file(u"image"_s);
    QCOMPARE(Laboratory::makeImage(image.toStdString(), "ext4", 16), std::string());
    QVERIFY(scanFor({image}).unattributed.isEmpty());
    QCOMPARE(Laboratory::mountImage(image.toStdString(), file(u"mounted"_s).toStdString(), ""),
             std::string());
    const auto unmount =
        qScopeGuard([&] { Laboratory::unmountAll(file(u"mounted"_s).toStdString()); });
    const ProcessScan scan = scanFor({image});
    QVERIFY(scan.holders.isEmpty());
    QCOMPARE(scan.unattributed, QStringList{image});
}

void tst_Detection::scenario_07_processesThatComeAndGo()
{
    HolderProcess ours;
    QVERIFY(ours.start(holder(), {u"--open"_s, m_held}));
    QProcess forks; // hundreds a second
    forks.start(u"sh"_s, {u"-c"_s, u"while :; do /bin/true & /bin/true & wait; done"_s});
    QVERIFY(forks.waitForStarted());
    for (int number = 0; number < 50; ++number)
        QCOMPARE(pidsOf(scanFor({m_held})), QList{ours.pid()});
    forks.kill();
    forks.waitForFinished();
}

/// A hundred pids go round, as if there were no more, each by turns to a process that holds the
/// file and to one that does not: in a namespace of its own, where root may choose the next pid.
void tst_Detection::scenario_07_pidsThatAreGivenAgain()
{
    NEEDS_MOUNTS();
    const auto script = QStringLiteral(R"sh(
        exec 8< <("$2" --open "$1"); read -r ready <&8
        while :; do
          echo 300 >/proc/sys/kernel/ns_last_pid
          for pair in {1..50}; do sh -c 'exec 9<"$0"' "$1"; /bin/true; done
          /bin/true
        done &
        for number in $(seq 30); do "$3" in-use --json "$1"; printf '\f'; done)sh");
    QProcess inside;
    inside.start(u"unshare"_s,
                 {u"--pid"_s, u"--fork"_s, u"--mount-proc"_s, u"--kill-child"_s, u"bash"_s, u"-c"_s,
                  script, u"bash"_s, m_held, holder(), QStringLiteral(ENTRACTE_COMMAND)});
    QVERIFY(inside.waitForFinished(60'000));

    const QList<QByteArray> answers = inside.readAllStandardOutput().split('\f');
    QCOMPARE(answers.size(), 31);
    for (const QByteArray &answer : answers.first(30)) {
        QStringList found;
        for (const QJsonValue &one :
             QJsonDocument::fromJson(answer).object().value(u"applications"_s).toArray())
            found.append(one[u"executable"_s].toString());
        QCOMPARE(found.removeAll(holder()), 1);
        found.removeAll(QFileInfo(u"/bin/sh"_s).canonicalFilePath()); // if it was met
        QVERIFY2(found.isEmpty(), qPrintable(found.join(u' ')));
    }
}

/// What user 1000 is told of a file of its own and of one of root, each held by its owner.
void tst_Detection::askAsAnOrdinaryUser()
{
    QVERIFY(QFile::setPermissions(m_folder->path(), QFile::Permissions(0x7755)));
    const QString command = file(u"entracte"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_COMMAND), command));
    const QString own = file(u"own"_s);
    writeFile(own, "bytes");
    QCOMPARE(::chown(QFile::encodeName(own).constData(), 1000, 1000), 0);
    HolderProcess ofRoot;
    QVERIFY(ofRoot.start(holder(), {u"--open"_s, m_held}));
    RealProgram ofUser;
    ofUser.holdOpen(own);
    ofUser.runAs(1000);
    QVERIFY(ofUser.start(u"sleep"_s, {u"1000"_s}));
    m_ofUser = ofUser.pid();

    QProcess list;
    list.start(u"setpriv"_s, {u"--reuid=1000"_s, u"--regid=1000"_s, u"--clear-groups"_s, command,
                              u"in-use"_s, u"--json"_s, own, m_held});
    QVERIFY(list.waitForFinished());
    m_answer = QJsonDocument::fromJson(list.readAllStandardOutput()).object();
}

void tst_Detection::scenario_08_asAnOrdinaryUser()
{
    if (::geteuid() != 0)
        QSKIP("becoming another user needs root");
    askAsAnOrdinaryUser();
    const QJsonArray applications = m_answer.value(u"applications"_s).toArray();
    QCOMPARE(applications.size(), 1);
    QCOMPARE(applications.first()[u"pid"_s].toInteger(), m_ofUser);
    QVERIFY(
        m_answer.value(u"unattributedFiles"_s).toArray().isEmpty()); // root's is not called busy
}

void tst_Detection::spec_052_othersProcessesAreCountedNotSeen()
{
    if (::geteuid() != 0)
        QSKIP("becoming another user needs root");
    askAsAnOrdinaryUser();
    QVERIFY(m_answer.value(u"processesNotInspected"_s).toInt() > 0);
    QCOMPARE(scanFor({m_held}).notInspected, 0); // root sees everybody
}

int main(int argc, char **argv)
{
    isInNamespace =
        ::unshare(CLONE_NEWNS) == 0 && Laboratory::run({"mount", "--make-rprivate", "/"}).empty();
    QCoreApplication application(argc, argv);
    tst_Detection test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_detection.moc"
