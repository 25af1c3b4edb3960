// SPDX-License-Identifier: MIT
#include "capi/loopthread.h"

#include <QCoreApplication>
#include <QEventLoop>

#include <future>

namespace Entracte {

static void runLoop(std::promise<QEventLoop *> started)
{
    static int argc = 1;
    static char name[] = "entracte-rm";
    static char *argv[] = {name, nullptr};
    // Never deleted: when a process exits, Qt's own globals are gone before us.
    if (!QCoreApplication::instance())
        new QCoreApplication(argc, argv);
    QEventLoop loop;
    started.set_value(&loop);
    loop.exec();
}

LoopThread::LoopThread()
{
    std::promise<QEventLoop *> started;
    std::future<QEventLoop *> loop = started.get_future();
    m_thread = std::thread(runLoop, std::move(started));
    m_loop = loop.get();
}

LoopThread::~LoopThread()
{
    post([loop = m_loop] { loop->quit(); });
    m_thread.join();
}

void LoopThread::run(const std::function<void()> &action)
{
    QMetaObject::invokeMethod(m_loop, action, Qt::BlockingQueuedConnection);
}

void LoopThread::post(std::function<void()> action)
{
    QMetaObject::invokeMethod(m_loop, std::move(action), Qt::QueuedConnection);
}

} // namespace Entracte
