// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

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

inline QString nameOf(const QString &path)
{
    return path.mid(path.lastIndexOf(u'/') + 1);
}

inline QString joined(const QString &directory, const QString &name)
{
    return directory.isEmpty() ? name : directory + u'/' + name;
}

} // namespace Entracte
