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

/// What one look at a file tells.
struct FileFacts
{
    FileIdentity identity;
    bool isDirectory = false;
    bool isRegular = false;
    quint64 birth = 0;        ///< nanoseconds since 1970; 0 where the volume does not know
    quint64 change = 0;       ///< of content or status, nanoseconds since 1970
    quint64 modification = 0; ///< of content; anybody may set it
};

/// The identity of \a name below the open folder \a directory, links followed; nullopt if there is
/// none. With \a fromCache answers without asking the file's server, so a dead one cannot hang us.
std::optional<FileIdentity> identityAt(int directory, const char *name, bool fromCache = true);

/// The same with everything else; an empty \a name is \a directory itself.
std::optional<FileFacts> factsAt(int directory, const char *name, bool fromCache = true);
/// The same; what a link itself is.
std::optional<FileFacts> factsOfLinkAt(int directory, const char *name, bool fromCache = true);

/// The identity of the file at the absolute \a path if the kernel has the way to it in memory, as
/// it has for every file that is open; else nullopt. Asks no file server at all: for paths that
/// others chose, which may lead to one that does not answer.
std::optional<FileIdentity> rememberedIdentity(const char *path);

} // namespace Entracte
