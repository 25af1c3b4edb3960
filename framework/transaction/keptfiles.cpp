// SPDX-License-Identifier: MIT
#include "transaction/keptfiles.h"

#include "plan/folderorder.h"
#include "plan/installplan.h"
#include "plan/relativepath.h"

namespace Entracte {

KeptFiles::KeptFiles(const InstallPlan &plan)
{
    std::vector<const PayloadEntry *> kept;
    for (const Operation &operation : plan.operations) {
        if (const auto *keep = std::get_if<KeepEntry>(&operation))
            kept.push_back(&plan.of(*keep));
    }
    const std::vector<quint32> order = folderOrder(
        kept.size(), [&kept](size_t number) -> const QString & { return kept[number]->path; });
    m_files.reserve(order.size());
    for (const quint32 number : order)
        m_files.push_back(kept[number]);

    for (size_t begin = 0, end = 0; begin < m_files.size(); begin = end) {
        const QStringView folder = parentView(m_files[begin]->path);
        while (end < m_files.size() && parentView(m_files[end]->path) == folder)
            ++end;
        m_places.insert(folder, m_folders.size());
        m_folders.push_back({InFolder(m_files.data() + begin, end - begin)});
    }
}

KeptFiles::InFolder KeptFiles::takeFrom(QStringView folder)
{
    const auto place = m_places.constFind(folder);
    if (place == m_places.cend())
        return {};
    Folder &found = m_folders[*place];
    found.isTaken = true;
    return found.files;
}

std::vector<KeptFiles::InFolder> KeptFiles::takeOthers()
{
    std::vector<InFolder> others;
    for (Folder &folder : m_folders) {
        if (!std::exchange(folder.isTaken, true))
            others.push_back(folder.files);
    }
    return others;
}

} // namespace Entracte
