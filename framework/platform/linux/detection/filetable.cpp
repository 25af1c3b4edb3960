// SPDX-License-Identifier: MIT
#include "platform/linux/detection/filetable.h"

#include "platform/linux/detection/fileregistration.h"

#include <QSet>

#include <algorithm>

namespace Entracte {

void FileTable::add(const QStringList &paths, const ScanFeatures &features)
{
    FileRegistration(*this, features).run(paths);
}

void FileTable::remove(const QStringList &paths)
{
    const QSet<QString> gone(paths.cbegin(), paths.cend());
    std::erase_if(m_entries, [&](const Entry &one) {
        return gone.contains(one.folder < 0 ? one.path : m_folders[size_t(one.folder)].registered);
    });
    std::vector<Folder> kept;
    std::vector<int> newNumbers;
    for (const Folder &folder : m_folders) {
        newNumbers.push_back(int(kept.size()));
        if (!gone.contains(folder.registered))
            kept.push_back(folder);
    }
    m_folders = std::move(kept);
    m_index.clear();
    for (int number = 0; number < size(); ++number) {
        Entry &entry = m_entries[size_t(number)];
        entry.folder = entry.folder < 0 ? -1 : newNumbers[size_t(entry.folder)];
        m_index.insert(entry.identity, number);
    }
    std::erase_if(m_pins, [this](const Pin &pin) { return !m_index.contains(pin.identity); });
}

int FileTable::pinOf(const FileIdentity &identity) const
{
    const auto found = std::find_if(m_pins.cbegin(), m_pins.cend(), [&identity](const Pin &pin) {
        return pin.identity == identity;
    });
    return found == m_pins.cend() ? -1 : found->descriptor->get();
}

bool FileTable::hasFolderOn(quint64 device) const
{
    return std::any_of(m_folders.cbegin(), m_folders.cend(), [device](const Folder &folder) {
        return std::find(folder.devices.cbegin(), folder.devices.cend(), device)
            != folder.devices.cend();
    });
}

const FileTable::Folder *FileTable::folderAbove(const QByteArray &path) const
{
    for (const Folder &folder : m_folders)
        if (path.startsWith(folder.path)
            && (path.size() == folder.path.size() || path.at(folder.path.size()) == '/'))
            return &folder;
    return nullptr;
}

} // namespace Entracte
