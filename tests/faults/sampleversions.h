// SPDX-License-Identifier: MIT
#pragma once

#include "faults/filetree.h"

#include <set>
#include <string>

/// A small product in three versions, and what a person has done with the first. Everything an
/// update can meet is in it once: files that change, stay, come and go; a mode alone that changes;
/// links; a folder closed to its owner; foreign files among ours; files of ours that were edited,
/// one to be replaced and one to be kept.
namespace SampleVersions {

inline constexpr const char *editedPath = "share/edited.conf";
inline constexpr const char *keptPath = "share/kept.conf";

/// What \a version brings. 3 is 2, but nothing in the folder that is closed to its owner changes.
FileTree brought(int version);

/// Writes the payload of \a version; false if that fails.
bool pack(int version, const std::string &fileName);

/// What people put into the folder of an installed version 1, apart from their edits.
const FileTree &foreign();

/// The bytes of people that must survive under any name.
const std::set<std::string> &precious();

/// What stands in the target when \a version is installed over what people did: receipt apart.
/// 0: when version 1 was removed again.
FileTree installed(int version);

/// What a target is found to be.
struct Verdict
{
    enum class Kind { Old, New, Neither };
    Kind kind = Kind::Neither;
    std::string reason; ///< of Neither
};

/// One of the two things that a target may be.
struct State
{
    int version = 0; ///< that the receipt tells; 0: there is none
    FileTree tree;   ///< without the receipt; empty: no target
};

/// Whether \a target is exactly \a old or exactly \a fresh, receipt included. A saved edit may
/// have any name beside its own.
Verdict judge(const std::string &target, const State &old, const State &fresh);

/// The same for a target in which people worked meanwhile: only what the product owns is compared,
/// and the bytes in \a promised must be somewhere.
Verdict judgeOwned(const std::string &target, const std::set<std::string> &promised);

} // namespace SampleVersions
