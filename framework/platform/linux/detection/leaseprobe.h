// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/filetable.h"
#include "restart/restartbackend.h"

#include <QStringList>

#include <chrono>
#include <map>

namespace Entracte {

/// Whether anybody holds a file, by asking the kernel for a write lease on it and giving it back:
/// it is refused while anything holds the inode: descriptors (but those with O_PATH), mappings,
/// executables, other users' processes, the kernel itself. About 6 µs a file. Who opens the file in
/// that moment waits for it; only one who opens it with O_NONBLOCK is told to try again.
///
/// Free is believed only on volumes that passed a trial: a file that was free is mapped by
/// ourselves, and must then count as held (overlayfs fails it). For one thread.
class LeaseProbe
{
public:
    using Occupancy = RestartBackend::Occupancy;

    static constexpr std::chrono::microseconds price{6}; ///< of one file, about

    /// About the file at \a path, whichever it is. Unknown when it is no regular file, belongs to
    /// another user, or lies on a volume that does not tell.
    Occupancy ask(const QByteArray &path);

    /// About the registered inode, which the path need not lead to any more; Unknown when it can be
    /// reached no more.
    Occupancy ask(const FileTable &files, int number);

    /// Whether one of the files that were asked about may be a script.
    bool hasMetScript() const { return m_hasMetScript; }

private:
    Occupancy askOpen(Descriptor file, const QByteArray &path, quint64 device);

    std::map<quint64, bool> m_trusted; ///< by device
    bool m_hasMetScript = false;
};

/// InUse if one of \a files is, which \a inUse then names, Unknown if that cannot be told of one,
/// else Free. Missing files, links and directories count as free. Asks in several threads: nothing
/// of the product runs while it does.
RestartBackend::Occupancy probeByLease(const QStringList &files, QStringList *inUse = nullptr);

} // namespace Entracte
