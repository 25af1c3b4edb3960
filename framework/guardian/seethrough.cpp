// SPDX-License-Identifier: MIT
#include "guardian/seethrough.h"

#include "core/logging.h"
#include "guardian/nextstart.h"
#include "transaction/deferredversion.h"

#include <QEventLoop>

namespace Entracte {

Result<> seeThrough(const QString &targetDirectory, DeferredSwap::Patience patience,
                    const std::function<void()> &beforeSwapping,
                    const std::function<void()> &beforeWaiting)
{
    const auto clock = std::make_shared<SystemClock>();
    DeferredSwap swap(targetDirectory, patience, createRestartBackend(clock), clock);
    QObject::connect(&swap, &DeferredSwap::swapping, &swap, beforeSwapping);
    QObject::connect(&swap, &DeferredSwap::waiting, &swap, beforeWaiting);
    QEventLoop loop;
    Result<> outcome;
    QObject::connect(
        &swap, &Job::finished, &loop,
        [&](const Result<> &result) {
            outcome = result;
            loop.quit();
        },
        Qt::QueuedConnection);
    swap.start();
    loop.exec();
    if (!outcome)
        qCWarning(lcTransaction) << outcome.error().message;
    if (DeferredVersion::isPresent(targetDirectory))
        return outcome;
    const Result<> forgotten = NextStart::forget(targetDirectory);
    return outcome ? forgotten : outcome;
}

} // namespace Entracte
