// SPDX-License-Identifier: MIT
#include "support/faultshim.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using Call = FaultShim::Call;
using Fault = FaultShim::Fault;

/// What all other tests of faults rest on: every kind is seen, counted, and can be hit.
class tst_FaultShim : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void everyNameIsCountedAndCanFail_data();
    void everyNameIsCountedAndCanFail();
    void harmlessCallsAreNotCounted();
    void qtAndTheLibraryComeThroughToo();
    void onlyTheChosenCallFails();
    void whatLastsFailsFromThenOn();
    void actionsRunAtTheirCallAndAreNotCounted();
    void onlyCallsBelowTheFolderCount();
    void aKilledProcessStopsBeforeOrAfterTheCall_data();
    void aKilledProcessStopsBeforeOrAfterTheCall();
    void aTornWriteLeavesHalf();
    void aStoppedProcessGoesOn();
    void threadsAreAllCounted();
    void theEnvironmentArrangesAChild();
    void nonsenseIsRefused_data();
    void nonsenseIsRefused();

private:
    /// In a child, which may be killed: the status as waitpid() reports it.
    static int statusOf(const std::function<void()> &deed)
    {
        const pid_t child = ::fork();
        if (child == 0) {
            deed();
            ::_exit(0);
        }
        int status = 0;
        return ::waitpid(child, &status, 0) == child ? status : -1;
    }

    QByteArray path(const char *name) const
    {
        return QFile::encodeName(m_folder->filePath(QString::fromLatin1(name)));
    }
    bool exists(const char *name) const
    {
        struct stat status;
        return ::lstat(path(name).constData(), &status) == 0;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    int m_directory = -1;
    int m_file = -1; ///< "file", three bytes, open for reading and writing
};

using Deed = int (*)(int directory, int file); ///< -1 and errno, as libc answers
Q_DECLARE_METATYPE(Deed)

void tst_FaultShim::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_directory = ::open(QFile::encodeName(m_folder->path()).constData(), O_RDONLY | O_DIRECTORY);
    m_file = ::openat(m_directory, "file", O_RDWR | O_CREAT, 0644);
    QCOMPARE(::write(m_file, "abc", 3), 3);
    QCOMPARE(::mkdirat(m_directory, "folder", 0755), 0);
    QCOMPARE(::fchdir(m_directory), 0);
    FaultShim::reset();
    FaultShim::onlyBelow(m_folder->path().toStdString());
}

void tst_FaultShim::cleanup()
{
    FaultShim::reset();
    QCOMPARE(::chdir("/"), 0);
    ::close(m_file);
    ::close(m_directory);
    m_folder.reset();
}

