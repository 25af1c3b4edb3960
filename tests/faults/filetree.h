// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include <sys/types.h>

/// What stands at one path: all that an installation must get right or leave alone.
struct FileNode
{
    enum class Kind { File, Directory, Link };

    Kind kind = Kind::File;
    int mode = 0;        ///< nothing for links
    std::string content; ///< bytes, or where a link leads
    std::string note;    ///< the attribute user.note; where the file system knows it
    int owner = -1;      ///< -1: of whoever

    bool operator==(const FileNode &other) const
    {
        return kind == other.kind && mode == other.mode && content == other.content
            && note == other.note && (owner < 0 || other.owner < 0 || owner == other.owner);
    }
};

/// A folder as values, by path relative to it; the folder itself is "".
using FileTree = std::map<std::string, FileNode>;

FileNode plainFile(const std::string &bytes, int mode = 0644);
FileNode folder(int mode = 0755);
FileNode symbolicLink(const std::string &target);

/// What stands at \a directory; empty if nothing does.
FileTree readTree(const std::string &directory);

/// Makes \a tree stand at \a directory, whose folders may be there already, owned by \a owner. Ends
/// the program if it cannot: nothing could be judged then.
void writeTree(const std::string &directory, const FileTree &tree, uid_t owner = 0);

/// Removes what is below \a directory, immutable or not; the folder itself stays.
void emptyFolder(const std::string &directory);

/// Sets or clears the immutable flag; false where that is not possible.
bool setImmutable(const std::string &path, bool isImmutable);

/// The first few paths in which two trees differ, for people; empty if they do not.
std::string differences(const FileTree &expected, const FileTree &found);

/// Ends the program with \a what and errno unless \a isDone.
void require(bool isDone, const std::string &what);
