// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentmessage.h"

#include "platform/linux/agent/desktopfactscbor.h"
#include "restart/applicationcbor.h"

#include <QCborArray>
#include <QCborMap>
#include <QCborValue>
#include <QtEndian>

#include <limits>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr int version = 2;
constexpr qsizetype longestSentence = 4096;
constexpr qsizetype longestApplication = 256;
constexpr qsizetype mostApplications = 256;

QByteArray framed(const QCborMap &map)
{
    const QByteArray content = QCborValue(map).toCbor();
    QByteArray frame(4, Qt::Uninitialized);
    qToBigEndian(quint32(content.size()), frame.data());
    return frame + content;
}

std::optional<QCborMap> mapIn(const QByteArray &content)
{
    QCborParserError parsing;
    const QCborValue value = QCborValue::fromCbor(content, &parsing);
    if (parsing.error != QCborError::NoError || parsing.offset != content.size() || !value.isMap())
        return std::nullopt;
    const QCborMap map = value.toMap();
    if (map.value(u"v"_s) != QCborValue(version))
        return std::nullopt;
    return map;
}

bool isNumberUpTo(const QCborValue &value, qint64 most)
{
    return value.isInteger() && value.toInteger() >= 0 && value.toInteger() <= most;
}

/// A value of \a key that is one of the words from \a first to \a last.
template <typename Enum>
std::optional<Enum> wordIn(const QCborMap &map, const QString &key, Enum first, Enum last)
{
    const QCborValue value = map.value(key);
    const qint64 number = value.toInteger(-1);
    if (!value.isInteger() || number < qint64(first) || number > qint64(last))
        return std::nullopt;
    return Enum(number);
}

constexpr qint64 anyNumber = std::numeric_limits<qint64>::max();
constexpr qint64 anyPid = std::numeric_limits<pid_t>::max();

QCborArray arrayOf(const QList<AffectedApplication> &applications)
{
    QCborArray array;
    for (AffectedApplication application :
         applications.first(std::min(applications.size(), mostApplications))) {
        application.files.clear(); // nobody needs them there
        QCborMap map = toCbor(application);
        map.insert(u"reason"_s, application.reason.left(longestApplication));
        array.append(map);
    }
    return array;
}

bool isShortText(const QCborValue &value)
{
    return value.isString() && value.toString().size() <= longestApplication;
}

std::optional<QList<AffectedApplication>> applicationsIn(const QCborValue &value)
{
    if (!value.isArray() || value.toArray().size() > mostApplications)
        return std::nullopt;
    QList<AffectedApplication> applications;
    for (const QCborValue each : value.toArray()) {
        const QCborMap map = each.toMap();
        const QCborValue reason = map.value(u"reason"_s);
        auto application = applicationFrom(map);
        if (!application || !isShortText(reason))
            return std::nullopt;
        application->reason = reason.toString();
        applications.append(*application);
    }
    return applications;
}

QCborArray arrayOf(const ReopeningOutlook &outlook)
{
    QCborArray names;
    for (const QString &name :
         outlook.names.first(std::min(outlook.names.size(), mostApplications)))
        names.append(name.left(longestApplication));
    QCborArray losses;
    for (const ReopeningOutlook::Loss &loss :
         outlook.losses.first(std::min(outlook.losses.size(), mostApplications)))
        losses.append(QCborArray{loss.application.left(longestApplication),
                                 loss.reason.left(longestApplication)});
    return {names, losses};
}

std::optional<ReopeningOutlook> outlookIn(const QCborValue &value)
{
    const QCborArray both = value.toArray();
    const QCborArray names = both.at(0).toArray();
    const QCborArray losses = both.at(1).toArray();
    if (both.size() != 2 || !both.at(0).isArray() || !both.at(1).isArray()
        || names.size() > mostApplications || losses.size() > mostApplications)
        return std::nullopt;
    ReopeningOutlook outlook;
    for (const QCborValue name : names) {
        if (!isShortText(name))
            return std::nullopt;
        outlook.names.append(name.toString());
    }
    for (const QCborValue loss : losses) {
        const QCborArray pair = loss.toArray();
        if (pair.size() != 2 || !isShortText(pair.at(0)) || !isShortText(pair.at(1)))
            return std::nullopt;
        outlook.losses.append({pair.at(0).toString(), pair.at(1).toString()});
    }
    return outlook;
}

