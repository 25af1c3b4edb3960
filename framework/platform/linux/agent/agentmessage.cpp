// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentmessage.h"

#include "restart/applicationcbor.h"

#include <QCborArray>
#include <QCborMap>
#include <QCborValue>
#include <QtEndian>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr int version = 1;
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

/// Of exactly \a size entries, the version among them.
std::optional<QCborMap> mapIn(const QByteArray &content, qsizetype size)
{
    QCborParserError parsing;
    const QCborValue value = QCborValue::fromCbor(content, &parsing);
    if (parsing.error != QCborError::NoError || parsing.offset != content.size() || !value.isMap())
        return std::nullopt;
    const QCborMap map = value.toMap();
    if (map.size() != size || map.value(u"v"_s) != QCborValue(version))
        return std::nullopt;
    return map;
}

bool isNumberUpTo(const QCborValue &value, qint64 most)
{
    return value.isInteger() && value.toInteger() >= 0 && value.toInteger() <= most;
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

QCborMap mapOf(const AgentRequest::Start &task)
{
    return {{u"record"_s, task.record.toBytes()},
            {u"application"_s, task.application.left(longestApplication)}};
}

QCborMap mapOf(const ReopenTask &task)
{
    return {{u"reopen"_s, int(task.what)},
            {u"time"_s, task.time.isValid() ? task.time.toMSecsSinceEpoch() : 0},
            {u"applications"_s, arrayOf(task.applications)}};
}

std::optional<AgentRequest::Start> startIn(const QCborMap &map)
{
    const QCborValue record = map.value(u"record"_s);
    const QCborValue application = map.value(u"application"_s);
    if (!record.isByteArray() || !isShortText(application))
        return std::nullopt;
    const LaunchRecord launch = LaunchRecord::fromBytes(record.toByteArray());
    if (!launch.isValid())
        return std::nullopt;
    return AgentRequest::Start{launch, application.toString()};
}

std::optional<ReopenTask> reopenTaskIn(const QCborMap &map)
{
    const QCborValue what = map.value(u"reopen"_s);
    const QCborValue time = map.value(u"time"_s);
    const auto applications = applicationsIn(map.value(u"applications"_s));
    if (!isNumberUpTo(what, int(ReopenTask::What::Forget)) || !isNumberUpTo(time, anyNumber)
        || !applications)
        return std::nullopt;
    return ReopenTask{ReopenTask::What(what.toInteger()),
                      QDateTime::fromMSecsSinceEpoch(time.toInteger()), *applications};
}

} // namespace

QByteArray AgentRequest::encoded() const
{
    QCborMap map = std::visit([](const auto &each) { return mapOf(each); }, task);
    map.insert(u"v"_s, version);
    map.insert(u"number"_s, number);
    return framed(map);
}

std::optional<AgentRequest> AgentRequest::decoded(const QByteArray &content)
{
    std::optional<QCborMap> map = mapIn(content, 4);
    const bool isStart = map.has_value();
    if (!isStart)
        map = mapIn(content, 5);
    if (!map || !isNumberUpTo(map->value(u"number"_s), anyNumber))
        return std::nullopt;
    const qint64 number = map->value(u"number"_s).toInteger();
    if (isStart) {
        const std::optional<Start> task = startIn(*map);
        return task ? std::optional(AgentRequest{number, *task}) : std::nullopt;
    }
    const std::optional<ReopenTask> task = reopenTaskIn(*map);
    return task ? std::optional(AgentRequest{number, *task}) : std::nullopt;
}

QByteArray AgentReply::encoded() const
{
    return framed({{u"v"_s, version},
                   {u"number"_s, number},
                   {u"pid"_s, process.pid},
                   {u"start"_s, qint64(process.startTime)},
                   {u"problem"_s, problem.left(longestSentence)},
                   {u"outlook"_s, outlook ? QCborValue(arrayOf(*outlook)) : QCborValue(nullptr)}});
}

std::optional<AgentReply> AgentReply::decoded(const QByteArray &content)
{
    const std::optional<QCborMap> map = mapIn(content, 6);
    if (!map)
        return std::nullopt;
    const QCborValue number = map->value(u"number"_s);
    const QCborValue pid = map->value(u"pid"_s);
    const QCborValue start = map->value(u"start"_s);
    const QCborValue problem = map->value(u"problem"_s);
    const QCborValue told = map->value(u"outlook"_s);
    const std::optional<ReopeningOutlook> outlook = outlookIn(told);
    if (!isNumberUpTo(number, anyNumber) || !isNumberUpTo(pid, anyPid)
        || !isNumberUpTo(start, anyNumber) || !problem.isString()
        || problem.toString().size() > longestSentence || (!outlook && !told.isNull()))
        return std::nullopt;
    return AgentReply{number.toInteger(),
                      {pid.toInteger(), quint64(start.toInteger())},
                      problem.toString(),
                      outlook};
}

} // namespace Entracte
