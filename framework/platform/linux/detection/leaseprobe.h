// SPDX-License-Identifier: MIT
#pragma once

#include "restart/restartbackend.h"

#include <QStringList>

namespace Entracte {

/// Whether anybody holds one of \a files, by asking the kernel for a write lease on each and giving
/// it back: it is refused while anything holds the inode: descriptors, mappings, executables, other
/// users' processes. About 7 µs a file.
///
/// Unknown when a file belongs to another user, when the volume does not know leases, or when a
/// first trial on that volume shows that it does not tell mappings (overlayfs): the first file of
/// each device is mapped by ourselves, and must then count as held.
RestartBackend::Occupancy probeByLease(const QStringList &files);

} // namespace Entracte
