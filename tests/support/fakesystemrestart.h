// SPDX-License-Identifier: MIT
#pragma once

#include "restart/systemrestart.h"

#include <optional>

/// Notes whether the system may go down and what was scheduled; restarts nothing.
class FakeSystemRestart : public Entracte::SystemRestart
{
public:
    void forbid(const QString &why) override { reason = why; }
    void allow() override { reason.clear(); }

    void look(QObject *context,
              std::function<void(Entracte::Result<Entracte::RestartOutlook>)> done) override
    {
        QMetaObject::invokeMethod(
            context, [this, done] { done(outlook); }, Qt::QueuedConnection);
    }

    void schedule(const QDateTime &time, const QString &, OtherUsers others, QObject *context,
                  std::function<void(Entracte::Result<>)> done) override
    {
        if (!isRestartExpected)
            qFatal("nobody asked for a restart");
        if (answer) {
            scheduled = time;
            toldOfOthers = others == OtherUsers::AreAware;
        }
        QMetaObject::invokeMethod(
            context, [this, done] { done(answer); }, Qt::QueuedConnection);
    }

    void cancelScheduled(QObject *context, std::function<void(Entracte::Result<>)> done) override
    {
        if (answer)
            scheduled.reset();
        QMetaObject::invokeMethod(
            context, [this, done] { done(answer); }, Qt::QueuedConnection);
    }

    QString reason; ///< empty while it may
    Entracte::Result<Entracte::RestartOutlook> outlook = Entracte::RestartOutlook();
    Entracte::Result<> answer; ///< of schedule() and cancelScheduled()
    bool isRestartExpected = false;
    std::optional<QDateTime> scheduled;
    bool toldOfOthers = false;
};
