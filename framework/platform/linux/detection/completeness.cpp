// SPDX-License-Identifier: MIT
#include "platform/linux/detection/completeness.h"

#include "platform/linux/detection/confirmation.h"
#include "platform/linux/detection/holdings.h"
#include "platform/linux/detection/quicklook.h"
#include "platform/linux/process.h"
#include "platform/unix/folderreader.h"

#include <QFile>

#include <algorithm>

#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace Entracte {

namespace {

constexpr int mostQuestions = 1000;

bool sharesDescriptors(pid_t process, pid_t thread)
{
    return ::syscall(SYS_kcmp, process, thread, KCMP_FILES, 0, 0) == 0;
}

QByteArray firstLine(int folder, const QByteArray &name)
{
    const Descriptor file(::openat(folder, name.constData(), O_RDONLY | O_CLOEXEC));
    char text[4096];
    const ssize_t length = file.isValid() ? ::read(file.get(), text, sizeof text) : 0;
    const QByteArray line(text, qMax<qsizetype>(length, 0));
    return line.left(line.indexOf('\n'));
}

QList<QByteArray> filesOfLoopDevices()
{
    QList<QByteArray> files;
    const Descriptor devices(::open("/sys/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!devices.isValid())
        return files;
    FolderReader reader(devices.get());
    while (const FolderReader::Entry *entry = reader.next())
        if (QByteArrayView(entry->name).startsWith("loop"))
            files.append(firstLine(devices.get(), QByteArray(entry->name) + "/loop/backing_file"));
    return files;
}

QList<QByteArray> swapFiles()
{
    QList<QByteArray> files;
    QFile swaps(QStringLiteral("/proc/swaps"));
    if (swaps.open(QIODevice::ReadOnly))
        for (const QByteArray &line : swaps.readAll().split('\n'))
            files.append(line.left(line.indexOf(' ')));
    return files;
}

} // namespace

Completeness::Completeness(const ScanTargets &targets, const Calibration &calibration,
                           const ScanFeatures &features, const std::atomic<bool> &cancelled)
    : m_targets(targets)
    , m_files(*targets.files)
    , m_calibration(calibration)
    , m_features(features)
    , m_cancelled(cancelled)
{
}

void Completeness::complete(ProcessScan &scan, const std::vector<pid_t> &pids)
{
    const QSet<int> ofKernel = heldByKernel();
    std::vector<int> left = heldByNobody(scan);
    if (!left.empty())
        for (const pid_t pid : pids) {
            if (m_cancelled)
                return;
            lookCloser(scan, pid);
        }

    QSet<QString> accounted;
    for (const FileHolder &holder : std::as_const(scan.holders))
        for (const HeldFile &file : holder.files)
            accounted.insert(file.path);
    QSet<QString> unattributed;
    for (const int number : ofKernel)
        unattributed.insert(m_files.entry(number).path);
    // Once more: whoever probed at the same moment, or has gone since, is no holder.
    for (const int number : left)
        if (!accounted.contains(m_files.entry(number).path) && isHeld(number))
            unattributed.insert(m_files.entry(number).path);
    scan.unattributed = QStringList(unattributed.cbegin(), unattributed.cend());
    scan.unattributed.sort();
}

std::vector<int> Completeness::heldByNobody(const ProcessScan &scan)
{
    if (!m_features.leases)
        return {};
    QSet<QString> accounted;
    for (const FileHolder &holder : scan.holders)
        for (const HeldFile &file : holder.files)
            if (file.isCertain)
                accounted.insert(file.path);
    const QSet<QString> suspects(m_targets.suspects.cbegin(), m_targets.suspects.cend());
    int mayAsk = mostQuestions;
    std::vector<int> held;
    for (int number = 0; number < m_files.size() && !m_cancelled; ++number) {
        const QString &path = m_files.entry(number).path;
        const bool isSuspect = !suspects.isEmpty() && suspects.contains(path);
        if ((!isSuspect && mayAsk <= 0) || accounted.contains(path))
            continue;
        mayAsk -= isSuspect ? 0 : 1;
        if (isHeld(number))
            held.push_back(number);
    }
    return held;
}

bool Completeness::isHeld(int number)
{
    return m_leases.ask(m_files, number) == LeaseProbe::Occupancy::InUse;
}

void Completeness::lookCloser(ProcessScan &scan, pid_t pid)
{
    const auto readOdd = [this, pid](Holdings &holdings, int process) {
        const Descriptor tasks(::openat(process, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!tasks.isValid())
            return;
        FolderReader reader(tasks.get());
        while (const FolderReader::Entry *entry = reader.next()) {
            const pid_t thread = QByteArrayView(entry->name).toInt();
            if (thread != pid && !(m_features.tableComparison && sharesDescriptors(pid, thread)))
                holdings.readThread(process, thread);
        }
        holdings.readRings(process);
    };
    const auto holder = confirmed(pid, m_targets, m_calibration, m_features, readOdd);
    if (!holder)
        return;
    const auto known =
        std::find_if(scan.holders.begin(), scan.holders.end(),
                     [&holder](const auto &one) { return one.process == holder->process; });
    if (known == scan.holders.end())
        scan.holders.append(*holder);
    else
        known->files = united({*known, *holder});
}

QSet<int> Completeness::heldByKernel() const
{
    QSet<int> held;
    for (const QByteArray &path : filesOfLoopDevices() + swapFiles())
        if (path.startsWith('/'))
            if (const auto identity = rememberedIdentity(path.constData()))
                m_files.index().each(*identity, [&held](int number) { held.insert(number); });
    return held;
}

} // namespace Entracte
