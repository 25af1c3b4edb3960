// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/calibration.h"
#include "platform/linux/detection/leaseprobe.h"
#include "platform/linux/detection/processscan.h"

#include <atomic>

namespace Entracte {

/// The second pass: files that are in use according to their lease, or to a list of the kernel, but
/// that the first pass found with nobody (linux-mechanisms 1.4).
///
/// Looked for at threads with descriptors of their own, in the files of io_urings, and at loop
/// devices and swap files. What is left is nobody's that can be named: descriptors on their way
/// through a socket, an io_uring without a descriptor, a process that cannot be inspected.
///
/// ScanTargets::suspects are asked about all, whatever that costs; of the others the first thousand
/// (a lease costs 6 µs a file and more). With more files than that, the probe before the swap,
/// which asks about each, is the one that finds such a use, and makes it a suspect.
class Completeness
{
public:
    Completeness(const ScanTargets &targets, const Calibration &calibration,
                 const ScanFeatures &features, const std::atomic<bool> &cancelled);

    /// Adds to \a scan who is found, and then what is unattributed. \a pids: all processes.
    void complete(ProcessScan &scan, const std::vector<pid_t> &pids);

private:
    std::vector<int> heldByNobody(const ProcessScan &scan);
    bool isHeld(int number);
    void lookCloser(ProcessScan &scan, pid_t pid);
    QSet<int> heldByKernel() const;

    const ScanTargets &m_targets;
    const FileTable &m_files;
    const Calibration &m_calibration;
    ScanFeatures m_features;
    const std::atomic<bool> &m_cancelled;
    LeaseProbe m_leases;
};

} // namespace Entracte