bool readLaunch(const QCborMap &map, AgentRequest &request)
{
    const QCborValue record = map.value(u"record"_s);
    const QCborValue application = map.value(u"application"_s);
    if (map.size() != 5 || !record.isByteArray() || !isShortText(application))
        return false;
    request.record = LaunchRecord::fromBytes(record.toByteArray());
    request.application = application.toString();
    return request.record.isValid();
}

bool readReopening(const QCborMap &map, AgentRequest &request)
{
    const auto what = wordIn(map, u"reopen"_s, ReopenTask::What::Look, ReopenTask::What::Forget);
    const QCborValue time = map.value(u"time"_s);
    const auto applications = applicationsIn(map.value(u"applications"_s));
    if (map.size() != 6 || !what || !isNumberUpTo(time, anyNumber) || !applications)
        return false;
    request.reopening = {*what, QDateTime::fromMSecsSinceEpoch(time.toInteger()), *applications};
    return true;
}

bool readTarget(const QCborMap &map, AgentRequest &request)
{
    const auto type = wordIn(map, u"type"_s, ApplicationType::Unknown, ApplicationType::Console);
    const auto processes = processesFrom(map.value(u"processes"_s));
    const QCborValue force = map.value(u"force"_s);
    if (map.size() != 6 || !type || !processes || processes->isEmpty() || !force.isBool())
        return false;
    request.target.processes = *processes;
    request.target.process = processes->constFirst();
    request.target.type = *type;
    request.mayBeForced = force.toBool();
    return true;
}

bool hasTarget(AgentRequest::Operation operation)
{
    using Operation = AgentRequest::Operation;
    return operation != Operation::Start && operation != Operation::Reopen
        && operation != Operation::LookAround && operation != Operation::ManageUnits
        && operation != Operation::SignOfLife;
}

bool readUnits(const QCborMap &map, AgentRequest &request)
{
    const auto units = unitRequestFrom(map.value(u"units"_s));
    request.units = units.value_or(UnitRequest());
    return map.size() == 4 && units;
}

} // namespace

QByteArray AgentRequest::encoded() const
{
    QCborMap map{{u"v"_s, version}, {u"number"_s, number}, {u"operation"_s, int(operation)}};
    if (operation == Operation::Start) {
        map.insert(u"record"_s, record.toBytes());
        map.insert(u"application"_s, application.left(longestApplication));
    } else if (operation == Operation::Reopen) {
        const QDateTime &time = reopening.time;
        map.insert(u"reopen"_s, int(reopening.what));
        map.insert(u"time"_s, time.isValid() ? time.toMSecsSinceEpoch() : 0);
        map.insert(u"applications"_s, arrayOf(reopening.applications));
    } else if (operation == Operation::ManageUnits) {
        map.insert(u"units"_s, toCbor(units));
    } else if (hasTarget(operation)) {
        map.insert(u"processes"_s, toCbor(target.processes));
        map.insert(u"type"_s, int(target.type));
        map.insert(u"force"_s, mayBeForced);
    }
    return framed(map);
}

std::optional<AgentRequest> AgentRequest::decoded(const QByteArray &content)
{
    const std::optional<QCborMap> map = mapIn(content);
    if (!map)
        return std::nullopt;
    const auto operation = wordIn(*map, u"operation"_s, Operation::Start, Operation::SignOfLife);
    const QCborValue number = map->value(u"number"_s);
    if (!operation || !isNumberUpTo(number, anyNumber))
        return std::nullopt;
    AgentRequest request;
    request.number = number.toInteger();
    request.operation = *operation;
    const bool isWhole = *operation == Operation::Start       ? readLaunch(*map, request)
                       : *operation == Operation::Reopen      ? readReopening(*map, request)
                       : *operation == Operation::ManageUnits ? readUnits(*map, request)
                       : hasTarget(*operation)                ? readTarget(*map, request)
                                                              : map->size() == 3;
    return isWhole ? std::optional(request) : std::nullopt;
}

bool AgentRequest::mayBeUnheard() const
{
    if (operation == Operation::Reopen)
        return reopening.what == ReopenTask::What::Forget;
    return operation == Operation::ManageUnits
        && (units.what == UnitRequest::What::Release || units.what == UnitRequest::What::PutBack);
}

