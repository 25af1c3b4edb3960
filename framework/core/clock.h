// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace Entracte {

/// The only source of time for every limit in the framework, so that tests can move it by hand.
class Clock
{
public:
    virtual ~Clock() = default;

    /// Monotonic time since an arbitrary start.
    virtual std::chrono::milliseconds now() const = 0;

    /// Calls \a action once when \a delay has passed; never if \a context is gone by then. To be
    /// called in the thread of \a context, in which the action runs too.
    virtual void callAfter(std::chrono::milliseconds delay, QObject *context,
                           std::function<void()> action) = 0;

    /// Blocks a thread that has no event loop until \a isDone, for at most \a limit; \a lock guards
    /// what isDone reads and \a changed announces it. Returns isDone() at the end.
    virtual bool wait(std::condition_variable &changed, std::unique_lock<std::mutex> &lock,
                      std::chrono::milliseconds limit, const std::function<bool()> &isDone) = 0;
};

/// Real time.
class SystemClock final : public Clock
{
public:
    std::chrono::milliseconds now() const override;
    void callAfter(std::chrono::milliseconds delay, QObject *context,
                   std::function<void()> action) override;
    bool wait(std::condition_variable &changed, std::unique_lock<std::mutex> &lock,
              std::chrono::milliseconds limit, const std::function<bool()> &isDone) override;
};

} // namespace Entracte
