// SPDX-License-Identifier: MIT
#include "transaction/spacereserve.h"

#include <algorithm>

namespace Entracte {

static constexpr qint64 leastStep = 1024 * 1024;
static constexpr qint64 mostStep =
    32 * 1024 * 1024; // shrinking costs a journal entry of the volume

SpaceReserve::SpaceReserve(Directory directory, const QString &name)
    : m_directory(std::move(directory))
    , m_name(name)
{
}

Result<> SpaceReserve::hold(qint64 bytes)
{
    m_needed = bytes;
    m_step = std::clamp(bytes / 8, leastStep, mostStep);
    return shrink();
}

Result<> SpaceReserve::release(qint64 bytes)
{
    const std::lock_guard guard(m_mutex);
    m_needed -= bytes;
    return m_held > m_needed ? shrink() : Result<>();
}

/// One step ahead of what is written, so that both together never take more than what is needed.
Result<> SpaceReserve::shrink()
{
    const qint64 held = std::max<qint64>(m_needed - m_step, 0);
    if (held == m_held)
        return {};
    m_held = held;
    return m_directory.reserve(m_name, held);
}

Result<> SpaceReserve::releaseAll()
{
    const std::lock_guard guard(m_mutex);
    m_needed = 0;
    m_held = 0;
    return m_directory.remove(m_name);
}

} // namespace Entracte
