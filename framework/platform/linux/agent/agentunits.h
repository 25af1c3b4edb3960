// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "platform/linux/agent/unitmessage.h"
#include "platform/linux/systemd/busunitmanager.h"

#include <QObject>

#include <functional>

namespace Entracte {

/// What an agent does with the services of its user: speaks with their manager as an installer of
/// theirs would, and holds units by a descriptor of its own, so until it ends.
class AgentUnits : public QObject
{
    Q_OBJECT

public:
    AgentUnits();

    /// \a done is called once, from the event loop or at once. What is stopped or started is
    /// answered when that is done, however long it takes.
    using Done = std::function<void(const UnitAnswer &, const QString &problem)>;
    void carryOut(const UnitRequest &request, Done done);

private:
    BusUnitManager m_manager{UnitManager::Scope::User};
};

} // namespace Entracte
