// SPDX-License-Identifier: MIT
#include "core/parallel.h"

#include <QThread>

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace Entracte {

static constexpr int manyWorkers = 16; // beyond, the disk is what is waited for

Result<> inParallel(qsizetype count, const std::function<ItemWork()> &makeWorker, int mostWorkers)
{
    std::atomic<qsizetype> next = 0;
    std::atomic<bool> isFailed = false;
    std::mutex mutex;
    std::optional<Error> firstError;

    const auto run = [&](const ItemWork &work) {
        for (qsizetype item = next++; item < count && !isFailed; item = next++) {
            const Result<> done = work(item);
            if (done)
                continue;
            isFailed = true;
            const std::lock_guard guard(mutex);
            if (!firstError)
                firstError = done.error();
        }
    };

    const int most = mostWorkers > 0 ? mostWorkers : manyWorkers;
    const qsizetype workers = qMin<qsizetype>(qMin(QThread::idealThreadCount(), most), count);
    std::vector<std::jthread> others;
    for (qsizetype other = 1; other < workers; ++other)
        others.emplace_back([&run, work = makeWorker()] { run(work); });
    if (count > 0)
        run(makeWorker());
    others.clear(); // joins
    return firstError ? Result<>(*firstError) : Result<>();
}

} // namespace Entracte
