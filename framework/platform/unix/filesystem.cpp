// SPDX-License-Identifier: MIT
#include "transaction/filesystem.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

#include <array>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utility>

namespace Entracte {

namespace {

/// Owns a file descriptor.
class Descriptor
{
public:
    explicit Descriptor(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    ~Descriptor()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;

    bool isOpen() const { return m_descriptor >= 0; }
    int get() const { return m_descriptor; }
    int release() { return std::exchange(m_descriptor, -1); }

private:
    int m_descriptor;
};

class UnixFileLock final : public FileLock
{
public:
    explicit UnixFileLock(int descriptor)
        : m_descriptor(descriptor)
    {
    }

private:
    Descriptor m_descriptor;
};

class UnixFileSystem final : public FileSystem
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::FileSystem)

public:
    Result<> exchange(const QString &first, const QString &second) override;
    Result<> moveNoReplace(const QString &from, const QString &to) override;
    Result<> linkOrCopy(const QString &from, const QString &to) override;
    Result<> makeDirectory(const QString &path, int mode) override;
    Result<> makeDirectoryLike(const QString &path, const QString &model) override;
    Result<> makeSymbolicLink(const QString &path, const QString &target) override;
    Result<std::unique_ptr<QFileDevice>> createFile(const QString &path, int mode) override;
    Result<> removeTree(const QString &path) override;
    Result<> syncVolume(const QString &path) override;
    Result<qint64> availableBytes(const QString &path) override;
    bool isSameFile(const QString &first, const QString &second) override;
    Result<std::unique_ptr<FileLock>> lock(const QString &path) override;
};

bool refusesHardLinks(int errorNumber)
{
    return errorNumber == EPERM || errorNumber == EXDEV || errorNumber == EMLINK
        || errorNumber == EOPNOTSUPP || errorNumber == ENOSYS;
}

/// All bytes of \a from to \a to, sharing blocks where the file system can; 0 or an errno.
int copyBytes(int from, int to)
{
    if (::ioctl(to, FICLONE, from) == 0)
        return 0;
    std::array<char, 128 * 1024> block;
    while (true) {
        const ssize_t got = ::read(from, block.data(), block.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? errno : 0;
        for (ssize_t done = 0; done < got;) {
            const ssize_t written = ::write(to, block.data() + done, size_t(got - done));
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                return errno;
            done += written;
        }
    }
}

/// Best effort: what this user may not set, or the file system does not know, stays behind.
void copyAttributes(int from, int to)
{
    const ssize_t size = ::flistxattr(from, nullptr, 0);
    if (size <= 0)
        return;
    QByteArray names(size, Qt::Uninitialized);
    names.resize(qMax<ssize_t>(0, ::flistxattr(from, names.data(), size_t(size))));
    const QList<QByteArray> list = names.split('\0');
    for (const QByteArray &name : list) {
        QByteArray value(64 * 1024, Qt::Uninitialized); // XATTR_SIZE_MAX
        const ssize_t length = name.isEmpty() ? -1
                                              : ::fgetxattr(from, name.constData(), value.data(),
                                                            size_t(value.size()));
        if (length >= 0)
            ::fsetxattr(to, name.constData(), value.constData(), size_t(length), 0);
    }
}

/// A second file like \a from; 0 or an errno. \a to is removed again if it is not complete.
int copyFile(const QByteArray &from, const QByteArray &to)
{
    const Descriptor source(::open(from.constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!source.isOpen())
        return errno;
    struct stat status;
    if (::fstat(source.get(), &status) != 0)
        return errno;
    const Descriptor copy(
        ::open(to.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!copy.isOpen())
        return errno;

    int error = copyBytes(source.get(), copy.get());
    if (error == 0) {
        copyAttributes(source.get(), copy.get());
        // Set-id bits mean the owner: they must not be lent to whoever makes the copy.
        const bool keepsOwner = ::fchown(copy.get(), status.st_uid, status.st_gid) == 0;
        const mode_t mode = status.st_mode & (keepsOwner ? 07777 : 01777);
        const timespec times[] = {status.st_atim, status.st_mtim};
        if (::fchmod(copy.get(), mode) != 0 || ::futimens(copy.get(), times) != 0)
            error = errno;
    }
    if (error != 0)
        ::unlink(to.constData());
    return error;
}

int copyLink(const QByteArray &from, const QByteArray &to)
{
    std::array<char, PATH_MAX> target;
    const ssize_t length = ::readlink(from.constData(), target.data(), target.size() - 1);
    if (length < 0)
        return errno;
    target[size_t(length)] = '\0';
    return ::symlink(target.data(), to.constData()) == 0 ? 0 : errno;
}

/// Opens the directory \a name below \a parent, never through a link or into a mount.
int openBelow(int parent, const char *name, dev_t device)
{
    open_how how = {};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS;
    const int opened = int(::syscall(SYS_openat2, parent, name, &how, sizeof how));
    if (opened >= 0 || (errno != ENOSYS && errno != EPERM))
        return opened;

    // An older kernel, or a sandbox that does not know the call: the device number must do.
    Descriptor directory(::openat(parent, name, int(how.flags)));
    struct stat status;
    if (!directory.isOpen() || ::fstat(directory.get(), &status) != 0)
        return -1;
    if (status.st_dev != device) {
        errno = EXDEV;
        return -1;
    }
    return directory.release();
}

/// What could not be removed, and why: the first of possibly several.
struct Leftover
{
    QByteArray path;
    int errorNumber = 0;
};

void removeBelow(int parent, const char *name, const QByteArray &path, dev_t device,
                 Leftover &leftover)
{
    const auto note = [&leftover, &path](int errorNumber) {
        if (leftover.errorNumber == 0)
            leftover = {path, errorNumber};
    };

    struct stat status;
    if (::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT)
            note(errno);
        return;
    }
    if (!S_ISDIR(status.st_mode)) {
        if (::unlinkat(parent, name, 0) != 0 && errno != ENOENT)
            note(errno);
        return;
    }
    if (status.st_dev != device) {
        note(EXDEV);
        return;
    }

    int opened = openBelow(parent, name, device);
    if (opened < 0 && errno == EACCES && ::fchmodat(parent, name, 0700, 0) == 0)
        opened = openBelow(parent, name, device);
    if (opened < 0) {
        note(errno);
        return;
    }
    if ((status.st_mode & 0700) != 0700)
        ::fchmod(opened, 0700);
    DIR *directory = ::fdopendir(opened);
    while (const dirent *entry = ::readdir(directory)) {
        const QByteArray child(entry->d_name);
        if (child != "." && child != "..")
            removeBelow(opened, child.constData(), path + '/' + child, device, leftover);
    }
    ::closedir(directory);
    if (::unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        note(errno);
}

Result<> UnixFileSystem::exchange(const QString &first, const QString &second)
{
    if (::renameat2(AT_FDCWD, QFile::encodeName(first).constData(), AT_FDCWD,
                    QFile::encodeName(second).constData(), RENAME_EXCHANGE)
        == 0)
        return {};
    const int error = errno;
    return Error::fromErrno(error,
                            tr("Could not swap “%1” and “%2”: %3.", "error message; %3: system")
                                .arg(first, second, systemReply(error)));
}

Result<> UnixFileSystem::moveNoReplace(const QString &from, const QString &to)
{
    if (::renameat2(AT_FDCWD, QFile::encodeName(from).constData(), AT_FDCWD,
                    QFile::encodeName(to).constData(), RENAME_NOREPLACE)
        == 0)
        return {};
    const int error = errno;
    return Error::fromErrno(error,
                            tr("Could not move “%1” to “%2”: %3.", "error message; %3: system")
                                .arg(from, to, systemReply(error)));
}

Result<> UnixFileSystem::linkOrCopy(const QString &from, const QString &to)
{
    const QByteArray source = QFile::encodeName(from);
    const QByteArray copy = QFile::encodeName(to);
    if (::linkat(AT_FDCWD, source.constData(), AT_FDCWD, copy.constData(), 0) == 0)
        return {};

    int error = errno;
    struct stat status;
    if (refusesHardLinks(error) && ::lstat(source.constData(), &status) == 0) {
        if (S_ISREG(status.st_mode))
            error = copyFile(source, copy);
        else if (S_ISLNK(status.st_mode))
            error = copyLink(source, copy);
    }
    if (error == 0)
        return {};
    return Error::fromErrno(error,
                            tr("Could not keep “%1” as “%2”: %3.", "error message; %3: system")
                                .arg(from, to, systemReply(error)));
}

Result<> UnixFileSystem::makeDirectory(const QString &path, int mode)
{
    const QByteArray name = QFile::encodeName(path);
    if (::mkdir(name.constData(), 0700) == 0
        && (mode == 0700 || ::chmod(name.constData(), mode_t(mode) & 01777) == 0))
        return {};
    const int error = errno;
    return Error::fromErrno(error,
                            tr("Could not create the folder “%1”: %2.", "error message; %2: system")
                                .arg(path, systemReply(error)));
}

Result<> UnixFileSystem::makeDirectoryLike(const QString &path, const QString &model)
{
    if (const Result<> made = makeDirectory(path, 0700); !made)
        return made.error();
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const Descriptor from(::open(QFile::encodeName(model).constData(), flags));
    const Descriptor directory(::open(QFile::encodeName(path).constData(), flags));
    struct stat status;
    if (from.isOpen() && directory.isOpen() && ::fstat(from.get(), &status) == 0) {
        const bool keepsOwner = ::fchown(directory.get(), status.st_uid, status.st_gid) == 0;
        copyAttributes(from.get(), directory.get());
        const mode_t mode = status.st_mode & (keepsOwner ? 07777 : 01777);
        if (::fchmod(directory.get(), mode | 0700) == 0)
            return {};
    }
    const int error = errno;
    return Error::fromErrno(
        error, tr("Could not make the folder “%1” like “%2”: %3.", "error message; %3: system")
                   .arg(path, model, systemReply(error)));
}

Result<> UnixFileSystem::makeSymbolicLink(const QString &path, const QString &target)
{
    if (::symlink(QFile::encodeName(target).constData(), QFile::encodeName(path).constData()) == 0)
        return {};
    const int error = errno;
    return Error::fromErrno(error,
                            tr("Could not create the link “%1”: %2.", "error message; %2: system")
                                .arg(path, systemReply(error)));
}

Result<std::unique_ptr<QFileDevice>> UnixFileSystem::createFile(const QString &path, int mode)
{
    const QByteArray name = QFile::encodeName(path);
    Descriptor descriptor(
        ::open(name.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!descriptor.isOpen() || ::fchmod(descriptor.get(), mode_t(mode) & 0777) != 0) {
        const int error = errno;
        return Error::fromErrno(
            error, tr("Could not create the file “%1”: %2.", "error message; %2: system")
                       .arg(path, systemReply(error)));
    }

    // Unbuffered: a full disk is reported by the write that met it, not by a later close.
    auto file = std::make_unique<QFile>(path);
    if (!file->open(descriptor.get(), QIODevice::WriteOnly | QIODevice::Unbuffered,
                    QFileDevice::AutoCloseHandle))
        return Error{ErrorCode::Failed,
                     tr("Could not create the file “%1”: %2.", "error message; %2: system")
                         .arg(path, file->errorString())};
    descriptor.release();
    return std::unique_ptr<QFileDevice>(std::move(file));
}

Result<> UnixFileSystem::removeTree(const QString &path)
{
    const QFileInfo info(path);
    const Descriptor parent(
        ::open(QFile::encodeName(info.path()).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status;
    Leftover leftover;
    if (parent.isOpen() && ::fstat(parent.get(), &status) == 0)
        removeBelow(parent.get(), QFile::encodeName(info.fileName()).constData(),
                    QFile::encodeName(path), status.st_dev, leftover);
    else if (errno != ENOENT)
        leftover = {QFile::encodeName(path), errno};
    if (leftover.errorNumber == 0)
        return {};
    return Error::fromErrno(
        leftover.errorNumber,
        tr("Could not remove “%1”: %2.", "error message; %2: system")
            .arg(QFile::decodeName(leftover.path), systemReply(leftover.errorNumber)));
}

Result<> UnixFileSystem::syncVolume(const QString &path)
{
    const Descriptor descriptor(
        ::open(QFile::encodeName(path).constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (descriptor.isOpen() && ::syncfs(descriptor.get()) == 0)
        return {};
    const int error = errno;
    return Error::fromErrno(
        error, tr("Could not make sure that “%1” is on the disk: %2.", "error message; %2: system")
                   .arg(path, systemReply(error)));
}

Result<qint64> UnixFileSystem::availableBytes(const QString &path)
{
    struct statvfs status;
    if (::statvfs(QFile::encodeName(path).constData(), &status) == 0)
        return qint64(status.f_bavail) * qint64(status.f_frsize);
    const int error = errno;
    return Error::fromErrno(error, tr("Could not find out how much room there is in “%1”: %2.",
                                      "error message; %2: system")
                                       .arg(path, systemReply(error)));
}

bool UnixFileSystem::isSameFile(const QString &first, const QString &second)
{
    struct stat one;
    struct stat other;
    return ::lstat(QFile::encodeName(first).constData(), &one) == 0
        && ::lstat(QFile::encodeName(second).constData(), &other) == 0 && one.st_dev == other.st_dev
        && one.st_ino == other.st_ino;
}

Result<std::unique_ptr<FileLock>> UnixFileSystem::lock(const QString &path)
{
    const QByteArray name = QFile::encodeName(path);
    Descriptor descriptor(
        ::open(name.constData(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    // A lock on a file that its owner has just removed would exclude nobody.
    struct stat held;
    struct stat named;
    if (descriptor.isOpen() && ::flock(descriptor.get(), LOCK_EX | LOCK_NB) == 0
        && ::fstat(descriptor.get(), &held) == 0 && ::lstat(name.constData(), &named) == 0
        && held.st_ino == named.st_ino)
        return std::unique_ptr<FileLock>(new UnixFileLock(descriptor.release()));

    const int error = errno;
    if (error == EWOULDBLOCK)
        return Error{
            ErrorCode::AlreadyRunning,
            tr("Another installation is working here: it holds “%1”.", "error message").arg(path)};
    return Error::fromErrno(
        error,
        tr("Could not lock “%1”: %2.", "error message; %2: system").arg(path, systemReply(error)));
}

} // namespace

std::unique_ptr<FileSystem> createFileSystem()
{
    return std::make_unique<UnixFileSystem>();
}

} // namespace Entracte
