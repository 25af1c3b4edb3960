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
    // A child of its context: QTimer::singleShot would keep what the action holds until the end of
    // a delay that nobody waits for any more.
    auto *timer = new QTimer(context);
    timer->setSingleShot(true);
    QObject::connect(timer, &QTimer::timeout, context, [timer, action = std::move(action)] {
        timer->deleteLater();
        action();
    });
    timer->start(delay);
}

bool SystemClock::wait(std::condition_variable &changed, std::unique_lock<std::mutex> &lock,
                       std::chrono::milliseconds limit, const std::function<bool()> &isDone)
{
    return changed.wait_for(lock, limit, isDone);
}

} // namespace Entracte
