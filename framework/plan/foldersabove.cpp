// SPDX-License-Identifier: MIT
#include "plan/foldersabove.h"

#include "plan/relativepath.h"

namespace Entracte {

void FoldersAbove::add(const QString &path)
{
    const QStringView parent = parentView(path);
    if (parent == m_last)
        return;
    m_last = parent.toString();
    addFolder(m_last);
}

void FoldersAbove::addFolder(const QString &path)
{
    for (QString folder = path; !folder.isEmpty() && !m_folders.contains(folder);
         folder = parentOf(folder))
        m_folders.insert(folder);
}

} // namespace Entracte
