// SPDX-License-Identifier: MIT
#include "platform/unix/filelock.h"

#include "platform/unix/descriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace Entracte {

struct FileLock::Private
{
    Descriptor file;
};

FileLock::FileLock(std::unique_ptr<Private> made)
    : d(std::move(made))
{
}
FileLock::FileLock(FileLock &&) noexcept = default;
FileLock &FileLock::operator=(FileLock &&) noexcept = default;
FileLock::~FileLock() = default;

Result<FileLock> lockFile(int directory, const QByteArray &name, const QString &shown,
                          int operation)
{
    auto made = std::make_unique<FileLock::Private>();
    made->file = Descriptor(
        ::openat(directory, name.constData(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    int locked = -1;
    do {
        locked = made->file.isValid() ? ::flock(made->file.get(), operation) : -1;
    } while (locked != 0 && made->file.isValid() && errno == EINTR);
    // A lock on a file that its owner has just removed would exclude nobody.
    struct stat held;
    struct stat named;
    if (locked == 0 && ::fstat(made->file.get(), &held) == 0) {
        if (::fstatat(directory, name.constData(), &named, AT_SYMLINK_NOFOLLOW) == 0
            && held.st_ino == named.st_ino)
            return FileLock(std::move(made));
        errno = ENOENT;
    }

    const int error = errno;
    if (error == EWOULDBLOCK)
        return Error{
            ErrorCode::AlreadyRunning,
            Directory::tr("Another installation is working here: it holds “%1”.", "error message")
                .arg(shown)};
    return Error::fromErrno(error,
                            Directory::tr("Could not lock “%1”: %2.", "error message; %2: system")
                                .arg(shown, systemReply(error)));
}

} // namespace Entracte
