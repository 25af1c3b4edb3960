// SPDX-License-Identifier: MIT
#include "core/clock.h"

#include <QTimer>

namespace Entracte {

std::chrono::milliseconds SystemClock::now() const
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

void SystemClock::callAfter(std::chrono::milliseconds delay, QObject *context,
                            std::function<void()> action)
{
    QTimer::singleShot(delay, context, std::move(action));
}

bool SystemClock::wait(std::condition_variable &changed, std::unique_lock<std::mutex> &lock,
                       std::chrono::milliseconds limit, const std::function<bool()> &isDone)
{
    return changed.wait_for(lock, limit, isDone);
}

} // namespace Entracte
