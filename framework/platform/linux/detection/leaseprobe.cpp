// SPDX-License-Identifier: MIT
#include "platform/linux/detection/leaseprobe.h"

#include "core/parallel.h"
#include "platform/linux/detection/scripts.h"

#include <QFile>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

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

namespace {

/// Whether one of many files is in use. Several threads ask; what they cannot know, one does
/// afterwards: two names of one file are each other's users while two threads ask, and spoil the
/// trial of a volume.
class ProbeOfMany
{
public:
    explicit ProbeOfMany(const QStringList &files)
        : m_files(files)
    {
    }

    Occupancy run(QStringList *inUse)
    {
        askAll();
        return askAgain(inUse);
    }

private:
    struct Doubt
    {
        qsizetype file = 0;
        Occupancy answer = Occupancy::Free; ///< Free: it is the first of its volume
    };

    void askAll();
    Occupancy askAgain(QStringList *inUse) const;

    const QStringList &m_files;
    std::mutex m_mutex;
    std::vector<Doubt> m_doubts;
};

void ProbeOfMany::askAll()
{
    constexpr qsizetype batch = 64;
    const auto makeWorker = [this]() -> ItemWork {
        const auto volumes = std::make_shared<std::set<dev_t>>();
        return [this, volumes](qsizetype item) -> Result<> {
            const qsizetype end = std::min(m_files.size(), (item + 1) * batch);
            for (qsizetype number = item * batch; number < end; ++number) {
                const QByteArray name = QFile::encodeName(m_files.at(number));
                struct stat status;
                if (::lstat(name.constData(), &status) != 0 || !S_ISREG(status.st_mode))
                    continue;
                Descriptor file = opened(name);
                const Occupancy answer =
                    file.isValid() ? occupancyOf(std::move(file)) : Occupancy::Unknown;
                if (answer == Occupancy::Free && !volumes->insert(status.st_dev).second)
                    continue;
                const std::lock_guard guard(m_mutex);
                m_doubts.push_back({number, answer});
            }
            return {};
        };
    };
    (void)inParallel((m_files.size() + batch - 1) / batch, makeWorker);
}

Occupancy ProbeOfMany::askAgain(QStringList *inUse) const
{
    LeaseProbe probe;
    bool isUnknown = false;
    for (const Doubt &doubt : m_doubts) {
        if (isUnknown && doubt.answer == Occupancy::Unknown)
            continue; // it is so already
        const QString &path = m_files.at(doubt.file);
        const Occupancy answer = probe.ask(QFile::encodeName(path));
        if (answer == Occupancy::InUse) {
            if (inUse)
                inUse->append(path);
            return answer;
        }
        isUnknown = isUnknown || answer == Occupancy::Unknown;
    }
    return isUnknown ? Occupancy::Unknown : Occupancy::Free;
}

} // namespace

Occupancy probeByLease(const QStringList &files, QStringList *inUse)
{
    return ProbeOfMany(files).run(inUse);
}

} // namespace Entracte
