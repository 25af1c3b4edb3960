// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/servicestarter.h"

#include "core/logging.h"

using namespace std::chrono_literals;

namespace Entracte {

/// Some services count as started before they have done anything that can fail.
static constexpr auto settlingTime = 2s;
/// The manager has a limit for each start; this one is for a unit that has none.
static constexpr auto startLimit = 95s;

ServiceStarter::ServiceStarter(const AffectedApplication &application, const ServiceRecord &record,
                               UnitManager &manager, Clock &clock)
    : m_application(application)
    , m_record(record)
    , m_manager(manager)
    , m_clock(clock)
    , m_remaining(record.startOrder())
{
}

ServiceStarter::~ServiceStarter() = default;

void ServiceStarter::start(const RelaunchedPrograms &)
{
    m_manager.reload(this, [this](const Result<> &reloaded) {
        if (!reloaded)
            qCWarning(lcRestart) << reloaded.error().message;
        startNext();
    });
}

void ServiceStarter::startNext()
{
    if (m_isSettled)
        return;
    if (m_remaining.isEmpty())
        return settleLater();
    const QString unit = m_remaining.takeFirst();
    const int step = ++m_step;
    m_clock.callAfter(startLimit, this, [this, step, unit] {
        if (m_step == step)
            started(unit, Error{ErrorCode::Failed,
                                tr("The service %1 did not start within the time allowed.",
                                   "state of an application")
                                    .arg(unit)});
    });
    m_manager.start(unit, this, [this, step, unit](const Result<> &result) {
        if (m_step == step)
            started(unit, result);
    });
}

void ServiceStarter::started(const QString &unit, const Result<> &result)
{
    if (!result) {
        qCWarning(lcRestart) << result.error().message;
        if (unit == m_record.unit())
            m_problem = result.error().message;
    }
    startNext();
}

void ServiceStarter::settleLater()
{
    ++m_step;
    if (!m_problem.isEmpty() || m_record.services.constFirst().isPerConnection)
        return settle(m_problem);
    m_manager.look(m_record.unit(), this, [this](const Result<UnitFacts> &facts) {
        if (facts && facts->settlesLater)
            m_clock.callAfter(settlingTime, this, [this] { verify(); });
        else
            verify();
    });
}

void ServiceStarter::verify()
{
    m_manager.look(m_record.unit(), this, [this](const Result<UnitFacts> &facts) {
        if (!facts)
            return settle(facts.error().message);
        const bool isUp = facts->activeState == QLatin1String("active")
                       || facts->activeState == QLatin1String("reloading")
                       || (facts->endsByItself && !facts->hasFailed());
        settle(isUp ? QString()
                    : tr("It ended right after it was started again.", "state of an application"));
    });
}

void ServiceStarter::settle(const QString &problem)
{
    if (std::exchange(m_isSettled, true))
        return;
    m_application.status |=
        problem.isEmpty() ? ApplicationStatus::Restarted : ApplicationStatus::ErrorOnRestart;
    m_application.reason = problem;
    emit settled();
}

} // namespace Entracte

#include "moc_servicestarter.cpp"
