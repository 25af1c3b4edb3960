// SPDX-License-Identifier: MIT
#include "platform/linux/agent/unitmanagers.h"

#include "platform/linux/process.h"

#include <unistd.h>

namespace Entracte {

UnitManagers::UnitManagers(UserAgents &agents)
    : m_agents(agents)
{
}

UnitManager &UnitManagers::of(const ServiceRecord &record)
{
    if (record.scope == UnitManager::Scope::System)
        return m_system;
    if (record.user == ServiceRecord::ourselves || record.user == qint64(::geteuid()))
        return m_own;
    auto &manager = m_others[uid_t(record.user)];
    if (!manager)
        manager = std::make_unique<AgentUnitManager>(m_agents, uid_t(record.user));
    return *manager;
}

/// A program of one user may run below the manager of another, for whom the names are others.
static bool isInOwnersManager(const AffectedApplication &application)
{
    const QByteArray place = "/user@" + QByteArray::number(application.ownerUid) + ".service/";
    return controlGroupOf(pid_t(application.process.pid)).contains(place);
}

UnitManager *UnitManagers::of(const AffectedApplication &application)
{
    ServiceRecord record;
    if (application.isUserUnit) {
        if (!isInOwnersManager(application)
            || (application.isForeign && !m_agents.agentFor(application)))
            return nullptr;
        record.scope = UnitManager::Scope::User;
        record.user = application.ownerUid;
    }
    UnitManager &manager = of(record);
    return manager.isAvailable() ? &manager : nullptr;
}

} // namespace Entracte
