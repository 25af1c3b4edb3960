// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace Entracte {

/// The \a number-th name that \a tag makes beside \a path: `a.txt.saved`, `a.txt.saved-2`, …
inline QString besideName(const QString &path, QLatin1StringView tag, int number)
{
    return number == 1 ? path + tag : path + tag + u'-' + QString::number(number);
}

inline constexpr QLatin1StringView savedTag(".saved"); ///< what stood in the way
inline constexpr QLatin1StringView newTag(".new");     ///< what is offered for an edited file

} // namespace Entracte
