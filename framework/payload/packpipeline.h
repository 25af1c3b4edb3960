// SPDX-License-Identifier: MIT
#pragma once

#include "payload/packer.h"

#include <condition_variable>
#include <optional>
#include <thread>

namespace Entracte {

/// Packs the tasks in threads and hands what comes of them over in their order. Only so many are
/// packed ahead: what waits to be placed is what memory is needed for.
class PackPipeline
{
public:
    PackPipeline(PackWork &work, int threads);
    ~PackPipeline();

    /// The next task's result; waits for it. To be called once a task.
    Result<Packed> next();

private:
    void run();

    PackWork &m_work;
    std::mutex m_mutex;
    std::condition_variable m_room;
    std::condition_variable m_ready;
    std::vector<std::optional<Result<Packed>>> m_slots;
    size_t m_begun = 0;
    size_t m_taken = 0;
    bool m_isOver = false;
    std::vector<std::thread> m_threads;
};

} // namespace Entracte