void tst_FaultShim::everyNameIsCountedAndCanFail_data()
{
    QTest::addColumn<Call>("call");
    QTest::addColumn<Deed>("deed");
    const auto row = [](const char *name, Call call, Deed deed) {
        QTest::newRow(name) << call << deed;
    };

    constexpr int making = O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC;
    row("openat", Call::Openat, [](int d, int) { return ::openat(d, "new", making, 0600); });
    row("openat64", Call::Openat, [](int d, int) { return ::openat64(d, "new", making, 0600); });
    row("open", Call::Openat, [](int, int) { return ::open("new", making, 0600); });
    row("open64", Call::Openat, [](int, int) { return ::open64("new", making, 0600); });
    row("open, emptying", Call::Openat,
        [](int, int) { return ::open("file", O_WRONLY | O_TRUNC); });
    row("open, nameless", Call::Openat,
        [](int, int) { return ::open("folder", O_TMPFILE | O_WRONLY, 0600); });
    row("creat", Call::Openat, [](int, int) { return ::creat("new", 0600); });
    row("openat2", Call::Openat, [](int d, int) {
        open_how how = {};
        how.flags = making;
        how.mode = 0600;
        how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
        return int(::syscall(SYS_openat2, d, "new", &how, sizeof how));
    });
    row("write", Call::Write, [](int, int f) { return int(::write(f, "x", 1)); });
    row("pwrite", Call::Write, [](int, int f) { return int(::pwrite(f, "x", 1, 0)); });
    row("pwrite64", Call::Write, [](int, int f) { return int(::pwrite64(f, "x", 1, 0)); });
    row("fsync", Call::Fsync, [](int, int f) { return ::fsync(f); });
    row("fdatasync", Call::Fdatasync, [](int, int f) { return ::fdatasync(f); });
    row("syncfs", Call::Syncfs, [](int d, int) { return ::syncfs(d); });
    row("renameat2", Call::Renameat2,
        [](int d, int) { return ::renameat2(d, "file", d, "folder", RENAME_EXCHANGE); });
    row("renameat", Call::Renameat2, [](int d, int) { return ::renameat(d, "file", d, "new"); });
    row("rename", Call::Renameat2, [](int, int) { return ::rename("file", "new"); });
    row("linkat", Call::Linkat, [](int d, int) { return ::linkat(d, "file", d, "new", 0); });
    row("link", Call::Linkat, [](int, int) { return ::link("file", "new"); });
    row("unlinkat", Call::Unlinkat, [](int d, int) { return ::unlinkat(d, "file", 0); });
    row("unlink", Call::Unlinkat, [](int, int) { return ::unlink("file"); });
    row("unlinkat of a folder", Call::Rmdir,
        [](int d, int) { return ::unlinkat(d, "folder", AT_REMOVEDIR); });
    row("rmdir", Call::Rmdir, [](int, int) { return ::rmdir("folder"); });
    row("mkdirat", Call::Mkdirat, [](int d, int) { return ::mkdirat(d, "new", 0755); });
    row("mkdir", Call::Mkdirat, [](int, int) { return ::mkdir("new", 0755); });
    row("symlinkat", Call::Symlinkat, [](int d, int) { return ::symlinkat("file", d, "new"); });
    row("symlink", Call::Symlinkat, [](int, int) { return ::symlink("file", "new"); });
    row("fchmod", Call::Fchmod, [](int, int f) { return ::fchmod(f, 0600); });
    row("fchmodat", Call::Fchmod, [](int d, int) { return ::fchmodat(d, "file", 0600, 0); });
    row("fchmodat, no link", Call::Fchmod,
        [](int d, int) { return ::fchmodat(d, "file", 0600, AT_SYMLINK_NOFOLLOW); });
    row("chmod", Call::Fchmod, [](int, int) { return ::chmod("file", 0600); });
    row("fchown", Call::Fchown, [](int, int f) { return ::fchown(f, ::getuid(), ::getgid()); });
    row("fchownat", Call::Fchown,
        [](int d, int) { return ::fchownat(d, "file", ::getuid(), ::getgid(), 0); });
    row("chown", Call::Fchown, [](int, int) { return ::chown("file", ::getuid(), ::getgid()); });
    row("lchown", Call::Fchown, [](int, int) { return ::lchown("file", ::getuid(), ::getgid()); });
    row("futimens", Call::Futimens, [](int, int f) { return ::futimens(f, nullptr); });
    row("utimensat", Call::Futimens,
        [](int d, int) { return ::utimensat(d, "file", nullptr, AT_SYMLINK_NOFOLLOW); });
    row("fsetxattr", Call::Fsetxattr,
        [](int, int f) { return ::fsetxattr(f, "user.tst", "x", 1, 0); });
    row("setxattr", Call::Fsetxattr,
        [](int, int) { return ::setxattr("file", "user.tst", "x", 1, 0); });
    row("lsetxattr", Call::Fsetxattr,
        [](int, int) { return ::lsetxattr("file", "user.tst", "x", 1, 0); });
    row("fallocate", Call::Fallocate, [](int, int f) { return ::fallocate(f, 0, 0, 4096); });
    row("posix_fallocate", Call::Fallocate, [](int, int f) {
        const int error = ::posix_fallocate(f, 0, 4096);
        errno = error;
        return error == 0 ? 0 : -1;
    });
    row("ftruncate", Call::Ftruncate, [](int, int f) { return ::ftruncate(f, 1); });
    row("ftruncate64", Call::Ftruncate, [](int, int f) { return ::ftruncate64(f, 1); });
    row("copy_file_range", Call::CopyFileRange, [](int d, int f) {
        const int to = ::openat(d, "copy", O_RDWR | O_CREAT, 0600);
        const int error = int(::copy_file_range(f, nullptr, to, nullptr, 3, 0));
        const int kept = errno;
        ::close(to);
        errno = kept;
        return error;
    });
    row("FICLONE", Call::Ficlone, [](int d, int f) {
        const int to = ::openat(d, "copy", O_RDWR | O_CREAT, 0600);
        const int error = ::ioctl(to, FICLONE, f);
        const int kept = errno;
        ::close(to);
        errno = kept;
        return error;
    });
    row("flock", Call::Flock, [](int, int f) { return ::flock(f, LOCK_EX | LOCK_NB); });
}

