// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"

#include <QMultiMap>
#include <QPointer>

/// Time that moves only when a test says so.
class ManualClock : public Entracte::Clock
{
public:
    std::chrono::milliseconds now() const override { return m_now; }

    void callAfter(std::chrono::milliseconds delay, QObject *context,
                   std::function<void()> action) override
    {
        m_due.insert((m_now + delay).count(), {context, std::move(action)});
    }

    /// Nobody else moves the time: a wait that is not over yet ends at its limit, at once.
    bool wait(std::condition_variable &, std::unique_lock<std::mutex> &,
              std::chrono::milliseconds limit, const std::function<bool()> &isDone) override
    {
        if (!isDone())
            m_now += limit;
        return isDone();
    }

    void advance(std::chrono::milliseconds by)
    {
        m_now += by;
        while (!m_due.isEmpty() && m_due.firstKey() <= m_now.count()) {
            const Call call = m_due.take(m_due.firstKey());
            if (call.context)
                call.action();
        }
    }

private:
    struct Call
    {
        QPointer<QObject> context;
        std::function<void()> action;
    };
    std::chrono::milliseconds m_now{0};
    QMultiMap<qint64, Call> m_due;
};
