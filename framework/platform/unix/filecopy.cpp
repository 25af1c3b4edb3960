// SPDX-License-Identifier: MIT
#include "platform/unix/filecopy.h"

#include "platform/unix/descriptor.h"

#include <QList>

#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace Entracte {

static constexpr qint64 longestXattr = 64 * 1024; // XATTR_SIZE_MAX

int writeAll(int to, const char *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t written = ::write(to, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        bytes += written;
        size -= size_t(written);
    }
    return 0;
}

/// All bytes of \a from to \a to, sharing blocks where the file system can.
static int copyBytes(int from, int to)
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
        if (const int error = writeAll(to, block.data(), size_t(got)); error != 0)
            return error;
    }
}

int copyAttributes(int from, int to)
{
    const ssize_t size = ::flistxattr(from, nullptr, 0);
    if (size <= 0)
        return 0;
    QByteArray names(size, Qt::Uninitialized);
    names.resize(qMax<ssize_t>(0, ::flistxattr(from, names.data(), size_t(size))));
    const QList<QByteArray> list = names.split('\0');
    for (const QByteArray &name : list) {
        if (name.isEmpty() || name == "security.selinux")
            continue;
        QByteArray value(longestXattr, Qt::Uninitialized);
        const ssize_t length =
            ::fgetxattr(from, name.constData(), value.data(), size_t(value.size()));
        if (length >= 0
            && ::fsetxattr(to, name.constData(), value.constData(), size_t(length), 0) != 0)
            return errno;
    }
    return 0;
}

int copyFile(int fromDirectory, const char *from, int toDirectory, const char *to)
{
    const Descriptor source(::openat(fromDirectory, from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!source.isValid())
        return errno;
    struct stat status;
    if (::fstat(source.get(), &status) != 0)
        return errno;
    const Descriptor copy(
        ::openat(toDirectory, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!copy.isValid())
        return errno;

    int error = copyBytes(source.get(), copy.get());
    if (error == 0 && ::fchown(copy.get(), status.st_uid, status.st_gid) != 0)
        error = errno;
    if (error == 0)
        error = copyAttributes(source.get(), copy.get());
    const timespec times[] = {status.st_atim, status.st_mtim};
    if (error == 0
        && (::fchmod(copy.get(), status.st_mode & 07777) != 0
            || ::futimens(copy.get(), times) != 0))
        error = errno;
    if (error != 0)
        ::unlinkat(toDirectory, to, 0);
    return error;
}

QByteArray targetOfLink(int directory, const char *name)
{
    QByteArray target(PATH_MAX, Qt::Uninitialized);
    const ssize_t length = ::readlinkat(directory, name, target.data(), size_t(target.size()));
    target.truncate(qMax<ssize_t>(0, length));
    return target;
}

int copyLink(int fromDirectory, const char *from, int toDirectory, const char *to)
{
    const QByteArray target = targetOfLink(fromDirectory, from);
    struct stat status;
    if (target.isEmpty() || ::fstatat(fromDirectory, from, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return EIO;
    if (::symlinkat(target.constData(), toDirectory, to) != 0)
        return errno;
    if (::fchownat(toDirectory, to, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    const int error = errno;
    ::unlinkat(toDirectory, to, 0);
    return error;
}

} // namespace Entracte