void tst_FaultShim::everyNameIsCountedAndCanFail()
{
    QFETCH(Call, call);
    QFETCH(Deed, deed);
    FaultShim::fail(call, 1, EDQUOT);

    errno = 0;
    const int failed = deed(m_directory, m_file);
    const int reported = errno;
    const bool isUntouched = !exists("new") && exists("file") && exists("folder")
                          && QFile(QFile::decodeName(path("file"))).size() == 3;
    errno = 0;
    const int done = deed(m_directory, m_file);
    const int lastError = errno;

    QCOMPARE(failed, -1);
    QCOMPARE(reported, EDQUOT);
    QVERIFY(isUntouched);
    QVERIFY2(done >= 0 || lastError == EOPNOTSUPP || lastError == ENOTSUP,
             std::strerror(lastError));
    QCOMPARE(FaultShim::count(call), 2);
    QCOMPARE(FaultShim::hitCount(), 1);
}

void tst_FaultShim::harmlessCallsAreNotCounted()
{
    int ends[2];
    QCOMPARE(::pipe(ends), 0);

    QCOMPARE(::write(ends[1], "x", 1), 1);
    ::close(::openat(m_directory, "file", O_RDONLY));
    ::close(::open("file", O_RDWR));
    ::close(ends[0]);
    ::close(ends[1]);

    for (int call = 0; call < FaultShim::callCount; ++call)
        QCOMPARE(FaultShim::count(Call(call)), 0);
}

void tst_FaultShim::qtAndTheLibraryComeThroughToo()
{
    QFile file(QFile::decodeName(path("qt")));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    QCOMPARE(file.write("x"), 1);
    file.close();
    QVERIFY(file.setPermissions(QFile::ReadOwner));
    QVERIFY(file.remove());
    std::filesystem::create_directory(path("std").constData());
    std::filesystem::permissions(path("std").constData(), std::filesystem::perms(0700));
    std::filesystem::remove(path("std").constData());

    QCOMPARE(FaultShim::count(Call::Openat), 1);
    QCOMPARE(FaultShim::count(Call::Write), 1);
    QCOMPARE(FaultShim::count(Call::Fchmod), 2);
    QVERIFY(FaultShim::count(Call::Unlinkat) >= 1);
    QCOMPARE(FaultShim::count(Call::Mkdirat), 1);
    QVERIFY(!exists("qt") && !exists("std"));
}

void tst_FaultShim::onlyTheChosenCallFails()
{
    FaultShim::fail(Call::Mkdirat, 2, ENOSPC);

    const int first = ::mkdir("1", 0700);
    const int second = ::mkdir("2", 0700);
    const int error = errno;
    const int third = ::mkdir("3", 0700);

    QCOMPARE(first, 0);
    QCOMPARE(second, -1);
    QCOMPARE(error, ENOSPC);
    QCOMPARE(third, 0);
    QVERIFY(exists("1") && !exists("2") && exists("3"));
}

