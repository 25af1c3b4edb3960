// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/agent/agentunitmanager.h"
#include "platform/linux/systemd/busunitmanager.h"
#include "platform/linux/systemd/servicerecord.h"
#include "restart/affectedapplication.h"

#include <map>
#include <memory>

namespace Entracte {

/// The managers of services that one installation has to do with: the system's, our own user's and,
/// for root, those of other users, each through an agent of that user.
class UnitManagers
{
public:
    /// \a agents outlive it.
    explicit UnitManagers(UserAgents &agents);

    /// Whose units \a record names.
    UnitManager &of(const ServiceRecord &record);

    /// The one that runs \a application; null if we have nothing to say to it, or no way to.
    UnitManager *of(const AffectedApplication &application);

private:
    UserAgents &m_agents;
    BusUnitManager m_system{UnitManager::Scope::System};
    BusUnitManager m_own{UnitManager::Scope::User};
    std::map<uid_t, std::unique_ptr<AgentUnitManager>> m_others;
};

} // namespace Entracte
