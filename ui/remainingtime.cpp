// SPDX-License-Identifier: MIT
#include "ui/remainingtime.h"

#include <cmath>

namespace Entracte {

using namespace std::chrono;

static constexpr seconds silence{1};
static constexpr double memory = 10.0; ///< seconds after which a speed counts a third
static constexpr double longest = 24 * 60 * 60;

/// The numbers that are said: the further away, the rounder.
static seconds stepFor(double remaining)
{
    return remaining <= 60 ? seconds(5) : seconds(60);
}

static seconds rounded(double remaining)
{
    const double step = double(stepFor(remaining).count());
    const double steps =
        remaining <= 60 ? std::ceil(remaining / step) : std::round(remaining / step);
    return stepFor(remaining) * qMax(1, int(steps));
}

void RemainingTime::start(milliseconds now)
{
    if (!m_workingSince)
        m_workingSince = now;
}

void RemainingTime::pause(milliseconds now)
{
    work(now);
    m_workingSince.reset();
}

void RemainingTime::work(milliseconds now)
{
    if (!m_workingSince)
        return;
    m_worked += now - *m_workingSince;
    m_workingSince = now;
}

std::optional<seconds> RemainingTime::advance(milliseconds now, qint64 done, qint64 total)
{
    work(now);
    const double passed = duration<double>(m_worked - m_workedBefore).count();
    const double kept = std::exp(-passed / memory);
    m_recentBytes = m_recentBytes * kept + double(qMax<qint64>(0, done - m_done));
    m_recentSeconds = m_recentSeconds * kept + passed;
    m_workedBefore = m_worked;
    m_done = qMax(m_done, done);

    const bool isTooEarly = m_worked < silence || m_recentBytes < 1;
    if (isTooEarly || done >= total)
        return std::nullopt;
    const double remaining = qMin(longest, double(total - done) * m_recentSeconds / m_recentBytes);
    if (m_answer) {
        // Near the border between two numbers they would come and go.
        const double said = double(m_answer->count());
        const double tolerance = qMax(double(stepFor(remaining).count()), said / 5);
        if (remaining > said && remaining <= said + tolerance)
            return m_answer;
    }
    m_answer = rounded(remaining);
    return m_answer;
}

} // namespace Entracte
