// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/calibration.h"
#include "platform/linux/detection/filetable.h"
#include "platform/linux/detection/mapreader.h"
#include "restart/affectedapplication.h"

#include <QHash>
#include <QMap>

namespace Entracte {

/// What one process holds, in full: each way, whether it writes, whether the file is an old one.
/// For those few that a quick look (quicklook.h) has pointed out.
///
/// A descriptor with O_PATH is no use of a file: nothing can be read through it, no old version
/// runs on by it, no lease sees it, and every installer pins by such what it registered
/// (FileTable). It is a use of a directory: names are resolved from it, as from a working
/// directory. Watches of inotify and fanotify hold nothing; the descriptors that come with events
/// of fanotify are ordinary ones.
class Holdings
{
public:
    Holdings(const FileTable &files, const Calibration &calibration, const ScanFeatures &features);

    /// Everything the process \a pid holds, whose open /proc folder is \a process.
    void read(pid_t pid, int process);
    /// Only the descriptors that its thread \a thread has for itself.
    void readThread(int process, pid_t thread);
    /// Only what an io_uring of it holds. The kernel tells by name.
    void readRings(int process);

    QList<HeldFile> files() const { return m_held.values(); }

private:
    void readMappings(int process);
    void readDescriptors(int process);
    void noteLink(int process, const char *link, HoldKind kind);
    void noteMappedBelow(int process, const Mapping &mapping);
    void noteBelow(const QByteArray &path, const FileIdentity &identity, HoldKind kind,
                   bool isWritten);
    void note(int number, HoldKind kind, bool isWritten, bool isCertain,
              const std::optional<FileFacts> &held);
    bool isStale(int number);
    bool isTheMapped(int number, const Mapping &mapping,
                     const std::optional<FileFacts> &held) const;
    std::optional<FileFacts> factsOf(int process, const Mapping &mapping) const;

    const FileTable &m_files;
    const Calibration &m_calibration;
    ScanFeatures m_features;
    MapReader m_mappings;
    QMap<QString, HeldFile> m_held;
    QHash<int, bool> m_stale;
    bool m_sharesOurMounts = false;
};

} // namespace Entracte
