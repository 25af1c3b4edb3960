// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentunits.h"

namespace Entracte {

AgentUnits::AgentUnits() = default;

void AgentUnits::carryOut(const UnitRequest &request, Done done)
{
    const auto answered = [done](const Result<> &result) {
        if (result)
            done({}, {});
        else
            done({result.error().code, {}}, result.error().message);
    };
    switch (request.what) {
    case UnitRequest::What::Look:
        return m_manager.look(request.units.constFirst(), this,
                              [done](const Result<UnitFacts> &facts) {
                                  if (facts)
                                      done({ErrorCode::Failed, *facts}, {});
                                  else
                                      done({facts.error().code, {}}, facts.error().message);
                              });
    case UnitRequest::What::Stop:
        return m_manager.stop(request.units.constFirst(), this, answered);
    case UnitRequest::What::Start:
        return m_manager.start(request.units.constFirst(), this, answered);
    case UnitRequest::What::Reload:
        return m_manager.reload(this, answered);
    case UnitRequest::What::Kill:
        m_manager.kill(request.units.constFirst());
        break;
    case UnitRequest::What::Hold:
        m_manager.hold(request.units);
        break;
    case UnitRequest::What::Release:
        m_manager.release(request.units);
        break;
    case UnitRequest::What::PutBack:
        m_manager.putBack(request.units);
        break;
    }
    done({}, {});
}

} // namespace Entracte

#include "moc_agentunits.cpp"
