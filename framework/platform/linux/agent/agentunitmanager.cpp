// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentunitmanager.h"

#include "core/logging.h"

namespace Entracte {

using What = UnitRequest::What;

AgentUnitManager::AgentUnitManager(UserAgents &agents, uid_t user, QObject *parent)
    : UnitManager(Scope::User, user, parent)
    , m_agents(agents)
{
}

bool AgentUnitManager::isAvailable()
{
    if (!m_agent)
        m_agent = m_agents.agentOf(user());
    return m_agent;
}

/// Only what was asked for is answered: the names in the answer are asked about in their turn.
void AgentUnitManager::look(const QString &unit, QObject *context, Known done)
{
    ask({What::Look, {unit}}, context, Known([unit, done](const Result<UnitFacts> &facts) {
            if (facts && facts->name != unit)
                return done(Error{ErrorCode::Failed,
                                  UnitManager::tr("There is no service %1.", "outcome").arg(unit)});
            done(facts);
        }));
}

void AgentUnitManager::stop(const QString &unit, QObject *context, Done done)
{
    ask({What::Stop, {unit}}, context, std::move(done));
}

void AgentUnitManager::start(const QString &unit, QObject *context, Done done)
{
    ask({What::Start, {unit}}, context, std::move(done));
}

void AgentUnitManager::kill(const QString &unit)
{
    tell({What::Kill, {unit}});
}

void AgentUnitManager::reload(QObject *context, Done done)
{
    ask({What::Reload, {}}, context, std::move(done));
}

void AgentUnitManager::hold(const QStringList &units)
{
    tell({What::Hold, units});
}

void AgentUnitManager::release(const QStringList &units)
{
    tell({What::Release, units});
}

void AgentUnitManager::putBack(const QStringList &units)
{
    tell({What::PutBack, units});
}

void AgentUnitManager::ask(const UnitRequest &request, QObject *context, Known done)
{
    if (!isAvailable())
        return fail(context, std::move(done));
    m_agent->manageUnits(request, context,
                         [self = QPointer(this), agent = m_agent, context,
                          done](const std::optional<Result<UnitFacts>> &answer) {
                             if (answer)
                                 return done(*answer);
                             // Perhaps the request has not returned yet.
                             QMetaObject::invokeMethod(
                                 context,
                                 [self, done, error = agent->silence()] {
                                     if (self)
                                         emit self->lost(error.message);
                                     done(error);
                                 },
                                 Qt::QueuedConnection);
                         });
}

void AgentUnitManager::ask(const UnitRequest &request, QObject *context, Done done)
{
    ask(request, context, Known([done = std::move(done)](const Result<UnitFacts> &facts) {
            done(facts ? Result<>() : Result<>(facts.error()));
        }));
}

void AgentUnitManager::tell(const UnitRequest &request)
{
    ask(request, this, Done([](const Result<> &told) {
            if (!told)
                qCWarning(lcRestart) << told.error().message;
        }));
}

} // namespace Entracte

#include "moc_agentunitmanager.cpp"
