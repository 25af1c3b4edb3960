// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

#include <optional>

namespace Entracte {

/// A file or directory as the kernel knows it: names lie (hard links, sandboxes, replaced files),
/// this does not.
struct FileIdentity
{
    quint64 device = 0; ///< major number in the upper half, minor in the lower
    quint64 inode = 0;

    static constexpr quint64 deviceOf(quint32 major, quint32 minor)
    {
        return quint64(major) << 32 | minor;
    }

    friend bool operator==(const FileIdentity &, const FileIdentity &) = default;
};

/// The identity of \a name below the open folder \a directory, links followed; nullopt if there is
/// none. With \a fromCache answers without asking the file's server, so a dead one cannot hang us.
std::optional<FileIdentity> identityAt(int directory, const char *name, bool fromCache = true);

} // namespace Entracte
