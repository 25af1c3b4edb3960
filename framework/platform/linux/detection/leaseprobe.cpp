// SPDX-License-Identifier: MIT
#include "platform/linux/detection/leaseprobe.h"

#include "platform/linux/detection/scripts.h"

#include <QFile>

#include <cerrno>
#include <csignal>
#include <optional>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace Entracte {

using Occupancy = RestartBackend::Occupancy;

namespace {

Descriptor opened(const QByteArray &name)
{
    return Descriptor(::open(name.constData(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

/// Takes the descriptor, so that a lease ends with the question.
Occupancy occupancyOf(Descriptor file)
{
    // Whoever opens the file in the microsecond between has us signalled: by one that nobody hears.
    ::fcntl(file.get(), F_SETSIG, SIGURG);
    if (::fcntl(file.get(), F_SETLEASE, F_WRLCK) == 0)
        return Occupancy::Free; // closing gives it back
    return errno == EAGAIN || errno == EBUSY ? Occupancy::InUse : Occupancy::Unknown;
}

/// Whether the volume of the file \a name, which nobody holds, counts a mapping as holding.
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
    Descriptor file = opened(name);
    const bool tells = file.isValid() && occupancyOf(std::move(file)) == Occupancy::InUse;
    ::munmap(mapping, 1);
    return tells;
}

std::optional<struct stat> regularFile(const Descriptor &file)
{
    struct stat status;
    if (!file.isValid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return std::nullopt;
    return status;
}

FileIdentity identityOf(const struct stat &status)
{
    return {FileIdentity::deviceOf(major(status.st_dev), minor(status.st_dev)), status.st_ino};
}

} // namespace

Occupancy LeaseProbe::ask(const QByteArray &path)
{
    Descriptor file = opened(path);
    const auto status = regularFile(file);
    if (!status)
        return Occupancy::Unknown;
    return askOpen(std::move(file), path, identityOf(*status).device);
}

Occupancy LeaseProbe::ask(const FileTable &files, int number)
{
    const FileTable::Entry &entry = files.entry(number);
    if (!entry.isRegular)
        return Occupancy::Unknown;
    QByteArray path = QFile::encodeName(entry.path);
    Descriptor file = opened(path);
    auto status = regularFile(file);
    const bool isElsewhere = !status || identityOf(*status) != entry.identity;
    if (const int pin = isElsewhere ? files.pinOf(entry.identity) : -1; pin >= 0) {
        path = "/proc/self/fd/" + QByteArray::number(pin);
        file = opened(path);
        status = regularFile(file);
    }
    if (!status || identityOf(*status) != entry.identity)
        return Occupancy::Unknown;
    const bool mayBeRun = status->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
    m_hasMetScript = m_hasMetScript || mayBeScript(mayBeRun ? file.get() : -1, path);
    return askOpen(std::move(file), path, entry.identity.device);
}

Occupancy LeaseProbe::askOpen(Descriptor file, const QByteArray &path, quint64 device)
{
    const Occupancy answer = occupancyOf(std::move(file));
    if (answer != Occupancy::Free)
        return answer;
    auto known = m_trusted.find(device);
    if (known == m_trusted.end())
        known = m_trusted.emplace(device, tellsMappings(path)).first;
    return known->second ? Occupancy::Free : Occupancy::Unknown;
}

Occupancy probeByLease(const QStringList &files, QStringList *inUse)
{
    LeaseProbe probe;
    Occupancy all = Occupancy::Free;
    for (const QString &path : files) {
        const QByteArray name = QFile::encodeName(path);
        struct stat status;
        if (::lstat(name.constData(), &status) != 0 || !S_ISREG(status.st_mode))
            continue;
        const Occupancy one = probe.ask(name);
        if (one == Occupancy::InUse) {
            if (inUse)
                inUse->append(path);
            return Occupancy::InUse;
        }
        if (one == Occupancy::Unknown)
            all = Occupancy::Unknown;
    }
    return all;
}

} // namespace Entracte
