// SPDX-License-Identifier: MIT
#include "platform/linux/detection/processscan.h"

#include "platform/linux/process.h"

#include <QFile>
#include <QMap>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace Entracte {

namespace {

using Directory = std::unique_ptr<DIR, int (*)(DIR *)>;
using Holdings = QMap<QString, HoldKinds>;

bool isNumber(const char *name)
{
    return *name >= '0' && *name <= '9';
}

/// Looks through one process by its open /proc directory.
class Inspection
{
public:
    Inspection(const FileTable &files, int directory)
        : m_files(files)
        , m_directory(directory)
    {
    }

    Holdings run()
    {
        note(identityAt(m_directory, "exe"), HoldKind::Executable);
        readMaps();
        readDescriptors();
        return m_holdings;
    }

private:
    void note(const std::optional<FileIdentity> &identity, HoldKind kind)
    {
        if (!identity)
            return;
        if (const auto file = m_files.constFind(*identity); file != m_files.cend())
            m_holdings[*file] |= kind;
    }

    void readMaps()
    {
        const Descriptor maps(openat(m_directory, "maps", O_RDONLY | O_CLOEXEC));
        if (!maps.isValid())
            return;
        QByteArray pending;
        static thread_local char block[256 * 1024];
        for (ssize_t length; (length = read(maps.get(), block, sizeof block)) > 0;) {
            pending.append(block, length);
            qsizetype start = 0;
            for (qsizetype end; (end = pending.indexOf('\n', start)) >= 0; start = end + 1)
                readMapsLine(pending.constData() + start, pending.constData() + end);
            pending.remove(0, start);
        }
    }

    // 7f12…-7f12… r-xp 00000000 08:01 1234   /usr/lib/x.so
    void readMapsLine(const char *at, const char *end)
    {
        for (int field = 0; field < 3; ++field) {
            at = static_cast<const char *>(std::memchr(at, ' ', size_t(end - at)));
            if (!at)
                return;
            ++at;
        }
        FileIdentity identity;
        quint32 major = 0;
        quint32 minor = 0;
        at = std::from_chars(at, end, major, 16).ptr + 1;
        at = std::from_chars(at, end, minor, 16).ptr + 1;
        identity.device = FileIdentity::deviceOf(major, minor);
        std::from_chars(at, end, identity.inode);
        if (identity.inode != 0)
            note(identity, HoldKind::Mapped);
    }

    void readDescriptors()
    {
        const int list = openat(m_directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (list < 0)
            return;
        const Directory directory(fdopendir(list), closedir);
        while (const dirent *entry = readdir(directory.get()))
            if (isNumber(entry->d_name))
                note(identityAt(list, entry->d_name), HoldKind::Open);
    }

    const FileTable &m_files;
    int m_directory;
    Holdings m_holdings;
};

Holdings inspect(const FileTable &files, pid_t pid)
{
    const QByteArray path = "/proc/" + QByteArray::number(pid);
    const Descriptor directory(open(path.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return directory.isValid() ? Inspection(files, directory.get()).run() : Holdings();
}

/// What makes \a pid affected; nothing if nothing does.
FileHolder examine(const ScanTargets &targets, pid_t pid)
{
    FileHolder holder;
    if (!targets.files.isEmpty()) {
        const Holdings holdings = inspect(targets.files, pid);
        for (auto held = holdings.cbegin(); held != holdings.cend(); ++held)
            holder.files.append({held.key(), held.value()});
    }
    if (!targets.services.isEmpty())
        if (const QString service = serviceOf(pid); targets.services.contains(service))
            holder.service = service;
    if (!holder.files.isEmpty() || !holder.service.isEmpty()) {
        holder.process = uniqueProcess(pid);
    } else if (!targets.processes.isEmpty()) {
        // Pid and start time: who got the number later is somebody else.
        const UniqueProcess process = uniqueProcess(pid);
        if (targets.processes.contains(process))
            holder.process = process;
    }
    return holder;
}

/// Looks a second time under a descriptor: what is reported belongs to the process it is reported
/// for.
std::optional<FileHolder> confirm(const ScanTargets &targets, pid_t pid)
{
    const Descriptor descriptor = openProcess(uniqueProcess(pid));
    if (!descriptor.isValid())
        return std::nullopt;
    const FileHolder holder = examine(targets, pid);
    if (holder.process.pid == 0 || hasEnded(descriptor))
        return std::nullopt;
    return holder;
}

bool mayInspect(pid_t pid)
{
    return geteuid() == 0 || ownerOf(pid) == geteuid();
}

} // namespace

size_t qHash(const FileIdentity &identity, size_t seed)
{
    return qHashMulti(seed, identity.device, identity.inode);
}

FileTable identify(const QStringList &files)
{
    FileTable table;
    for (const QString &file : files)
        if (const auto identity = identityAt(AT_FDCWD, QFile::encodeName(file).constData()))
            table.insert(*identity, file);
    return table;
}

ProcessScan scanProcesses(const ScanTargets &targets, const std::atomic<bool> &cancelled)
{
    ProcessScan scan;
    const Directory processes(opendir("/proc"), closedir);
    if (!processes || targets.isEmpty())
        return scan;

    while (const dirent *entry = readdir(processes.get())) {
        if (cancelled)
            break;
        if (!isNumber(entry->d_name))
            continue;
        const pid_t pid = pid_t(std::strtol(entry->d_name, nullptr, 10));
        if (!mayInspect(pid)) {
            ++scan.notInspected;
            continue;
        }
        ++scan.inspected;
        if (examine(targets, pid).process.pid == 0)
            continue;
        if (const std::optional<FileHolder> holder = confirm(targets, pid))
            scan.holders.append(*holder);
    }
    return scan;
}

QList<HeldFile> united(const QList<FileHolder> &holders)
{
    QMap<QString, HeldFile> files;
    for (const FileHolder &holder : holders) {
        for (const HeldFile &file : holder.files) {
            HeldFile &one = files[file.path];
            one.path = file.path;
            one.kinds |= file.kinds;
        }
    }
    return files.values();
}

} // namespace Entracte