bool AgentReply::answers(AgentRequest::Operation operation) const
{
    using Operation = AgentRequest::Operation;
    switch (operation) {
    case Operation::Query:
        return std::holds_alternative<AgentAnswer>(more);
    case Operation::Close:
        return std::holds_alternative<AgentProgress>(more);
    case Operation::LookAround:
        return std::holds_alternative<DesktopFacts>(more);
    case Operation::Reopen:
        return std::holds_alternative<ReopeningOutlook>(more) || !problem.isEmpty();
    case Operation::ManageUnits:
        return std::holds_alternative<UnitAnswer>(more);
    case Operation::Start:
    case Operation::CallOff:
    case Operation::Abandon:
    case Operation::ShowQuestion:
    case Operation::SignOfLife:
        break;
    }
    return std::holds_alternative<std::monostate>(more);
}

QByteArray AgentReply::encoded() const
{
    QCborMap map{{u"v"_s, version},
                 {u"number"_s, number},
                 {u"pid"_s, process.pid},
                 {u"start"_s, qint64(process.startTime)},
                 {u"problem"_s, problem.left(longestSentence)}};
    if (const auto *answer = std::get_if<AgentAnswer>(&more)) {
        map.insert(u"answer"_s, int(*answer));
    } else if (const auto *progress = std::get_if<AgentProgress>(&more)) {
        map.insert(u"closing"_s, int(progress->closing));
        map.insert(u"settled"_s, progress->isSettled);
        map.insert(u"terminated"_s, progress->wasTerminated);
    } else if (const auto *facts = std::get_if<DesktopFacts>(&more)) {
        map.insert(u"desktop"_s, toCbor(*facts));
    } else if (const auto *outlook = std::get_if<ReopeningOutlook>(&more)) {
        map.insert(u"outlook"_s, arrayOf(*outlook));
    } else if (const auto *units = std::get_if<UnitAnswer>(&more)) {
        map.insert(u"units"_s, toCbor(*units));
    }
    return framed(map);
}

/// What \a map says beyond what every reply says; false if that is nothing whole.
static bool readMore(const QCborMap &map, AgentReply &reply)
{
    if (map.contains(u"answer"_s)) {
        const auto answer = wordIn(map, u"answer"_s, AgentAnswer::Yes, AgentAnswer::Silence);
        reply.more = answer.value_or(AgentAnswer::Silence);
        return map.size() == 6 && answer;
    }
    if (map.contains(u"closing"_s)) {
        const auto closing =
            wordIn(map, u"closing"_s, ClosingState::NotAsked, ClosingState::Closed);
        const QCborValue settled = map.value(u"settled"_s);
        const QCborValue terminated = map.value(u"terminated"_s);
        reply.more = AgentProgress{closing.value_or(ClosingState::NotAsked), settled.toBool(),
                                   terminated.toBool()};
        return map.size() == 8 && closing && settled.isBool() && terminated.isBool();
    }
    if (map.contains(u"desktop"_s)) {
        const auto facts = desktopFactsFrom(map.value(u"desktop"_s));
        reply.more = facts.value_or(DesktopFacts());
        return map.size() == 6 && facts;
    }
    if (map.contains(u"outlook"_s)) {
        const auto outlook = outlookIn(map.value(u"outlook"_s));
        reply.more = outlook.value_or(ReopeningOutlook());
        return map.size() == 6 && outlook;
    }
    if (map.contains(u"units"_s)) {
        const auto units = unitAnswerFrom(map.value(u"units"_s));
        reply.more = units.value_or(UnitAnswer());
        return map.size() == 6 && units;
    }
    return map.size() == 5;
}

std::optional<AgentReply> AgentReply::decoded(const QByteArray &content)
{
    const std::optional<QCborMap> map = mapIn(content);
    if (!map)
        return std::nullopt;
    const QCborValue number = map->value(u"number"_s);
    const QCborValue pid = map->value(u"pid"_s);
    const QCborValue start = map->value(u"start"_s);
    const QCborValue problem = map->value(u"problem"_s);
    if (!isNumberUpTo(number, anyNumber) || !isNumberUpTo(pid, anyPid)
        || !isNumberUpTo(start, anyNumber) || !problem.isString()
        || problem.toString().size() > longestSentence)
        return std::nullopt;
    AgentReply reply{
        number.toInteger(), {pid.toInteger(), quint64(start.toInteger())}, problem.toString()};
    return readMore(*map, reply) ? std::optional(reply) : std::nullopt;
}

} // namespace Entracte
