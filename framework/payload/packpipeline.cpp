// SPDX-License-Identifier: MIT
#include "payload/packpipeline.h"

#include <utility>

namespace Entracte {

static constexpr int tasksPerThread = 4; // that may wait for their turn to be placed

PackPipeline::PackPipeline(PackWork &work, int threads)
    : m_work(work)
    , m_slots(size_t(threads) * tasksPerThread)
{
    for (int i = 0; i < threads; ++i)
        m_threads.emplace_back([this] { run(); });
}

PackPipeline::~PackPipeline()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isOver = true;
    }
    m_room.notify_all();
    for (std::thread &thread : m_threads)
        thread.join();
}

Result<Packed> PackPipeline::next()
{
    std::unique_lock lock(m_mutex);
    std::optional<Result<Packed>> &slot = m_slots[m_taken % m_slots.size()];
    m_ready.wait(lock, [&slot] { return slot.has_value(); });
    Result<Packed> packed = *std::exchange(slot, std::nullopt);
    ++m_taken;
    lock.unlock();
    m_room.notify_one();
    return packed;
}

void PackPipeline::run()
{
    Packer packer(m_work);
    std::unique_lock lock(m_mutex);
    while (true) {
        m_room.wait(lock, [this] {
            return m_isOver || m_begun == m_work.tasks.size() || m_begun < m_taken + m_slots.size();
        });
        if (m_isOver || m_begun == m_work.tasks.size())
            return;
        const size_t task = m_begun++;
        lock.unlock();
        Result<Packed> packed = packer.pack(m_work.tasks[task]);
        lock.lock();
        m_slots[task % m_slots.size()] = std::move(packed);
        if (task == m_taken)
            m_ready.notify_one();
    }
}

} // namespace Entracte
