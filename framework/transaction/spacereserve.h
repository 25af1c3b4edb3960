// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "transaction/directory.h"

#include <mutex>

namespace Entracte {

/// Room on a volume that is held before the first byte is written, as one file that shrinks while
/// the real ones grow: whatever else fills the disk meanwhile, an installation that has begun does
/// not run out of it. Thread-safe.
class SpaceReserve
{
public:
    SpaceReserve(Directory directory, const QString &name);

    /// Holds \a bytes more; NoSpace if they are not there. Where the volume cannot promise, it does
    /// not.
    Result<> hold(qint64 bytes);

    /// Somebody is about to write \a bytes.
    Result<> release(qint64 bytes);

    Result<> releaseAll();

private:
    std::mutex m_mutex;
    Directory m_directory;
    QString m_name;
    qint64 m_held = 0;   ///< on the disk
    qint64 m_needed = 0; ///< still to be written
};

} // namespace Entracte
