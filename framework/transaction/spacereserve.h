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

    /// Holds room for \a bytes, less the step that is written first; NoSpace if it is not there.
    /// Where the volume cannot promise, it does not. Call once.
    Result<> hold(qint64 bytes);

    /// Somebody is about to write \a bytes.
    Result<> release(qint64 bytes);

    Result<> releaseAll();

private:
    Result<> shrink();

    std::mutex m_mutex;
    Directory m_directory;
    QString m_name;
    qint64 m_held = 0;   ///< on the disk
    qint64 m_needed = 0; ///< still to be written
    qint64 m_step = 0;   ///< by which it shrinks
};

} // namespace Entracte
