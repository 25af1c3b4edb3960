// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/calibration.h"
#include "platform/linux/detection/mapreader.h"
#include "platform/linux/detection/processscan.h"

#include <chrono>
#include <unordered_map>

namespace Entracte {

/// Whether a process is worth a full reading: with as few system calls as possible, up to the first
/// reason. What it says yes to is looked at again; what it says no to is not.
///
/// For one worker of a scan: remembers what libraries look like and which programs are
/// interpreters.
class QuickLook
{
public:
    static constexpr std::chrono::microseconds price{400}; ///< of one process, about

    enum class Answer {
        No,
        Yes,
        NotInspected, ///< we may not look
        NoProgram,    ///< the kernel's own, or one that has ended
    };

    QuickLook(const ScanTargets &targets, const Calibration &calibration,
              const ScanFeatures &features);

    /// \a withHoldings: also what it has mapped and open. Else only whether it runs a script, or
    /// belongs to a service that is looked for.
    Answer at(pid_t pid, bool withHoldings);

private:
    bool holdsByMapping(int process);
    /// nullopt where we may not look.
    std::optional<bool> holdsByDescriptor(int process);
    /// Whether the descriptor of that name is a registered file; nullopt if there is none.
    std::optional<bool> isHeldBy(int descriptors, const char *name);
    /// Tries the numbers from zero on until all have been seen, or until they lie too far apart:
    /// \a next is then the first that was not tried, else -1.
    bool holdsByNumber(int descriptors, int &next);
    bool isInFolder(int folder, const char *link);
    bool runsScript(int process, pid_t pid, const FileIdentity &program);

    const ScanTargets &m_targets;
    const FileTable &m_files;
    const Calibration &m_calibration;
    ScanFeatures m_features;
    MapReader m_mappings;
    std::unordered_map<quint64, bool> m_interpreters; ///< by inode and device of the program
    bool m_hasFolders;
};

} // namespace Entracte
