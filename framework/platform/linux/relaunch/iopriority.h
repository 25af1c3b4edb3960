// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace Entracte {

// ioprio_get(2) and ioprio_set(2) have no function in the C library, and their header is for C.

/// IOPRIO_WHO_PROCESS
inline constexpr int oneProcess = 1;

/// Class and level of the thread \a pid, 0 for the calling one; 0 says that it follows the
/// niceness. nullopt if it cannot be known.
inline std::optional<int> ioPriorityOf(pid_t pid)
{
    const long priority = syscall(SYS_ioprio_get, oneProcess, pid);
    return priority >= 0 ? std::optional(int(priority)) : std::nullopt;
}

/// For the calling thread; nothing but a system call, hence good between fork and exec.
inline bool setOwnIoPriority(int priority)
{
    return syscall(SYS_ioprio_set, oneProcess, 0, priority) == 0;
}

} // namespace Entracte
