// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>

#include <chrono>
#include <functional>

namespace Entracte {

/// The only source of time for every limit in the framework, so that tests can move it by hand.
class Clock
{
public:
    virtual ~Clock() = default;

    /// Monotonic time since an arbitrary start.
    virtual std::chrono::milliseconds now() const = 0;

    /// Calls \a action once, in the thread of \a context, when \a delay has passed; never if
    /// \a context is gone by then.
    virtual void callAfter(std::chrono::milliseconds delay, QObject *context,
                           std::function<void()> action) = 0;
};

/// Real time.
class SystemClock final : public Clock
{
public:
    std::chrono::milliseconds now() const override;
    void callAfter(std::chrono::milliseconds delay, QObject *context,
                   std::function<void()> action) override;
};

} // namespace Entracte
