// SPDX-License-Identifier: MIT
#include "restart/sessionrecord.h"

#include "restart/applicationcbor.h"

#include <QCborArray>
#include <QCborMap>
#include <QCborValue>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace Entracte {

static constexpr int version = 2;

static QCborMap toCbor(const Resources &resources)
{
    return {{u"files"_s, QCborArray::fromStringList(resources.files)},
            {u"processes"_s, toCbor(resources.processes)},
            {u"services"_s, QCborArray::fromStringList(resources.services)}};
}

static std::optional<Resources> resourcesFrom(const QCborValue &value)
{
    const QCborMap map = value.toMap();
    const auto files = stringsFrom(map.value(u"files"_s));
    const auto processes = processesFrom(map.value(u"processes"_s));
    const auto services = stringsFrom(map.value(u"services"_s));
    if (!value.isMap() || !files || !processes || !services)
        return std::nullopt;
    return Resources{*files, *processes, *services};
}

static QCborMap toCbor(const ClosedApplication &closed)
{
    QCborMap map = toCbor(closed.application);
    map.insert(u"launch"_s, closed.launch);
    map.insert(u"asked"_s, closed.wasAsked);
    return map;
}

static std::optional<ClosedApplication> closedFrom(const QCborValue &value)
{
    const QCborMap map = value.toMap();
    const std::optional<AffectedApplication> application = applicationFrom(map);
    const QCborValue launch = map.value(u"launch"_s);
    const QCborValue asked = map.value(u"asked"_s);
    if (!value.isMap() || !application || !launch.isByteArray() || !asked.isBool())
        return std::nullopt;
    return ClosedApplication{*application, launch.toByteArray(), asked.toBool()};
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
    QCborParserError parsing;
    const QCborValue whole = QCborValue::fromCbor(bytes, &parsing);
    // Qt hands out what it had read so far; a map without its last value must not be looked into.
    if (parsing.error != QCborError::NoError || parsing.offset != bytes.size() || !whole.isMap())
        return std::nullopt;
    const QCborMap map = whole.toMap();
    const QCborValue rules = map.value(u"rules"_s);
    const QCborValue participants = map.value(u"participants"_s);
    const QCborValue closed = map.value(u"closed"_s);
    if (map.value(u"version"_s) != QCborValue(version) || !map.value(u"boot"_s).isByteArray()
        || !participants.isMap() || !closed.isArray()
        || (rules != QCborValue(int(RestartRules::Native))
            && rules != QCborValue(int(RestartRules::Windows))))
        return std::nullopt;

    SessionRecord record;
    record.bootId = map.value(u"boot"_s).toByteArray();
    record.rules = RestartRules(rules.toInteger());
    const QCborMap contributions = participants.toMap();
    for (auto each = contributions.cbegin(); each != contributions.cend(); ++each) {
        const std::optional<Resources> resources = resourcesFrom(each.value());
        if (!each.key().isInteger() || !resources)
            return std::nullopt;
        record.contributions.insert(int(each.key().toInteger()), *resources);
    }
    for (const QCborValue each : closed.toArray()) {
        const std::optional<ClosedApplication> application = closedFrom(each);
        if (!application)
            return std::nullopt;
        record.closed.append(*application);
    }
    return record;
}

} // namespace Entracte
