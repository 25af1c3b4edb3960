// SPDX-License-Identifier: MIT
#include "platform/linux/detection/processscan.h"

#include "core/parallel.h"
#include "platform/linux/detection/completeness.h"
#include "platform/linux/detection/confirmation.h"
#include "platform/linux/detection/leaseprobe.h"
#include "platform/linux/detection/quicklook.h"
#include "platform/linux/process.h"
#include "platform/unix/folderreader.h"

#include <QFile>
#include <QMap>

#include <algorithm>
#include <mutex>

#include <fcntl.h>
#include <sys/stat.h>

namespace Entracte {

namespace {

constexpr int mostWorkers = 4; // beyond, the kernel's own locks are what is waited for
constexpr qsizetype batch = 16;

Error cancellation()
{
    return {ErrorCode::Cancelled, {}};
}

/// About: /proc has a link for each process, those of other containers among them.
size_t numberOfProcesses()
{
    struct stat status;
    return ::stat("/proc", &status) == 0 ? size_t(status.st_nlink) : 0;
}

std::vector<pid_t> allProcesses()
{
    std::vector<pid_t> pids;
    const Descriptor list(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!list.isValid())
        return pids;
    FolderReader reader(list.get());
    while (const FolderReader::Entry *entry = reader.next())
        if (*entry->name >= '1' && *entry->name <= '9')
            pids.push_back(pid_t(QByteArrayView(entry->name).toInt()));
    std::sort(pids.begin(), pids.end());
    return pids;
}

/// One scan: the processes, who among them is worth a full reading, and that.
class Scan
{
public:
    Scan(const ScanTargets &targets, const std::atomic<bool> &cancelled,
         const ScanFeatures &features)
        : m_targets(targets)
        , m_cancelled(cancelled)
        , m_features(features)
    {
    }

    ProcessScan run();

private:
    /// How far one must look.
    enum class Depth { Nowhere, ScriptsOnly, Everything };

    Depth depthByLeases() const;
    void lookAtAll(const std::vector<pid_t> &pids, const Calibration &calibration, Depth depth);
    void addRegisteredProcesses();

    const ScanTargets &m_targets;
    const std::atomic<bool> &m_cancelled;
    ScanFeatures m_features;
    ProcessScan m_scan;
};

ProcessScan Scan::run()
{
    const Depth depth = depthByLeases();
    if (depth != Depth::Nowhere) {
        const std::vector<pid_t> pids = allProcesses();
        const Calibration calibration(*m_targets.files, m_features);
        lookAtAll(pids, calibration, depth);
        if (depth == Depth::Everything && !m_cancelled && !m_targets.files->isEmpty())
            Completeness(m_targets, calibration, m_features, m_cancelled).complete(m_scan, pids);
    }
    addRegisteredProcesses();
    std::sort(m_scan.holders.begin(), m_scan.holders.end(),
              [](const auto &one, const auto &other) { return one.process < other.process; });
    return m_scan;
}

Scan::Depth Scan::depthByLeases() const
{
    const FileTable &files = *m_targets.files;
    if (!m_targets.services.isEmpty())
        return Depth::Everything;
    if (files.isEmpty())
        return Depth::Nowhere;
    // A lease tells nothing of working directories.
    if (!m_features.leases || !files.folders().empty() || !m_targets.suspects.isEmpty()
        || LeaseProbe::price * files.size() > QuickLook::price * numberOfProcesses())
        return Depth::Everything;
    LeaseProbe leases;
    for (int number = 0; number < files.size(); ++number)
        if (m_cancelled || leases.ask(files, number) != LeaseProbe::Occupancy::Free)
            return Depth::Everything;
    return leases.hasMetScript() ? Depth::ScriptsOnly : Depth::Nowhere;
}

void Scan::lookAtAll(const std::vector<pid_t> &pids, const Calibration &calibration, Depth depth)
{
    std::mutex mutex; // guards m_scan
    const auto makeWorker = [&]() -> ItemWork {
        const auto look = std::make_shared<QuickLook>(m_targets, calibration, m_features);
        return [&, look](qsizetype item) -> Result<> {
            int inspected = 0;
            int notInspected = 0;
            QList<FileHolder> holders;
            const auto end = std::min(pids.size(), size_t((item + 1) * batch));
            for (size_t i = size_t(item * batch); i < end; ++i) {
                if (m_cancelled)
                    return cancellation();
                const auto answer = look->at(pids[i], depth == Depth::Everything);
                notInspected += answer == QuickLook::Answer::NotInspected;
                inspected += answer == QuickLook::Answer::Yes || answer == QuickLook::Answer::No;
                if (answer == QuickLook::Answer::Yes)
                    if (const auto holder = confirmed(pids[i], m_targets, calibration, m_features))
                        holders.append(*holder);
            }
            const std::lock_guard guard(mutex);
            m_scan.inspected += inspected;
            m_scan.notInspected += notInspected;
            m_scan.holders.append(holders);
            return {};
        };
    };
    // The only failure is a cancellation, and then less is found, as promised.
    const Result<> looked =
        inParallel((qsizetype(pids.size()) + batch - 1) / batch, makeWorker, mostWorkers);
    Q_UNUSED(looked)
}

void Scan::addRegisteredProcesses()
{
    QSet<UniqueProcess> missing = m_targets.processes;
    for (const FileHolder &holder : std::as_const(m_scan.holders))
        missing.remove(holder.process);
    for (const UniqueProcess &process : std::as_const(missing))
        if (isAlive(process))
            m_scan.holders.append({process, {}, {}});
}

} // namespace

ProcessScan scanProcesses(const ScanTargets &targets, const std::atomic<bool> &cancelled,
                          const ScanFeatures &features)
{
    return targets.isEmpty() ? ProcessScan() : Scan(targets, cancelled, features).run();
}

bool hasAnybodyGone(const ScanTargets &targets, const ProcessScan &since,
                    const std::atomic<bool> &cancelled, const ScanFeatures &features)
{
    QSet<QString> held(since.unattributed.cbegin(), since.unattributed.cend());
    for (const FileHolder &holder : since.holders) {
        if (!isAlive(holder.process))
            return true;
        for (const HeldFile &file : holder.files)
            if (!file.kinds.testFlag(HoldKind::Script)) // which nobody holds any more
                held.insert(file.path);
    }
    if (!features.leases || held.isEmpty())
        return false;
    LeaseProbe leases;
    const FileTable &files = *targets.files;
    for (int number = 0; number < files.size() && !cancelled; ++number)
        if (held.contains(files.entry(number).path)
            && leases.ask(files, number) == LeaseProbe::Occupancy::Free)
            return true;
    return false;
}

QList<HeldFile> united(const QList<FileHolder> &holders)
{
    QMap<QString, HeldFile> files;
    for (const FileHolder &holder : holders)
        for (const HeldFile &file : holder.files) {
            auto known = files.find(file.path);
            if (known == files.end())
                known = files.insert(file.path, file);
            if (!known->processes.contains(holder.process))
                known->processes.append(holder.process);
            known->kinds |= file.kinds;
            known->isWritten |= file.isWritten;
            known->isStale |= file.isStale;
            known->isCertain |= file.isCertain;
        }
    return files.values();
}

} // namespace Entracte
