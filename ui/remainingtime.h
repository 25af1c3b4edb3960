// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

#include <chrono>
#include <optional>

namespace Entracte {

/// How long the rest of some work will take, told from the time in which it was really done. It
/// knows no clock: every call is told what time it is, by any clock that never goes back.
///
/// start() when the work begins or goes on, pause() when it waits for somebody, advance() whenever
/// some of it is done. What advance() answers is to be read by people: a round number that falls as
/// time passes, and rises only when the work has become clearly slower.
class RemainingTime
{
public:
    void start(std::chrono::milliseconds now);
    void pause(std::chrono::milliseconds now);

    /// \a done of \a total is done by \a now. Nothing is answered in the first second of work,
    /// while there is too little to tell from, and when all is done.
    std::optional<std::chrono::seconds> advance(std::chrono::milliseconds now, qint64 done,
                                                qint64 total);

private:
    void work(std::chrono::milliseconds now);

    std::optional<std::chrono::milliseconds> m_workingSince; ///< up to here m_worked is right
    std::chrono::milliseconds m_worked{0};
    std::chrono::milliseconds m_workedBefore{0}; ///< at the last advance()
    qint64 m_done = 0;
    double m_recentBytes = 0; ///< both forget what is long ago, at the same pace
    double m_recentSeconds = 0;
    std::optional<std::chrono::seconds> m_answer;
};

} // namespace Entracte
