// SPDX-License-Identifier: MIT
#include "platform/linux/closing/servicecloser.h"

#include "core/logging.h"

#include <algorithm>

using namespace std::chrono_literals;

namespace Entracte {

/// The manager is given this much beyond the unit's own limit to do what it says.
static constexpr auto managersGrace = 5s;
/// Where the unit sets no limit: the one that units have that say nothing.
static constexpr auto usualLimit = 90s;
/// Between SIGKILL and the conclusion that even this does not end it.
static constexpr auto killLimit = 5s;

ServiceCloser::ServiceCloser(const AffectedApplication &application, const ServiceRecord &record,
                             bool mayBeForced, UnitManager &manager, Clock &clock,
                             std::chrono::milliseconds forceLimit, const UniqueProcess &installer)
    : Closer(application)
    , m_record(record)
    , m_mayBeForced(mayBeForced)
    , m_manager(manager)
    , m_clock(clock)
    , m_forceLimit(forceLimit)
    , m_remaining(record.services)
    , m_end(m_members, clock, installer)
{
    connect(&m_manager, &UnitManager::lost, this, &ServiceCloser::managerLost);
    connect(&m_members, &ClosingMembers::allEnded, this, [this] {
        if (m_isEnding && !isSettled())
            closed();
    });
    connect(&m_end, &ForcedEnd::failed, this, [this](const QString &why) {
        forbidForce();
        refuse(ClosingState::Refused, why);
    });
}

ServiceCloser::~ServiceCloser() = default;

void ServiceCloser::start()
{
    if (!m_record.obstacle.isEmpty())
        return refuse(ClosingState::Refused, m_record.obstacle);
    m_hasBegun = true;
    if (m_manager.isAnothers())
        m_members.watch(application().processes);
    become(ClosingState::Asked, sentenceFor(m_remaining.constFirst()));
    hold();
}

void ServiceCloser::hold()
{
    m_manager.hold(m_record.heldUnits());
    m_manager.reload(this, [this](const Result<> &reloaded) {
        if (!reloaded)
            qCWarning(lcRestart) << reloaded.error().message;
        stopNext();
    });
}

// What triggers a service is stopped together with it: a socket cannot be started again while its
// service runs, so whatever is put back must find both down.
void ServiceCloser::stopNext()
{
    if (isOver())
        return;
    if (m_remaining.isEmpty())
        return allDown();
    const ServiceRecord::Service &service = m_remaining.constLast();
    m_killed = false;
    limitStep(limitOf(service));
    stop(QStringList(service.triggers) << service.name);
}

void ServiceCloser::stop(const QStringList &units)
{
    m_unanswered = int(units.size());
    for (const QString &unit : units)
        m_manager.stop(unit, this, [this](const Result<> &stopped) { answered(stopped); });
}

void ServiceCloser::answered(const Result<> &stopped)
{
    if (isOver())
        return;
    if (!stopped && stopped.error().code == ErrorCode::PermissionDenied)
        return refuse(ClosingState::Refused, stopped.error().message);
    if (!stopped)
        qCWarning(lcRestart) << stopped.error().message;
    if (--m_unanswered == 0)
        verify();
}

// The job says that it is done, not that the service is down: somebody may have started it again.
// Who asks for it while it stops takes the place of our job, but the stop goes on: asked for anew,
// it stays the last word. The limit of this step goes on too.
void ServiceCloser::verify()
{
    m_manager.look(m_remaining.constLast().name, this, [this](const Result<UnitFacts> &facts) {
        if (isOver())
            return;
        if (facts && facts->isStopping())
            return stop({facts->name});
        if (facts && facts->isUp())
            return refuse(ClosingState::Refused,
                          tr("The service %1 was started again while it was being stopped.",
                             "state of an application")
                              .arg(facts->name));
        m_remaining.removeLast();
        stopNext();
    });
}

void ServiceCloser::limitReached()
{
    const QString service = m_remaining.constLast().name;
    const QString tooLong =
        tr("The service %1 did not stop within the time allowed.", "state of an application")
            .arg(service);
    if (m_killed)
        return notDown(
            tr("The service %1 cannot be ended.", "state of an application").arg(service));
    if (!m_mayBeForced)
        return refuse(ClosingState::NotResponding, tooLong);
    m_killed = true;
    become(ClosingState::Ending, tooLong);
    limitStep(killLimit);
    m_manager.kill(service);
}

void ServiceCloser::managerLost(const QString &why)
{
    if (m_hasBegun && !isOver())
        notDown(why);
}

void ServiceCloser::allDown()
{
    if (m_manager.isAnothers() && isAlive(application().process))
        return notDown(
            tr("The service %1 cannot be ended.", "state of an application").arg(m_record.unit()));
    closed();
}

void ServiceCloser::notDown(const QString &reason)
{
    if (!m_manager.isAnothers() || !m_mayBeForced)
        return refuse(ClosingState::NotResponding, reason);
    m_members.lookNow();
    if (m_members.isEmpty())
        return closed();
    m_isEnding = true;
    become(ClosingState::Ending, reason);
    m_end.begin(application(), reason, m_killed);
}

void ServiceCloser::refuse(ClosingState state, const QString &reason)
{
    putBack();
    staysOpen(state, reason);
}

void ServiceCloser::lookNow()
{
    m_members.lookNow();
    if (isSettled())
        return;
    putBack();
    settle(ClosingState::NotAsked,
           tr("Is started again as soon as it is down.", "state of an application"));
}

void ServiceCloser::putBack()
{
    if (!m_hasBegun)
        return;
    m_manager.release(m_record.heldUnits());
    m_manager.putBack(m_record.startOrder());
}

// They stop one after the other.
std::chrono::milliseconds ServiceCloser::patience() const
{
    std::chrono::milliseconds sum{0};
    for (const ServiceRecord::Service &service : m_record.services)
        sum += limitOf(service);
    return sum;
}

std::chrono::milliseconds ServiceCloser::limitOf(const ServiceRecord::Service &service) const
{
    const auto own = service.stopLimit.value_or(usualLimit);
    return m_mayBeForced ? std::min(own, m_forceLimit) : own + managersGrace;
}

QString ServiceCloser::sentenceFor(const ServiceRecord::Service &service) const
{
    if (!service.stopLimit && !m_mayBeForced)
        return {};
    const auto limit = m_mayBeForced ? limitOf(service) : service.stopLimit.value_or(m_forceLimit);
    return tr("Is being stopped; ended if it takes longer than %n second(s).",
              "state of an application",
              int(std::chrono::ceil<std::chrono::seconds>(limit).count()));
}

void ServiceCloser::limitStep(std::chrono::milliseconds limit)
{
    const int step = ++m_step;
    m_clock.callAfter(limit, this, [this, step] {
        if (m_step == step && !isOver())
            limitReached();
    });
}

} // namespace Entracte

#include "moc_servicecloser.cpp"
