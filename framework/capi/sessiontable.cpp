// SPDX-License-Identifier: MIT
#include "capi/sessiontable.h"

#include "restart/sessionserver.h"

#include <condition_variable>
#include <deque>
#include <optional>

namespace Entracte {

SessionTable &sessionTable()
{
    static SessionTable table;
    return table;
}

SessionTable::~SessionTable()
{
    if (m_thread)
        m_thread->run([this] { m_entries.clear(); });
}

LoopThread &SessionTable::thread()
{
    const std::lock_guard guard(m_mutex);
    if (!m_thread) {
        m_thread = std::make_unique<LoopThread>();
        m_store = createSessionStore(std::make_shared<SystemClock>());
        m_log = createEventLog();
    }
    return *m_thread;
}

std::shared_ptr<SessionTable::Entry> SessionTable::find(quint32 handle, RestartCode &code)
{
    const std::lock_guard guard(m_mutex);
    const auto entry = m_entries.find(handle);
    code = entry == m_entries.end() ? RestartCode::InvalidHandle : RestartCode::Success;
    return entry == m_entries.end() ? nullptr : entry->second;
}

quint32 SessionTable::insert(std::shared_ptr<Entry> entry)
{
    const std::lock_guard guard(m_mutex);
    m_entries.emplace(m_next, std::move(entry));
    return m_next++;
}

RestartCode SessionTable::start(quint32 &handle, QString &key)
{
    auto entry = std::make_shared<Entry>();
    RestartCode code = RestartCode::Success;
    thread().run([&] {
        auto clock = std::make_shared<SystemClock>();
        entry->primary = std::make_unique<RestartSession>(createRestartBackend(clock), clock,
                                                          RestartRules::Windows);
        QObject::connect(entry->primary.get(), &RestartSession::happened, entry->primary.get(),
                         [this](const RestartEvent &event) { m_log->write(event); });
        code = restartCodeOf(entry->primary->share(*m_store));
        key = entry->primary->key();
        if (code != RestartCode::Success)
            entry->primary.reset();
    });
    if (code == RestartCode::Success)
        handle = insert(entry);
    return code;
}

RestartCode SessionTable::join(quint32 &handle, const QString &key)
{
    auto entry = std::make_shared<Entry>();
    thread().run([&] {
        entry->member = std::make_unique<SessionMember>(*m_store, std::make_shared<SystemClock>());
    });
    const RestartCode code = finish([&] { return entry->member->join(key); });
    if (code == RestartCode::Success)
        handle = insert(entry);
    else
        thread().run([&] { entry->member.reset(); });
    return code;
}

RestartCode SessionTable::end(quint32 handle)
{
    RestartCode code;
    const std::shared_ptr<Entry> entry = find(handle, code);
    if (!entry)
        return code;
    cancel(handle);
    {
        const std::lock_guard guard(m_mutex);
        m_entries.erase(handle);
    }
    thread().run([&] {
        entry->member.reset();
        entry->primary.reset();
    });
    return RestartCode::Success;
}

RestartCode SessionTable::registerResources(quint32 handle, const Resources &resources)
{
    RestartCode code;
    const std::shared_ptr<Entry> entry = find(handle, code);
    if (!entry)
        return code;
    if (entry->primary) {
        thread().run([&] { code = restartCodeOf(entry->primary->registerResources(resources)); });
        return code;
    }
    return finish([&] { return entry->member->registerResources(resources); });
}

RestartCode SessionTable::awaitShutdown(quint32 handle)
{
    RestartCode code;
    const std::shared_ptr<Entry> entry = find(handle, code);
    if (!entry)
        return code;
    if (!entry->member)
        return RestartCode::BadArguments;
    return finish([&] { return entry->member->awaitShutdown(); });
}

/// Makes and starts a job in the loop thread; waits here for its end.
RestartCode SessionTable::finish(const std::function<std::unique_ptr<Job>()> &make)
{
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<RestartCode> code;
    thread().post([&] {
        Job *const job = make().release();
        QObject::connect(job, &Job::finished, job, [&, job](const Result<> &result) {
            job->deleteLater();
            const std::lock_guard guard(mutex);
            code = restartCodeOf(result);
            changed.notify_one();
        });
        job->start();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return code.has_value(); });
    return *code;
}

RestartCode
SessionTable::runTask(quint32 handle,
                      const std::function<std::unique_ptr<RestartTask>(RestartSession &)> &make,
                      const Progress &progress)
{
    RestartCode found;
    const std::shared_ptr<Entry> entry = find(handle, found);
    if (!entry)
        return found;
    if (!entry->primary)
        return RestartCode::SessionCredentialConflict;

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<int> percents;
    std::optional<RestartCode> code;
    thread().post([&] {
        if (entry->task || !entry->primary) {
            const std::lock_guard guard(mutex);
            code = entry->task ? RestartCode::Busy : RestartCode::InvalidHandle;
            changed.notify_one();
            return;
        }
        RestartTask *const task = make(*entry->primary).release();
        entry->task = task;
        QObject::connect(task, &RestartTask::stepped, task, [&](const RestartStep &step) {
            const std::lock_guard guard(mutex);
            percents.push_back(step.percent);
            changed.notify_one();
        });
        QObject::connect(task, &Job::finished, task, [&, task] {
            task->deleteLater();
            entry->task = nullptr;
            const std::lock_guard guard(mutex);
            code = task->code();
            changed.notify_one();
        });
        task->start();
    });

    int last = -1;
    std::unique_lock lock(mutex);
    while (true) {
        changed.wait(lock, [&] { return code || !percents.empty(); });
        if (percents.empty())
            return *code;
        const int percent = percents.front();
        percents.pop_front();
        if (percent <= last || !progress)
            continue;
        last = percent;
        lock.unlock();
        progress(percent);
        lock.lock();
    }
}

RestartCode SessionTable::shutdown(quint32 handle, ShutdownTypes type, const Progress &progress)
{
    const RestartCode code = runTask(
        handle, [type](RestartSession &session) { return session.shutdown(type); }, progress);
    if (code == RestartCode::Success)
        withPrimary(handle, [](RestartSession &session) {
            session.server()->release(RestartCode::Success);
            return RestartCode::Success;
        });
    return code;
}

RestartCode SessionTable::cancel(quint32 handle)
{
    RestartCode code;
    const std::shared_ptr<Entry> entry = find(handle, code);
    if (!entry)
        return code;
    if (!entry->primary)
        return RestartCode::SessionCredentialConflict;
    thread().post([entry] {
        if (entry->task)
            entry->task->cancel();
    });
    return RestartCode::Success;
}

RestartCode SessionTable::withPrimary(quint32 handle,
                                      const std::function<RestartCode(RestartSession &)> &action)
{
    RestartCode code;
    const std::shared_ptr<Entry> entry = find(handle, code);
    if (!entry)
        return code;
    if (!entry->primary)
        return RestartCode::SessionCredentialConflict;
    thread().run(
        [&] { code = entry->primary ? action(*entry->primary) : RestartCode::InvalidHandle; });
    return code;
}

} // namespace Entracte
