// SPDX-License-Identifier: MIT
#include "plan/installedfiles.h"

#include "plan/sortbypath.h"

#include <QStringList>

#include <algorithm>

namespace Entracte {

InstalledFile InstalledFile::of(const PayloadEntry &entry)
{
    InstalledFile file;
    file.kind = entry.kind;
    file.size = entry.size;
    file.mode = entry.mode;
    file.sha256 = entry.sha256;
    file.linkTarget = entry.linkTarget;
    return file;
}

using Item = InstalledFiles::Item;

static bool comesBefore(const Item &one, const Item &other)
{
    return one.path < other.path;
}

InstalledFiles::InstalledFiles(std::initializer_list<Item> items)
    : InstalledFiles(from(items))
{
}

InstalledFiles InstalledFiles::from(QList<Item> items)
{
    sortByPath(items);
    const auto areOfOnePath = [](const Item &one, const Item &other) {
        return one.path == other.path;
    };
    if (std::adjacent_find(items.cbegin(), items.cend(), areOfOnePath) != items.cend()) {
        // From behind, the first of its path is the one that counts.
        const auto kept = std::unique(items.rbegin(), items.rend(), areOfOnePath);
        items.erase(items.begin(), kept.base());
    }
    InstalledFiles files;
    files.m_items = std::move(items);
    return files;
}

void InstalledFiles::insert(const QString &path, const InstalledFile &file)
{
    const Item item{path, file};
    const auto place = std::lower_bound(m_items.begin(), m_items.end(), item, comesBefore);
    if (place != m_items.end() && place->path == path)
        *place = item;
    else
        m_items.insert(place, item);
}

InstalledFiles::const_iterator InstalledFiles::constFind(QStringView path) const
{
    const auto found =
        std::lower_bound(m_items.cbegin(), m_items.cend(), path,
                         [](const Item &item, QStringView other) { return item.path < other; });
    return found != m_items.cend() && found->path == path ? const_iterator(found) : cend();
}

InstalledFile InstalledFiles::value(QStringView path) const
{
    const const_iterator found = constFind(path);
    return found == cend() ? InstalledFile() : *found;
}

QStringList InstalledFiles::keys() const
{
    QStringList paths;
    paths.reserve(m_items.size());
    for (const Item &item : m_items)
        paths.append(item.path);
    return paths;
}

} // namespace Entracte
