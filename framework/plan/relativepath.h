// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <algorithm>

namespace Entracte {

// Paths inside a product's directory: relative, with '/', without a '/' at either end; the
// directory itself is the empty path.

inline QStringView parentView(const QString &path)
{
    return QStringView(path).left(qMax(qsizetype(0), path.lastIndexOf(u'/')));
}

inline QString parentOf(const QString &path)
{
    return parentView(path).toString();
}

/// Where the first folder above \a path ends that is not above \a before too; -1 if there is none.
/// In sorted paths, what holds for a folder is so asked once.
inline qsizetype endOfNewFolder(QStringView path, QStringView before)
{
    const auto common = std::mismatch(path.begin(), path.end(), before.begin(), before.end());
    return path.indexOf(u'/', common.first - path.begin());
}

inline QString nameOf(const QString &path)
{
    return path.mid(path.lastIndexOf(u'/') + 1);
}

inline QString joined(const QString &directory, const QString &name)
{
    return directory.isEmpty() ? name : directory + u'/' + name;
}

} // namespace Entracte