void tst_FaultShim::whatLastsFailsFromThenOn()
{
    FaultShim::fail(Call::Write, 2, EIO, FaultShim::Lasting::FromThenOn);

    QCOMPARE(::write(m_file, "x", 1), 1);
    QCOMPARE(::write(m_file, "x", 1), -1);
    QCOMPARE(::pwrite(m_file, "x", 1, 0), -1);
    QCOMPARE(errno, EIO);
    QCOMPARE(FaultShim::hitCount(), 2);
}

void tst_FaultShim::actionsRunAtTheirCallAndAreNotCounted()
{
    bool isBefore = false;
    bool isAfter = false;
    FaultShim::before(Call::Renameat2, 1, [&] {
        isBefore = exists("file") && !exists("moved");
        ::mkdir("made", 0700);
        ::rename("folder", "directory");
    });
    FaultShim::after(Call::Renameat2, 1, [&] { isAfter = !exists("file") && exists("moved"); });
    FaultShim::fail(Call::Renameat2, 2, EXDEV);

    const int first = ::rename("file", "moved");
    const int second = ::rename("moved", "file");

    QVERIFY(isBefore && isAfter && exists("made") && exists("directory"));
    QCOMPARE(first, 0);
    QCOMPARE(second, -1);
    QCOMPARE(FaultShim::count(Call::Renameat2), 2);
    QCOMPARE(FaultShim::count(Call::Mkdirat), 0);
}

void tst_FaultShim::onlyCallsBelowTheFolderCount()
{
    const std::string folder = path("folder").toStdString();
    FaultShim::reset();
    FaultShim::onlyBelow(folder);
    FaultShim::fail(Call::Openat, 1, EIO, FaultShim::Lasting::FromThenOn);
    const int descriptor = ::open("folder", O_RDONLY | O_DIRECTORY);

    const int beside = ::openat(m_directory, "folder-too", O_CREAT | O_WRONLY, 0600);
    const int relative = ::openat(m_directory, "folder/new", O_CREAT | O_WRONLY, 0600);
    const int inside = ::openat(descriptor, "new", O_CREAT | O_WRONLY, 0600);
    const int absolute = ::open((folder + "/new").c_str(), O_CREAT | O_WRONLY, 0600);
    const int written = int(::write(m_file, "x", 1));
    const int movedIn = ::renameat(m_directory, "file", descriptor, "file");
    ::close(descriptor);
    ::close(beside);

    QVERIFY(beside >= 0);
    QCOMPARE(relative, -1);
    QCOMPARE(inside, -1);
    QCOMPARE(absolute, -1);
    QCOMPARE(written, 1);
    QCOMPARE(movedIn, 0);
    QCOMPARE(FaultShim::count(Call::Openat), 3);
    QCOMPARE(FaultShim::count(Call::Write), 0);
    QCOMPARE(FaultShim::count(Call::Renameat2), 1);
}

void tst_FaultShim::aKilledProcessStopsBeforeOrAfterTheCall_data()
{
    QTest::addColumn<Fault>("fault");
    QTest::addColumn<bool>("isMade");
    QTest::newRow("before") << Fault::KillBefore << false;
    QTest::newRow("after") << Fault::KillAfter << true;
}

void tst_FaultShim::aKilledProcessStopsBeforeOrAfterTheCall()
{
    QFETCH(Fault, fault);
    QFETCH(bool, isMade);
    FaultShim::arrange(Call::Mkdirat, 2, fault);

    const int status = statusOf([] {
        ::mkdir("first", 0700);
        ::mkdir("second", 0700);
        ::mkdir("third", 0700);
    });

    QVERIFY(WIFSIGNALED(status));
    QCOMPARE(WTERMSIG(status), SIGKILL);
    QVERIFY(exists("first") && !exists("third"));
    QCOMPARE(exists("second"), isMade);
}

