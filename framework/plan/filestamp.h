// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

namespace Entracte {

/// What tells whether a file is still as it was seen, without reading it.
struct FileStamp
{
    qint64 size = 0;
    qint64 modified = 0; ///< nanoseconds since 1970; programs can set it
    qint64 changed = 0;  ///< the same for the inode; nobody can set it

    bool operator==(const FileStamp &) const = default;

    /// The same content, though the number of its names or its mode may have changed.
    bool hasSameContent(const FileStamp &other) const
    {
        return size == other.size && modified == other.modified;
    }
};

} // namespace Entracte
