// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

/// File systems of every kind, real ones, made in files and mounted where only this process and its
/// children see them: with the last of these all mounts are gone, however it ends.
///
/// Each function that can be forbidden returns an empty text, or why it could not be done.
namespace Laboratory {

/// Moves this process into a mount namespace of its own and puts a tmpfs on \a folder.
std::string enter(const std::string &folder);

/// Mounts \a type on \a folder, which is made if it is not there.
std::string mountOn(const std::string &folder, const std::string &type, const std::string &options,
                    const std::string &source = "none", unsigned long flags = 0);

/// Makes a sparse \a file with a fresh \a type (ext4, xfs, btrfs) in it.
std::string makeImage(const std::string &file, const std::string &type, int megabytes,
                      const std::vector<std::string> &options = {});

/// Mounts the file system in \a file on \a folder.
std::string mountImage(const std::string &file, const std::string &folder,
                       const std::string &options);

/// Copies the bytes of \a from as they are now: what a power cut would leave of them.
void copyImage(const std::string &from, const std::string &to);

/// Unmounts \a folder, and everything below it.
void unmountAll(const std::string &folder);

/// The quota of a btrfs, which limits what lies in it and not what a user has. A kernel may lack
/// the quotas of other file systems; this one is part of btrfs.
namespace Quota {

/// Makes \a folder, directly in a mounted btrfs, as a subvolume whose bytes are counted.
std::string make(const std::string &folder);

/// Lets \a bytes lie in \a folder; nullopt: as many as there is room for.
std::string limit(const std::string &folder, std::optional<unsigned long long> bytes);

/// Bytes that lie in \a folder and have reached the disk; 0 where that is not known.
unsigned long long used(const std::string &folder);

} // namespace Quota

/// Runs a program of the system to its end.
std::string run(const std::vector<std::string> &words);

} // namespace Laboratory
