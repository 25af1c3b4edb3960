// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>

#include <vector>

namespace Entracte {

/// The list of pointers into \a words that execve(2) wants for arguments and environment; valid for
/// as long as \a words stays as it is.
inline std::vector<char *> wordPointers(QList<QByteArray> &words)
{
    std::vector<char *> list;
    for (QByteArray &word : words)
        list.push_back(word.data());
    list.push_back(nullptr);
    return list;
}

} // namespace Entracte
