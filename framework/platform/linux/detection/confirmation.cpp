// SPDX-License-Identifier: MIT
#include "platform/linux/detection/confirmation.h"

#include "platform/linux/process.h"

#include <fcntl.h>

namespace Entracte {

std::optional<FileHolder> confirmed(pid_t pid, const ScanTargets &targets,
                                    const Calibration &calibration, const ScanFeatures &features,
                                    const std::function<void(Holdings &, int process)> &readMore)
{
    FileHolder holder;
    holder.process = uniqueProcess(pid);
    const Descriptor descriptor =
        features.processDescriptors ? openProcess(holder.process) : Descriptor();
    if (features.processDescriptors && !descriptor.isValid())
        return std::nullopt;
    const Descriptor process(
        ::open(("/proc/" + QByteArray::number(pid)).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!process.isValid())
        return std::nullopt;

    if (!targets.files->isEmpty()) {
        Holdings holdings(*targets.files, calibration, features);
        holdings.read(pid, process.get());
        if (readMore)
            readMore(holdings, process.get());
        holder.files = holdings.files();
    }
    if (!targets.services.isEmpty())
        if (const QString service = serviceOf(pid); targets.services.contains(service))
            holder.service = service;
    if (holder.files.isEmpty() && holder.service.isEmpty()
        && !targets.processes.contains(holder.process))
        return std::nullopt;
    const bool hasGone =
        features.processDescriptors ? hasEnded(descriptor) : uniqueProcess(pid) != holder.process;
    return hasGone ? std::nullopt : std::optional(holder);
}

} // namespace Entracte
