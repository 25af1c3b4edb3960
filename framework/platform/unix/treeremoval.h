// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>

#include <optional>

namespace Entracte {

/// What could not be removed, and why: the first of possibly several.
struct Leftover
{
    QByteArray path;
    int errorNumber = 0;
};

/// Deletes \a name in the open directory \a parent and all below it, never crossing into another
/// file system or through a link, with several threads. \a path is its name in a Leftover.
/// \a isUrgent: nobody else's work is to go first.
std::optional<Leftover> removeBelow(int parent, const QByteArray &name, const QByteArray &path,
                                    bool isUrgent);

} // namespace Entracte
