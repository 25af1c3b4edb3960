// SPDX-License-Identifier: MIT
#include "platform/linux/detection/calibration.h"

#include <QFile>

#include <algorithm>

#include <fcntl.h>
#include <sys/mman.h>

namespace Entracte {

static constexpr int mostTrials = 16; // files of one device, until one can be mapped

Calibration::Calibration(const FileTable &files, const ScanFeatures &features)
    : m_files(files)
    , m_features(features)
{
    MapReader reader(features);
    std::vector<quint64> seen;
    for (int number = 0; number < files.size(); ++number) {
        const FileTable::Entry &entry = files.entry(number);
        if (!entry.isRegular || (!seen.empty() && seen.back() == entry.identity.device)
            || std::find(seen.cbegin(), seen.cend(), entry.identity.device) != seen.cend())
            continue;
        seen.push_back(entry.identity.device);
        look(number, reader);
    }
}

bool Calibration::isDifferent(quint64 device) const
{
    return !m_different.empty()
        && std::find(m_different.cbegin(), m_different.cend(), device) != m_different.cend();
}

void Calibration::look(int first, MapReader &reader)
{
    const quint64 device = m_files.entry(first).identity.device;
    const auto isOfDevice = [&](int number) {
        const FileTable::Entry &entry = m_files.entry(number);
        return entry.isRegular && entry.identity.device == device;
    };
    std::optional<FileIdentity> mapped;
    FileIdentity known;
    int trials = 0;
    for (int number = first; number < m_files.size() && !mapped && trials < mostTrials; ++number) {
        if (!isOfDevice(number))
            continue;
        ++trials;
        known = m_files.entry(number).identity;
        mapped = mappedIdentity(m_files.entry(number), reader);
    }
    if (!mapped || *mapped == known)
        return;

    m_different.push_back(device);
    for (int number = first; number < m_files.size(); ++number) {
        const FileTable::Entry &entry = m_files.entry(number);
        if (!isOfDevice(number))
            continue;
        if (mapped->inode == known.inode)
            m_candidates.insert({mapped->device, entry.identity.inode}, number);
        else if (const auto own = mappedIdentity(entry, reader)) // nothing can be inferred
            m_candidates.insert(*own, number);
    }
}

std::optional<FileIdentity> Calibration::mappedIdentity(const FileTable::Entry &entry,
                                                        MapReader &reader)
{
    const Descriptor file(::open(QFile::encodeName(entry.path).constData(),
                                 O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    const auto facts =
        file.isValid() ? factsAt(file.get(), "", m_features.cachedStatus) : std::nullopt;
    if (!facts || facts->identity != entry.identity || !facts->isRegular)
        return std::nullopt;
    void *const memory = ::mmap(nullptr, 1, PROT_READ, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED)
        return std::nullopt;
    std::optional<FileIdentity> found;
    const Descriptor self(::open("/proc/self", O_PATH | O_CLOEXEC));
    reader.open(self.get(), MapReader::Wanted::Everything);
    while (const Mapping *mapping = reader.next()) {
        if (mapping->start != quint64(quintptr(memory)))
            continue;
        found = mapping->file;
        break;
    }
    ::munmap(memory, 1);
    return found;
}

} // namespace Entracte
