// SPDX-License-Identifier: MIT
#include "restart/sessionrecord.h"

#include <QCborArray>
#include <QCborMap>
#include <QCborValue>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace Entracte {

static constexpr int version = 2;

static QCborArray toCbor(const UniqueProcess &process)
{
    return {process.pid, qint64(process.startTime)};
}

static UniqueProcess processFrom(const QCborValue &value)
{
    const QCborArray pair = value.toArray();
    return {pair.at(0).toInteger(), quint64(pair.at(1).toInteger())};
}

static QCborArray toCbor(const QList<UniqueProcess> &processes)
{
    QCborArray array;
    for (const UniqueProcess &process : processes)
        array.append(toCbor(process));
    return array;
}

static QList<UniqueProcess> processesFrom(const QCborValue &value)
{
    QList<UniqueProcess> processes;
    for (const QCborValue process : value.toArray())
        processes.append(processFrom(process));
    return processes;
}

static QStringList stringsFrom(const QCborValue &value)
{
    QStringList strings;
    for (const QCborValue string : value.toArray())
        strings.append(string.toString());
    return strings;
}

static QCborMap toCbor(const Resources &resources)
{
    return {{u"files"_s, QCborArray::fromStringList(resources.files)},
            {u"processes"_s, toCbor(resources.processes)},
            {u"services"_s, QCborArray::fromStringList(resources.services)}};
}

static Resources resourcesFrom(const QCborMap &map)
{
    return {stringsFrom(map.value(u"files"_s)), processesFrom(map.value(u"processes"_s)),
            stringsFrom(map.value(u"services"_s))};
}

static QCborMap toCbor(const ClosedApplication &closed)
{
    const AffectedApplication &application = closed.application;
    return {{u"processes"_s, toCbor(application.processes)},
            {u"name"_s, application.name},
            {u"icon"_s, application.iconName},
            {u"executable"_s, application.executable},
            {u"service"_s, application.serviceName},
            {u"type"_s, int(application.type)},
            {u"status"_s, int(application.status)},
            {u"restartability"_s, int(application.restartability)},
            {u"uid"_s, application.ownerUid},
            {u"launch"_s, closed.launch},
            {u"asked"_s, closed.wasAsked}};
}

static ClosedApplication closedFrom(const QCborMap &map)
{
    AffectedApplication application;
    application.processes = processesFrom(map.value(u"processes"_s));
    application.process = application.processes.value(0);
    application.name = map.value(u"name"_s).toString();
    application.iconName = map.value(u"icon"_s).toString();
    application.executable = map.value(u"executable"_s).toString();
    application.serviceName = map.value(u"service"_s).toString();
    application.type = ApplicationType(map.value(u"type"_s).toInteger());
    application.status = ApplicationStatuses(int(map.value(u"status"_s).toInteger()));
    application.restartability = Restartability(map.value(u"restartability"_s).toInteger());
    application.ownerUid = map.value(u"uid"_s).toInteger(-1);
    return {application, map.value(u"launch"_s).toByteArray(), map.value(u"asked"_s).toBool()};
}

Resources SessionRecord::resources() const
{
    Resources all;
    for (const Resources &contribution : contributions)
        all.unite(contribution);
    return all;
}

bool SessionRecord::hasOnRecord(const UniqueProcess &process) const
{
    return std::any_of(closed.cbegin(), closed.cend(), [&process](const auto &each) {
        return each.application.processes.contains(process);
    });
}

QByteArray SessionRecord::toCbor() const
{
    QCborMap participants;
    for (auto each = contributions.cbegin(); each != contributions.cend(); ++each)
        participants.insert(each.key(), Entracte::toCbor(each.value()));
    QCborArray closedApplications;
    for (const ClosedApplication &each : closed)
        closedApplications.append(Entracte::toCbor(each));
    return QCborValue(QCborMap{{u"version"_s, version},
                               {u"boot"_s, bootId},
                               {u"rules"_s, int(rules)},
                               {u"participants"_s, participants},
                               {u"closed"_s, closedApplications}})
        .toCbor();
}

std::optional<SessionRecord> SessionRecord::fromCbor(const QByteArray &bytes)
{
    const QCborMap map = QCborValue::fromCbor(bytes).toMap();
    if (map.value(u"version"_s).toInteger() != version)
        return std::nullopt;
    SessionRecord record;
    record.bootId = map.value(u"boot"_s).toByteArray();
    record.rules = RestartRules(map.value(u"rules"_s).toInteger());
    const QCborMap participants = map.value(u"participants"_s).toMap();
    for (auto each = participants.cbegin(); each != participants.cend(); ++each)
        record.contributions.insert(int(each.key().toInteger()),
                                    resourcesFrom(each.value().toMap()));
    for (const QCborValue each : map.value(u"closed"_s).toArray())
        record.closed.append(closedFrom(each.toMap()));
    return record;
}

} // namespace Entracte
