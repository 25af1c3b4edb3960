// SPDX-License-Identifier: MIT
#pragma once

#include "restart/systemrestart.h"

/// Notes whether the system may go down; restarts nothing.
class FakeSystemRestart : public Entracte::SystemRestart
{
public:
    void forbid(const QString &why) override { reason = why; }
    void allow() override { reason.clear(); }
    void look(QObject *, std::function<void(Entracte::Result<Entracte::RestartOutlook>)>) override
    {
    }
    void schedule(const QDateTime &, const QString &, OtherUsers, QObject *,
                  std::function<void(Entracte::Result<>)>) override
    {
        qFatal("nobody asked for a restart");
    }
    void cancelScheduled(QObject *, std::function<void(Entracte::Result<>)>) override {}

    QString reason; ///< empty while it may
};
