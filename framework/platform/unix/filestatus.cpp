// SPDX-License-Identifier: MIT
#include "platform/unix/filestatus.h"

#include <fcntl.h>

namespace Entracte {

static constexpr qint64 nanoseconds = 1'000'000'000;

static FileStamp stampOf(const struct statx &status)
{
    const auto time = [](const struct statx_timestamp &stamp) {
        return qint64(stamp.tv_sec) * nanoseconds + stamp.tv_nsec;
    };
    return {qint64(status.stx_size), time(status.stx_mtime), time(status.stx_ctime)};
}

FileStamp stampOf(const struct stat &status)
{
    const auto time = [](const timespec &stamp) {
        return qint64(stamp.tv_sec) * nanoseconds + stamp.tv_nsec;
    };
    return {qint64(status.st_size), time(status.st_mtim), time(status.st_ctim)};
}

FileKind kindOf(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return FileKind::File;
    case S_IFDIR:
        return FileKind::Directory;
    case S_IFLNK:
        return FileKind::SymbolicLink;
    default:
        return FileKind::Other;
    }
}

FileStatus statusFrom(const struct statx &status)
{
    FileStatus made;
    made.kind = kindOf(status.stx_mode);
    made.stamp = stampOf(status);
    made.mode = status.stx_mode & 07777;
    made.device = (quint64(status.stx_dev_major) << 32) | status.stx_dev_minor;
    made.inode = status.stx_ino;
    made.owner = status.stx_uid;
    made.isImmutable = status.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND);
    made.isMountPoint = status.stx_attributes & STATX_ATTR_MOUNT_ROOT;
    return made;
}

bool lookAt(int directory, const char *name, struct statx &status)
{
    return ::statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT,
                   STATX_BASIC_STATS, &status)
        == 0;
}

} // namespace Entracte
