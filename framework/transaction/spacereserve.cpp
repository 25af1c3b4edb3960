// SPDX-License-Identifier: MIT
#include "transaction/spacereserve.h"

namespace Entracte {

static constexpr qint64 step = 32 * 1024 * 1024; // shrinking costs a journal entry of the volume

SpaceReserve::SpaceReserve(Directory directory, const QString &name)
    : m_directory(std::move(directory))
    , m_name(name)
{
}

Result<> SpaceReserve::hold(qint64 bytes)
{
    m_needed += bytes;
    if (m_needed < step)
        return {}; // the slack of the first check is more than that is worth
    m_held = m_needed;
    return m_directory.reserve(m_name, m_held);
}

Result<> SpaceReserve::release(qint64 bytes)
{
    const std::lock_guard guard(m_mutex);
    m_needed -= bytes;
    if (m_held == 0 || m_held - qMax<qint64>(m_needed, 0) < step)
        return {};
    // One step ahead, so that what is written now finds its room.
    m_held = qMax<qint64>(m_needed - step, 0);
    return m_directory.reserve(m_name, m_held);
}

Result<> SpaceReserve::releaseAll()
{
    const std::lock_guard guard(m_mutex);
    m_needed = 0;
    if (m_held == 0)
        return {};
    m_held = 0;
    return m_directory.remove(m_name);
}

} // namespace Entracte
