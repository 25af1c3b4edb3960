// SPDX-License-Identifier: MIT
#include "platform/linux/systemd/servicerecord.h"

#include "core/logging.h"
#include "platform/linux/process.h"

#include <QDataStream>
#include <QIODevice>
#include <QMap>
#include <QSet>

#include <algorithm>
#include <cerrno>
#include <memory>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

static const QByteArray mark = "entracte-service-1";
/// With the user whose manager it is.
static const QByteArray userMark = "entracte-service-2";

/// More than depend on one service of any system; who names more makes them up.
static constexpr qsizetype mostUnits = 1000;

namespace {

/// Asks about one unit after the other, and about what each answer names; ends when nothing is
/// left to ask.
class Survey : public std::enable_shared_from_this<Survey>
{
public:
    Survey(UnitManager &manager, QObject *context, std::function<void(Result<ServiceRecord>)> done)
        : m_manager(manager)
        , m_context(context)
        , m_done(std::move(done))
    {
    }

    void begin(const QString &unit)
    {
        m_unit = unit;
        ask(unit, false);
    }

private:
    void ask(const QString &unit, bool isTrigger)
    {
        if (m_asked.contains(unit) || m_asked.size() > mostUnits)
            return;
        m_asked.insert(unit);
        ++m_unanswered;
        m_manager.look(unit, m_context,
                       [self = shared_from_this(), unit, isTrigger](const auto &facts) {
                           self->answered(unit, isTrigger, facts);
                       });
    }

    void answered(const QString &unit, bool isTrigger, const Result<UnitFacts> &facts)
    {
        --m_unanswered;
        if (!facts && unit == m_unit)
            return m_done(facts.error());
        if (facts && unit == m_unit)
            m_unit = facts->name; // it may have been asked for by an alias
        // A job is most likely the start with which an earlier stop was taken back.
        const bool counts = facts && (facts->isUp() || facts->hasJob || facts->name == m_unit);
        if (counts && isTrigger)
            m_triggers.insert(facts->name, *facts);
        else if (counts)
            addService(*facts);
        if (m_unanswered == 0)
            conclude();
    }

    void conclude()
    {
        if (m_asked.size() > mostUnits)
            return m_done(
                Error{ErrorCode::Failed, UnitManager::tr("The service %1 could not be stopped: %2",
                                                         "outcome; %2 is the system's answer")
                                             .arg(m_unit, systemReply(EMLINK))});
        m_done(record());
    }

    void addService(const UnitFacts &facts)
    {
        m_services.insert(facts.name, facts);
        for (const QString &trigger : facts.triggeredBy)
            ask(trigger, true);
        for (const QString &dependent : facts.dependents)
            ask(dependent, false);
    }

    ServiceRecord record() const
    {
        ServiceRecord record;
        record.scope = m_manager.scope();
        record.user = qint64(m_manager.user());
        QSet<QString> placed;
        place(m_unit, placed, record.services);
        record.obstacle = obstacle();
        return record;
    }

    // Depth first: in front of a unit stand those that need it, so it is put before them.
    void place(const QString &unit, QSet<QString> &placed,
               QList<ServiceRecord::Service> &services) const
    {
        if (placed.contains(unit) || !m_services.contains(unit))
            return;
        placed.insert(unit);
        const UnitFacts &facts = m_services[unit];
        for (const QString &dependent : facts.dependents)
            place(dependent, placed, services);
        const bool isPerConnection = std::any_of(
            facts.triggeredBy.cbegin(), facts.triggeredBy.cend(), [this](const QString &trigger) {
                return m_triggers.value(trigger).startsPerConnection;
            });
        QStringList triggers = facts.triggeredBy;
        triggers.removeIf([this](const QString &trigger) { return !m_triggers.contains(trigger); });
        services.prepend({unit, triggers, facts.stopLimit, isPerConnection});
    }

    QString obstacle() const
    {
        const QString own = serviceOf(getpid()) + u".service"_s;
        for (const UnitFacts &facts : m_services) {
            if (facts.name == own && !m_manager.isAnothers())
                return ServiceRecord::tr("This installation runs inside the service %1.",
                                         "state of an application")
                    .arg(own);
            if (!facts.refusesStop)
                continue;
            return facts.name == m_unit
                     ? ServiceRecord::tr("The system does not allow this service to be stopped.",
                                         "state of an application")
                     : ServiceRecord::tr(
                           "The service %1 needs it, and the system does not allow that one to be "
                           "stopped.",
                           "state of an application")
                           .arg(facts.name);
        }
        return {};
    }

    UnitManager &m_manager;
    QObject *m_context;
    std::function<void(Result<ServiceRecord>)> m_done;
    QString m_unit;
    QSet<QString> m_asked;
    int m_unanswered = 0;
    QMap<QString, UnitFacts> m_services;
    QMap<QString, UnitFacts> m_triggers;
};

} // namespace

void ServiceRecord::take(UnitManager &manager, const QString &unit, QObject *context,
                         std::function<void(Result<ServiceRecord>)> done)
{
    std::make_shared<Survey>(manager, context, std::move(done))->begin(unit);
}

QStringList ServiceRecord::heldUnits() const
{
    QStringList units;
    for (const Service &service : services)
        if (service.name.endsWith(u".service"_s))
            units.append(service.name);
    return units;
}

QStringList ServiceRecord::startOrder() const
{
    QStringList sockets, units, others;
    for (const Service &service : services) {
        for (const QString &trigger : service.triggers)
            (trigger.endsWith(u".socket"_s) ? sockets : others).append(trigger);
        if (!service.isPerConnection)
            units.append(service.name);
    }
    return sockets + units + others;
}

QByteArray ServiceRecord::toBytes() const
{
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    if (scope == UnitManager::Scope::User)
        stream << userMark << user << qint32(services.size());
    else
        stream << mark << false << qint32(services.size());
    for (const Service &service : services)
        stream << service.name << service.triggers << service.isPerConnection;
    return bytes;
}

ServiceRecord ServiceRecord::fromBytes(const QByteArray &bytes)
{
    QDataStream stream(bytes);
    ServiceRecord record;
    QByteArray found;
    bool isOfUser = false;
    qint32 count = 0;
    stream >> found;
    if (found != mark && found != userMark)
        return {};
    if (found == mark)
        stream >> isOfUser;
    else
        stream >> record.user;
    isOfUser |= found == userMark;
    stream >> count;
    record.scope = isOfUser ? UnitManager::Scope::User : UnitManager::Scope::System;
    for (qint32 number = 0; number < count && stream.status() == QDataStream::Ok; ++number) {
        Service service;
        stream >> service.name >> service.triggers >> service.isPerConnection;
        record.services.append(service);
    }
    return stream.status() == QDataStream::Ok && stream.atEnd() ? record : ServiceRecord();
}

} // namespace Entracte
