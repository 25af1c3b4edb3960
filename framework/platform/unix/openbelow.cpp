// SPDX-License-Identifier: MIT
#include "platform/unix/openbelow.h"

#include "platform/unix/descriptor.h"

#include <QList>

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace Entracte {

/// Opens the directory \a path below \a root, component by component: for a system that does not
/// know openat2, or forbids it.
static int openStepwise(int root, const QByteArray &path)
{
    Descriptor at(::fcntl(root, F_DUPFD_CLOEXEC, 0));
    const QList<QByteArray> names = path.split('/');
    for (const QByteArray &name : names) {
        if (name == "..") {
            errno = EXDEV;
            return -1;
        }
        at = Descriptor(
            ::openat(at.get(), name.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!at.isValid())
            return -1;
    }
    return at.release();
}

int openBelow(int root, const QByteArray &path)
{
    if (path.isEmpty())
        return ::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    open_how how = {};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    const int opened = int(::syscall(SYS_openat2, root, path.constData(), &how, sizeof how));
    if (opened >= 0 || (errno != ENOSYS && errno != EPERM))
        return opened;
    return openStepwise(root, path);
}

} // namespace Entracte
