// SPDX-License-Identifier: MIT
#include "platform/linux/detection/quicklook.h"

#include "platform/linux/detection/scripts.h"
#include "platform/linux/interpreter.h"
#include "platform/linux/process.h"
#include "platform/unix/folderreader.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>

namespace Entracte {

namespace {

QByteArrayView linkAt(int folder, const char *name, std::array<char, 4096> &target)
{
    const ssize_t length = ::readlinkat(folder, name, target.data(), target.size());
    return {target.data(), qMax<qsizetype>(length, 0)};
}

/// Others' processes are not opened at all, so that nobody finds refusals in an audit log.
bool isForeign(int process)
{
    static const uid_t ourselves = ::geteuid();
    struct stat status;
    return ourselves != 0 && ::fstat(process, &status) == 0 && status.st_uid != ourselves;
}

/// The kernel's own, and those that have ended, are nobody's program. Everybody may read this.
bool isProgram(int process)
{
    constexpr unsigned kernelThread = 0x0020'0000; // PF_KTHREAD
    const Descriptor file(::openat(process, "stat", O_RDONLY | O_CLOEXEC));
    std::array<char, 1024> text;
    const ssize_t length = ::read(file.get(), text.data(), text.size());
    const QByteArray all(text.data(), qMax<qsizetype>(length, 0));
    const QList<QByteArray> fields = all.mid(all.lastIndexOf(')') + 2).split(' ');
    return fields.size() > 6 && fields.at(0) != "Z" && fields.at(0) != "X"
        && !(fields.at(6).toUInt() & kernelThread);
}

} // namespace

QuickLook::QuickLook(const ScanTargets &targets, const Calibration &calibration,
                     const ScanFeatures &features)
    : m_targets(targets)
    , m_files(*targets.files)
    , m_calibration(calibration)
    , m_features(features)
    , m_mappings(features)
    , m_hasFolders(!m_files.folders().empty())
{
}

QuickLook::Answer QuickLook::at(pid_t pid, bool withHoldings)
{
    std::array<char, 32> path;
    std::snprintf(path.data(), path.size(), "/proc/%d", int(pid));
    const Descriptor process(::open(path.data(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!process.isValid())
        return Answer::NoProgram;
    if (isForeign(process.get()))
        return isProgram(process.get()) ? Answer::NotInspected : Answer::NoProgram;

    const auto program = identityAt(process.get(), "exe", m_features.cachedStatus);
    if (!program)
        return errno != ENOENT && errno != ESRCH && isProgram(process.get()) ? Answer::NotInspected
                                                                             : Answer::NoProgram;
    if (!m_targets.services.isEmpty() && m_targets.services.contains(serviceOf(pid)))
        return Answer::Yes;
    if (m_files.isEmpty())
        return Answer::No;
    if (m_files.index().contains(*program) || runsScript(process.get(), pid, *program))
        return Answer::Yes;
    if (!withHoldings)
        return Answer::No;
    if (m_hasFolders
        && (isInFolder(process.get(), "cwd") || isInFolder(process.get(), "root")
            || isInFolder(process.get(), "exe")))
        return Answer::Yes;
    const std::optional<bool> holds = holdsByDescriptor(process.get());
    if (!holds)
        return Answer::NotInspected;
    return *holds || holdsByMapping(process.get()) ? Answer::Yes : Answer::No;
}

bool QuickLook::holdsByMapping(int process)
{
    m_mappings.open(process,
                    m_hasFolders ? MapReader::Wanted::Everything : MapReader::Wanted::FilesOnly);
    while (const Mapping *mapping = m_mappings.next()) {
        if (m_calibration.mayBeRegistered(mapping->file))
            return true;
        if (m_hasFolders && mapping->name.startsWith('/')
            && m_files.folderAbove(mapping->name.toByteArray()))
            return true;
    }
    return false;
}

std::optional<bool> QuickLook::holdsByDescriptor(int process)
{
    const Descriptor list(::openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!list.isValid())
        return errno == EACCES || errno == EPERM ? std::nullopt : std::optional(false);
    int next = 0;
    if (m_features.descriptorCount && holdsByNumber(list.get(), next))
        return true;
    if (next < 0)
        return false;
    FolderReader reader(list.get());
    while (const FolderReader::Entry *entry = reader.next())
        if (std::atoi(entry->name) >= next && isHeldBy(list.get(), entry->name).value_or(false))
            return true;
    return false;
}

// Reading the folder costs a seventh of a scan. Its size tells how many there are; before Linux 6.2
// it is zero.
bool QuickLook::holdsByNumber(int descriptors, int &next)
{
    struct stat status;
    if (::fstat(descriptors, &status) != 0 || status.st_size == 0)
        return false;
    qint64 left = status.st_size;
    qint64 mayMiss = 4 + left / 8;
    std::array<char, 16> name;
    for (; left > 0 && mayMiss > 0; ++next) {
        *std::to_chars(name.data(), name.data() + name.size() - 1, next).ptr = '\0';
        const std::optional<bool> isHeld = isHeldBy(descriptors, name.data());
        if (isHeld.value_or(false))
            return true;
        --(isHeld ? left : mayMiss);
    }
    if (left == 0)
        next = -1;
    return false;
}

std::optional<bool> QuickLook::isHeldBy(int descriptors, const char *name)
{
    const auto identity = identityAt(descriptors, name, m_features.cachedStatus);
    if (!identity)
        return errno == ENOENT ? std::nullopt : std::optional(false);
    return m_files.index().contains(*identity)
        || (m_hasFolders && m_files.hasFolderOn(identity->device) && isInFolder(descriptors, name));
}

bool QuickLook::isInFolder(int folder, const char *link)
{
    const auto identity = identityAt(folder, link, m_features.cachedStatus);
    if (identity && m_files.index().contains(*identity))
        return true;
    std::array<char, 4096> target;
    return m_files.folderAbove(linkAt(folder, link, target).toByteArray()) != nullptr;
}

bool QuickLook::runsScript(int process, pid_t pid, const FileIdentity &program)
{
    const quint64 key = program.inode * 0x9E3779B97F4A7C15ULL ^ program.device;
    auto known = m_interpreters.find(key);
    if (known == m_interpreters.end()) {
        known = m_interpreters.emplace(key, isInterpreter(executableOf(pid))).first;
    }
    return known->second && registeredScriptOf(process, pid, m_files, m_features);
}

} // namespace Entracte
