// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <sys/resource.h>
#include <sys/types.h>

namespace Entracte {

/// Where the child of a launch is. Those up to Execute end it; the later ones only cost what they
/// name, and the program starts without.
enum class LaunchStep : int {
    Started, ///< value: the pid
    Fork,
    StandardStreams,
    Privileges, ///< giving up the right to gain any
    Identity,
    Execute,
    OutOfMemory,
    Processors,
    Niceness,
    IoPriority,
    Limit,            ///< detail: which
    Groups,           ///< only root can set them
    WorkingDirectory, ///< detail: which of the directories was entered instead of the first
};

/// What the child writes into the pipe; small enough to arrive whole.
struct LaunchMessage
{
    LaunchStep step;
    int value; ///< errno, except for Started
    int detail;
};

/// Everything that a child needs, allocated before fork: afterwards only system calls are allowed.
/// What it has already as it should be is not set again, since that may be forbidden.
struct PreparedLaunch
{
    const char *program = nullptr;
    std::vector<char *> arguments;         ///< ends in null
    std::vector<char *> environment;       ///< ends in null
    std::vector<const char *> directories; ///< the first that can be entered is the working one
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;
    bool hasOtherGroups = false; ///< than this process
    mode_t umask = 022;
    int niceness = 0;
    int ioPriority = -1;                 ///< negative: as it is
    std::vector<char> processors;        ///< empty: as they are
    std::vector<rlimit> limits;          ///< by number of the resource
    const char *oomAdjustment = nullptr; ///< null: as it is
    bool hasNoNewPrivileges = false;
    int report = -1; ///< write end of the pipe, above the standard streams; execve closes it
};

/// To be called in the child of a fork(), with all signals blocked: makes the program nobody's
/// child, so that nobody of ours need wait for it, and runs it, in the order of
/// linux-mechanisms 4.1.
[[noreturn]] void runPrepared(const PreparedLaunch &launch);

} // namespace Entracte
