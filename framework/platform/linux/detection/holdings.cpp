// SPDX-License-Identifier: MIT
#include "platform/linux/detection/holdings.h"

#include "platform/linux/detection/scripts.h"
#include "platform/linux/process.h"
#include "platform/unix/folderreader.h"

#include <QFile>

#include <array>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

namespace Entracte {

namespace {

constexpr QByteArrayView deletedSuffix(" (deleted)");

Descriptor openFolder(int process, const char *name)
{
    return Descriptor(::openat(process, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

QByteArray contents(int folder, const QByteArray &name)
{
    const Descriptor file(::openat(folder, name.constData(), O_RDONLY | O_CLOEXEC));
    QByteArray text;
    std::array<char, 4096> block;
    for (ssize_t got; file.isValid() && (got = ::read(file.get(), block.data(), block.size())) > 0;)
        text.append(block.data(), got);
    return text;
}

/// The flags with which a descriptor was opened; nullopt if it is gone.
std::optional<int> flagsOf(int descriptorFacts, const QByteArray &number)
{
    const QByteArray text = contents(descriptorFacts, number);
    const qsizetype at = text.indexOf("flags:");
    if (at < 0)
        return std::nullopt;
    const qsizetype end = text.indexOf('\n', at);
    return text.mid(at + 6, end - at - 6).trimmed().toInt(nullptr, 8);
}

bool isNumber(const char *name)
{
    return *name >= '0' && *name <= '9';
}

} // namespace

Holdings::Holdings(const FileTable &files, const Calibration &calibration,
                   const ScanFeatures &features)
    : m_files(files)
    , m_calibration(calibration)
    , m_features(features)
    , m_mappings(features)
{
}

void Holdings::read(pid_t pid, int process)
{
    m_sharesOurMounts = identityAt(process, "ns/mnt") == identityAt(AT_FDCWD, "/proc/self/ns/mnt")
                     && linkAt(process, "root") == "/";
    noteLink(process, "exe", HoldKind::Executable);
    if (!m_files.folders().empty()) {
        noteLink(process, "cwd", HoldKind::WorkingDirectory);
        noteLink(process, "root", HoldKind::Root);
    }
    readMappings(process);
    readDescriptors(process);
    if (const auto script = registeredScriptOf(process, pid, m_files, m_features)) {
        HeldFile &file = m_held[m_files.entry(script->entry).path];
        const bool isNew = file.path.isEmpty();
        file.path = m_files.entry(script->entry).path;
        file.kinds |= HoldKind::Script;
        file.isStale |= script->isStale;
        file.isCertain = file.isCertain && !isNew;
    }
}

void Holdings::noteLink(int process, const char *link, HoldKind kind)
{
    const auto held = factsAt(process, link, m_features.cachedStatus);
    if (!held)
        return;
    bool isKnown = false;
    m_files.index().each(held->identity, [&](int number) {
        isKnown = true;
        note(number, kind, false, true, held);
    });
    if (!isKnown && m_files.hasFolderOn(held->identity.device))
        noteBelow(linkAt(process, link), held->identity, kind, false);
}

void Holdings::readMappings(int process)
{
    m_mappings.open(process, MapReader::Wanted::Everything);
    while (const Mapping *mapping = m_mappings.next()) {
        std::optional<FileFacts> held;
        bool isLooked = false;
        m_calibration.each(mapping->file, [&](int number, bool isCertain) {
            if (!std::exchange(isLooked, true))
                held = factsOf(process, *mapping);
            if (isCertain || isTheMapped(number, *mapping, held))
                note(number, HoldKind::Mapped, mapping->isWritten, true, held);
        });
        if (!isLooked && mapping->name.startsWith('/') && !m_files.folders().empty())
            noteMappedBelow(process, *mapping);
    }
}

/// On some volumes maps shows another device than the name does. There the link in map_files tells,
/// or else the inode does, beside the name.
void Holdings::noteMappedBelow(int process, const Mapping &mapping)
{
    const QByteArray name = mapping.name.toByteArray();
    FileIdentity identity = mapping.file;
    if (const auto held = factsOf(process, mapping))
        identity = held->identity;
    else if (const auto named = rememberedIdentity(name.constData());
             named && named->inode == identity.inode && m_files.hasFolderOn(named->device))
        identity = *named;
    noteBelow(name, identity, HoldKind::Mapped, mapping.isWritten);
}

/// What maps cannot tell apart, the link in map_files can; else the name must do.
bool Holdings::isTheMapped(int number, const Mapping &mapping,
                           const std::optional<FileFacts> &held) const
{
    const FileTable::Entry &entry = m_files.entry(number);
    if (held)
        return held->identity == entry.identity;
    QByteArray name = mapping.name.toByteArray();
    if (rememberedIdentity(name.constData()) == entry.identity)
        return true;
    if (name.endsWith(deletedSuffix.toByteArray()))
        name.chop(deletedSuffix.size());
    return name == QFile::encodeName(entry.path);
}

std::optional<FileFacts> Holdings::factsOf(int process, const Mapping &mapping) const
{
    if (!m_features.mapFiles)
        return std::nullopt;
    std::array<char, 64> link;
    std::snprintf(link.data(), link.size(), "map_files/%llx-%llx", mapping.start, mapping.end);
    return factsAt(process, link.data(), m_features.cachedStatus);
}

void Holdings::readDescriptors(int process)
{
    const Descriptor list = openFolder(process, "fd");
    const Descriptor facts = openFolder(process, "fdinfo");
    if (!list.isValid() || !facts.isValid())
        return;
    FolderReader reader(list.get());
    while (const FolderReader::Entry *entry = reader.next()) {
        const auto quick = identityAt(list.get(), entry->name, m_features.cachedStatus);
        const bool isKnown = quick && m_files.index().contains(*quick);
        if (!quick || (!isKnown && !m_files.hasFolderOn(quick->device)))
            continue;
        const QByteArray number = entry->name;
        const auto held = factsAt(list.get(), number.constData(), m_features.cachedStatus);
        const std::optional<int> flags = flagsOf(facts.get(), number);
        if (!held || !flags || (*flags & O_PATH && !held->isDirectory))
            continue;
        const bool isWritten = (*flags & O_ACCMODE) != O_RDONLY;
        if (!isKnown) {
            noteBelow(linkAt(list.get(), number.constData()), *quick, HoldKind::Open, isWritten);
            continue;
        }
        m_files.index().each(*quick,
                             [&](int one) { note(one, HoldKind::Open, isWritten, true, held); });
    }
}

void Holdings::readThread(int process, pid_t thread)
{
    const Descriptor task = openFolder(process, ("task/" + QByteArray::number(thread)).constData());
    if (task.isValid())
        readDescriptors(task.get());
}

//     0: /opt/aurora/data
void Holdings::readRings(int process)
{
    const Descriptor list = openFolder(process, "fd");
    const Descriptor facts = openFolder(process, "fdinfo");
    if (!list.isValid() || !facts.isValid())
        return;
    FolderReader reader(list.get());
    while (const FolderReader::Entry *entry = reader.next()) {
        if (!isNumber(entry->name) || linkAt(list.get(), entry->name) != "anon_inode:[io_uring]")
            continue;
        for (const QByteArray &line : contents(facts.get(), entry->name).split('\n')) {
            const qsizetype colon = line.indexOf(": /");
            if (colon < 0)
                continue;
            const QByteArray path = line.mid(colon + 2);
            const auto identity = rememberedIdentity(path.constData());
            if (identity)
                m_files.index().each(*identity, [&](int number) {
                    note(number, HoldKind::Open, false, true, std::nullopt);
                });
        }
    }
}

/// Notes a file that was not there when the directory above it was registered. Its name must be one
/// that we see too, and lead to it.
void Holdings::noteBelow(const QByteArray &path, const FileIdentity &identity, HoldKind kind,
                         bool isWritten)
{
    QByteArray name = path;
    const bool isDeleted = name.endsWith(deletedSuffix.toByteArray());
    if (isDeleted)
        name.chop(deletedSuffix.size());
    const FileTable::Folder *const folder = m_files.folderAbove(name);
    if (!folder)
        return;
    if (isDeleted ? !m_sharesOurMounts
                  : identityAt(AT_FDCWD, name.constData(), m_features.cachedStatus) != identity)
        return;
    const QByteArray relative = name.mid(folder->path.size() + 1);
    const QString shown =
        relative.isEmpty() ? folder->registered : folder->prefix + QFile::decodeName(relative);
    HeldFile &file = m_held[shown];
    file.path = shown;
    file.kinds |= kind;
    file.isWritten |= isWritten;
    file.isStale |= isDeleted;
}

void Holdings::note(int number, HoldKind kind, bool isWritten, bool isCertain,
                    const std::optional<FileFacts> &held)
{
    const FileTable::Entry &entry = m_files.entry(number);
    const bool stale = isStale(number);
    if (stale
        && m_files.pinOf(entry.identity) < 0) { // the number may have been given to another file
        if (held && held->birth > entry.addedAt)
            return;
        isCertain = isCertain && held && held->birth != 0 && held->birth < entry.addedAt;
    }
    HeldFile &file = m_held[entry.path];
    const bool isNew = file.path.isEmpty();
    file.path = entry.path;
    file.kinds |= kind;
    file.isWritten |= isWritten;
    file.isStale |= stale;
    file.isCertain = isCertain || (!isNew && file.isCertain);
}

bool Holdings::isStale(int number)
{
    const auto known = m_stale.constFind(number);
    if (known != m_stale.cend())
        return *known;
    const FileTable::Entry &entry = m_files.entry(number);
    const auto now =
        identityAt(AT_FDCWD, QFile::encodeName(entry.path).constData(), m_features.cachedStatus);
    const bool isStale = now != entry.identity;
    m_stale.insert(number, isStale);
    return isStale;
}

} // namespace Entracte
