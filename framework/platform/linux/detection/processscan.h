// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/filetable.h"
#include "restart/affectedapplication.h"

#include <QList>
#include <QSet>
#include <QString>
#include <QStringList>

#include <atomic>
#include <memory>

namespace Entracte {

/// What is looked for: files by identity, processes and services by themselves.
struct ScanTargets
{
    std::shared_ptr<const FileTable> files = std::make_shared<FileTable>();
    QSet<UniqueProcess> processes;
    QSet<QString> services; ///< short names
    /// Files of which somebody learned otherwise that they are held (probeByLease): they are
    /// accounted for in any case, how many files there may be.
    QStringList suspects;

    bool isEmpty() const { return files->isEmpty() && processes.isEmpty() && services.isEmpty(); }
};

struct FileHolder
{
    UniqueProcess process;
    QList<HeldFile> files; ///< by path
    QString service;       ///< short name, if it belongs to a service that was looked for
};

struct ProcessScan
{
    QList<FileHolder> holders; ///< by pid
    /// Processes that we may not look into: others' programs, and those that hide from their owner.
    int notInspected = 0;
    /// Registered files that are in use, with no process found that uses them: by the kernel, or by
    /// a process that cannot be inspected.
    QStringList unattributed;
    /// Processes looked into; none where leases told that nobody holds anything.
    int inspected = 0;
};

/// Who holds what, at this moment (linux-mechanisms 1.5).
///
/// Where that is cheaper, and tells for all files, first asks the kernel whether they are held at
/// all (leaseprobe.h), and if not, looks at nobody. Else one pass over /proc: the executable, the
/// mappings and the descriptors of every process, compared by device and inode. A process that
/// holds something is read a second time under a pidfd, in full, so that what is reported belongs
/// to the process it is reported for. Then files that are held according to their lease but were
/// found with nobody are looked for in odder places (completeness.h).
///
/// Never follows a path into a file system that may hang; only what was registered must answer.
/// Blocks for about 0.4 ms a process: call it from a worker; it uses up to four threads and returns
/// early, with less, once \a cancelled is true.
ProcessScan scanProcesses(const ScanTargets &targets, const std::atomic<bool> &cancelled,
                          const ScanFeatures &features = {});

/// Whether one of those whom \a since found has ended, or a file that it found held is held by
/// nobody any more. Costs some microseconds for each of them, so it can be asked again and again
/// while one waits; who came since, and who let go of a file that somebody else still holds, only
/// the next scan sees.
bool hasAnybodyGone(const ScanTargets &targets, const ProcessScan &since,
                    const std::atomic<bool> &cancelled, const ScanFeatures &features = {});

/// What several processes hold, each file once, by path.
QList<HeldFile> united(const QList<FileHolder> &holders);

} // namespace Entracte
