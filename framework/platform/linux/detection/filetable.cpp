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
    std::erase_if(m_folders, [&gone](const Folder &one) { return gone.contains(one.registered); });
    std::erase_if(m_entries, [&gone](const Entry &one) {
        return gone.contains(one.folder.isEmpty() ? one.path : one.folder);
    });
    m_index.clear();
    for (int number = 0; number < size(); ++number)
        m_index.insert(entry(number).identity, number);
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
