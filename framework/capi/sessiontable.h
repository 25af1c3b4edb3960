// SPDX-License-Identifier: MIT
#pragma once

#include "capi/loopthread.h"
#include "restart/eventlog.h"
#include "restart/restartsession.h"
#include "restart/sessionmember.h"
#include "restart/sessionstore.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace Entracte {

/// What the handles of the C interface stand for. The only state of this process that a C caller
/// cannot carry by itself; hence one table for all (see sessionTable()).
///
/// Primaries and members live in the loop thread; the functions here are for any other thread and
/// block until the answer is there.
class SessionTable
{
public:
    using Progress = std::function<void(int percent)>;

    ~SessionTable();

    RestartCode start(quint32 &handle, QString &key);
    RestartCode join(quint32 &handle, const QString &key);
    RestartCode end(quint32 handle);
    RestartCode awaitShutdown(quint32 handle);
    RestartCode registerResources(quint32 handle, const Resources &resources);

    /// Runs one task of a primary; \a progress is called in the calling thread, strictly rising.
    RestartCode runTask(quint32 handle,
                        const std::function<std::unique_ptr<RestartTask>(RestartSession &)> &make,
                        const Progress &progress);
    /// Shuts down, and lets the secondaries that wait go on when everybody is closed.
    RestartCode shutdown(quint32 handle, ShutdownTypes type, const Progress &progress);
    RestartCode cancel(quint32 handle);

    /// Calls \a action with the primary, in the loop thread: 6 or 1219 if the handle is none.
    RestartCode withPrimary(quint32 handle,
                            const std::function<RestartCode(RestartSession &)> &action);

private:
    struct Entry
    {
        std::unique_ptr<RestartSession> primary;
        std::unique_ptr<SessionMember> member;
        RestartTask *task = nullptr; ///< running; touched in the loop thread only
    };

    LoopThread &thread();
    std::shared_ptr<Entry> find(quint32 handle, RestartCode &code);
    quint32 insert(std::shared_ptr<Entry> entry);
    RestartCode finish(const std::function<std::unique_ptr<Job>()> &make);

    std::mutex m_mutex; ///< guards the members below
    std::unique_ptr<LoopThread> m_thread;
    std::unique_ptr<SessionStore> m_store;
    std::unique_ptr<EventLog> m_log; ///< written to in the loop thread only
    std::map<quint32, std::shared_ptr<Entry>> m_entries;
    quint32 m_next = 0;
};

SessionTable &sessionTable();

} // namespace Entracte