void tst_FaultShim::aTornWriteLeavesHalf()
{
    FaultShim::arrange(Call::Write, 1, Fault::Tear);

    const int status = statusOf([this] { (void)!::pwrite(m_file, "0123456789", 10, 0); });

    QVERIFY(WIFSIGNALED(status));
    QFile file(QFile::decodeName(path("file")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("01234"));
}

void tst_FaultShim::aStoppedProcessGoesOn()
{
    FaultShim::arrange(Call::Mkdirat, 1, Fault::StopBefore);
    FaultShim::arrange(Call::Mkdirat, 2, Fault::StopAfter);

    const pid_t child = ::fork();
    if (child == 0) {
        ::mkdir("first", 0700);
        ::_exit(::mkdir("second", 0700));
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, WUNTRACED), child);
    QVERIFY(WIFSTOPPED(status) && !exists("first"));
    ::kill(child, SIGCONT);
    QCOMPARE(::waitpid(child, &status, WUNTRACED), child);
    QVERIFY(WIFSTOPPED(status) && exists("first") && exists("second"));
    ::kill(child, SIGCONT);
    QCOMPARE(::waitpid(child, &status, 0), child);

    QCOMPARE(status, 0);
}

void tst_FaultShim::threadsAreAllCounted()
{
    constexpr int each = 500;
    FaultShim::fail(Call::Write, each, EIO);
    std::atomic<int> failures = 0;
    const auto work = [this, &failures] {
        for (int i = 0; i < each; ++i)
            failures += ::pwrite(m_file, "x", 1, 0) < 0 ? 1 : 0;
    };

    std::thread first(work);
    std::thread second(work);
    first.join();
    second.join();

    QCOMPARE(FaultShim::count(Call::Write), 2 * each);
    QCOMPARE(failures.load(), 1);
}

void tst_FaultShim::theEnvironmentArrangesAChild()
{
    const auto run = [this](const QString &fault, const QString &below) {
        QProcess child;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"ENTRACTE_FAULT"_s, fault);
        if (!below.isEmpty())
            environment.insert(u"ENTRACTE_FAULT_BELOW"_s, below);
        child.setProcessEnvironment(environment);
        child.start(QCoreApplication::applicationFilePath(),
                    {u"--make-folders"_s, m_folder->path()});
        child.waitForFinished();
        return child.exitStatus() == QProcess::CrashExit ? -1 : child.exitCode();
    };

    QCOMPARE(run(u"mkdirat:2:kill"_s, m_folder->path()), -1);
    QVERIFY(exists("0") && !exists("1") && !exists("2"));
    QCOMPARE(run(u"mkdirat:2:ENOSPC,mkdirat:3:kill-after"_s, m_folder->path()), -1);
    QVERIFY(!exists("1") && exists("2") && !exists("3"));
    QCOMPARE(run(u"mkdirat:1:EIO+"_s, u"/proc"_s), 0);
    QVERIFY(exists("3"));
    QCOMPARE(run(u"mkdirat:soon:EIO"_s, {}), -1);
}

void tst_FaultShim::nonsenseIsRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text :
         {"", "write", "write:1", "write:0:kill", "write:-1:kill", "write:1:kil", "wride:1:kill",
          "write:1x:kill", "write:1:kill,", "fsync:1:tear", "write:1:EIO++", "write:1:kill+"})
        QTest::newRow(text) << QByteArray(text);
}

void tst_FaultShim::nonsenseIsRefused()
{
    QFETCH(QByteArray, text);
    QVERIFY(!FaultShim::arrange(std::string_view(text.constData(), size_t(text.size()))));
}

/// The child of theEnvironmentArrangesAChild().
static int makeFolders(const char *parent)
{
    for (const char *name : {"/0", "/1", "/2", "/3"})
        ::mkdir((std::string(parent) + name).c_str(), 0700);
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc == 3 && std::string_view(argv[1]) == "--make-folders")
        return makeFolders(argv[2]);
    QCoreApplication app(argc, argv);
    tst_FaultShim test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_faultshim.moc"
