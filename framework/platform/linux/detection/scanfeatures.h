// SPDX-License-Identifier: MIT
#pragma once

namespace Entracte {

/// The abilities of newer kernels and file systems that a scan makes use of. The defaults are right
/// everywhere: what the kernel refuses is done the older way. Changing one is for tests, which hold
/// each way to the same answers, and for measuring.
struct ScanFeatures
{
    /// PROCMAP_QUERY (Linux 6.11) instead of the text of maps. Off: one call a mapping costs more
    /// than the text (Linux 6.18: 331 ms with jumps, 588 ms without, beside 228 ms).
    bool mapQuery = false;
    bool mapJump = true;      ///< skip what lies between the first and the last part of a library
    bool leases = true;       ///< ask for leases: is it held at all?
    bool cachedStatus = true; ///< AT_STATX_DONT_SYNC; without it a dead file server hangs the scan
    bool descriptorCount = true;    ///< the size of /proc/PID/fd (6.2); else the folder is read
    bool processDescriptors = true; ///< pidfd_open (5.3); else the start time, before and after
    bool tableComparison = true;    ///< kcmp (3.5): which threads have descriptors of their own
    bool mapFiles = true;           ///< /proc/PID/map_files, where the rights suffice
};

} // namespace Entracte
