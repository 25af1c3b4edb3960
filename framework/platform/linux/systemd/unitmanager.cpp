// SPDX-License-Identifier: MIT
#include "platform/linux/systemd/unitmanager.h"

#include <unistd.h>

namespace Entracte {

UnitManager::UnitManager(Scope scope, uid_t user, QObject *parent)
    : QObject(parent)
    , m_scope(scope)
    , m_user(user)
{
}

bool UnitManager::isAnothers() const
{
    return m_scope == Scope::User && m_user != ::geteuid();
}

Error UnitManager::unreachable()
{
    return {ErrorCode::Failed, tr("The manager of services cannot be reached.", "outcome")};
}

} // namespace Entracte

#include "moc_unitmanager.cpp"
