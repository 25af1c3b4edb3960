// SPDX-License-Identifier: MIT
#include "platform/linux/detection/leaseprobe.h"

#include "platform/unix/descriptor.h"

#include <QFile>
#include <QHash>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace Entracte {

using Occupancy = RestartBackend::Occupancy;

namespace {

Descriptor opened(const QByteArray &name)
{
    return Descriptor(::open(name.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

Occupancy occupancyOf(const Descriptor &file)
{
    // Whoever opens the file in the microsecond between has us signalled: by one that nobody hears.
    ::fcntl(file.get(), F_SETSIG, SIGURG);
    if (::fcntl(file.get(), F_SETLEASE, F_WRLCK) == 0) {
        ::fcntl(file.get(), F_SETLEASE, F_UNLCK);
        return Occupancy::Free;
    }
    return errno == EAGAIN || errno == EBUSY ? Occupancy::InUse : Occupancy::Unknown;
}

/// Whether the volume of the file \a name counts a mapping as holding.
bool tellsMappings(const QByteArray &name)
{
    void *mapping = MAP_FAILED;
    {
        const Descriptor file = opened(name);
        if (file.isValid())
            mapping = ::mmap(nullptr, 1, PROT_READ, MAP_SHARED, file.get(), 0);
    }
    if (mapping == MAP_FAILED)
        return false;
    const Descriptor file = opened(name);
    const bool tells = file.isValid() && occupancyOf(file) == Occupancy::InUse;
    ::munmap(mapping, 1);
    return tells;
}

} // namespace

Occupancy probeByLease(const QStringList &files)
{
    QHash<dev_t, bool> trusted;
    Occupancy all = Occupancy::Free;
    for (const QString &path : files) {
        const QByteArray name = QFile::encodeName(path);
        struct stat status;
        if (::lstat(name.constData(), &status) != 0 || !S_ISREG(status.st_mode))
            continue;
        auto known = trusted.constFind(status.st_dev);
        if (known == trusted.constEnd()) {
            const bool wasInUse = occupancyOf(opened(name)) == Occupancy::InUse;
            known = trusted.insert(status.st_dev, wasInUse || tellsMappings(name));
        }
        const Descriptor file = opened(name);
        const Occupancy one = !file.isValid() ? Occupancy::Unknown : occupancyOf(file);
        if (one == Occupancy::InUse)
            return Occupancy::InUse;
        if (one == Occupancy::Unknown || !*known)
            all = Occupancy::Unknown;
    }
    return all;
}

} // namespace Entracte
