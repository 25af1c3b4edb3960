// SPDX-License-Identifier: MIT
#include "platform/unix/treeremoval.h"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace Entracte {

namespace {

class Removal
{
public:
    explicit Removal(dev_t device)
        : m_device(device)
    {
    }

    void remove(int parent, const char *name, const QByteArray &path, unsigned char type);
    std::optional<Leftover> leftover;

private:
    int openDirectory(int parent, const char *name) const;
    void removeDirectory(int parent, const char *name, const QByteArray &path);
    void note(const QByteArray &path, int errorNumber)
    {
        if (!leftover)
            leftover = {path, errorNumber};
    }

    dev_t m_device;
};

/// -1 with EXDEV when it lies in another file system.
int Removal::openDirectory(int parent, const char *name) const
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int opened = ::openat(parent, name, flags);
    if (opened < 0 && errno == EACCES && ::fchmodat(parent, name, 0700, 0) == 0)
        opened = ::openat(parent, name, flags);
    struct statx status;
    if (opened < 0
        || ::statx(opened, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MODE, &status) != 0)
        return -1;
    const dev_t device = makedev(status.stx_dev_major, status.stx_dev_minor);
    // A bind mount has the same device number.
    if (device != m_device || (status.stx_attributes & STATX_ATTR_MOUNT_ROOT)) {
        ::close(opened);
        errno = EXDEV;
        return -1;
    }
    if ((status.stx_mode & 0700) != 0700)
        ::fchmod(opened, 0700);
    return opened;
}

void Removal::removeDirectory(int parent, const char *name, const QByteArray &path)
{
    const int opened = openDirectory(parent, name);
    if (opened < 0) {
        if (errno != ENOENT)
            note(path, errno);
        return;
    }
    DIR *directory = ::fdopendir(opened);
    while (const dirent *entry = ::readdir(directory)) {
        if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
            remove(opened, entry->d_name, path, entry->d_type);
    }
    ::closedir(directory);
    if (::unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        note(path, errno);
}

void Removal::remove(int parent, const char *name, const QByteArray &path, unsigned char type)
{
    const auto whole = [&] { return path.isEmpty() ? QByteArray(name) : path + '/' + name; };
    if (type != DT_DIR) {
        if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT)
            return;
        if (errno != EISDIR || type != DT_UNKNOWN)
            return note(whole(), errno);
    }
    removeDirectory(parent, name, whole());
}

} // namespace

std::optional<Leftover> removeBelow(int parent, const QByteArray &name, const QByteArray &path)
{
    struct stat status;
    if (::fstatat(parent, name.constData(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? std::nullopt : std::optional(Leftover{path, errno});
    Removal removal(status.st_dev);
    const QByteArray above = path.left(path.lastIndexOf('/'));
    removal.remove(parent, name.constData(), above, S_ISDIR(status.st_mode) ? DT_DIR : DT_REG);
    return removal.leftover;
}

} // namespace Entracte
