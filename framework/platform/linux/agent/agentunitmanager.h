// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/agent/unitmessage.h"
#include "platform/linux/agent/useragents.h"
#include "platform/linux/systemd/unitmanager.h"

#include <QPointer>

namespace Entracte {

/// The manager of another user's services, for root: that user's agent speaks with it (AgentUnits).
/// What the agent says is shown and followed within that manager, no more.
class AgentUnitManager : public UnitManager
{
    Q_OBJECT

public:
    /// \a agents outlive it.
    AgentUnitManager(UserAgents &agents, uid_t user, QObject *parent = nullptr);

    /// Whether there can be an agent; what it can reach only its answers tell.
    bool isAvailable() override;
    void look(const QString &unit, QObject *context, Known done) override;
    void stop(const QString &unit, QObject *context, Done done) override;
    void start(const QString &unit, QObject *context, Done done) override;
    void kill(const QString &unit) override;
    void reload(QObject *context, Done done) override;
    void hold(const QStringList &units) override;
    void release(const QStringList &units) override;
    void putBack(const QStringList &units) override;

private:
    void ask(const UnitRequest &request, QObject *context, Known done);
    void ask(const UnitRequest &request, QObject *context, Done done);
    void tell(const UnitRequest &request);

    UserAgents &m_agents;
    QPointer<UserAgent> m_agent; ///< the same for all: it is the one that holds
};

} // namespace Entracte
