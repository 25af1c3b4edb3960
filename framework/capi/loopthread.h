// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <thread>

class QEventLoop;

namespace Entracte {

/// An event loop in a thread of its own, for callers that have none. Makes a QCoreApplication there
/// if the program has none: a Qt program makes its own before the first call.
class LoopThread
{
public:
    LoopThread();
    /// Ends the loop, waits for the thread.
    ~LoopThread();

    /// Runs \a action in the thread and waits until it returned.
    void run(const std::function<void()> &action);

    /// Runs \a action in the thread, some time soon.
    void post(std::function<void()> action);

private:
    std::thread m_thread;
    QEventLoop *m_loop = nullptr; ///< lives in the thread, as long as it
};

} // namespace Entracte
