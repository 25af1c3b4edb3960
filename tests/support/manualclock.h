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
