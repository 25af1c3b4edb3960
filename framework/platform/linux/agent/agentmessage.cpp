// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentmessage.h"

#include <QCborMap>
#include <QCborValue>
#include <QtEndian>

#include <limits>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr int version = 1;
constexpr qsizetype longestSentence = 4096;
constexpr qsizetype longestApplication = 256;

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

} // namespace

QByteArray AgentRequest::encoded() const
{
    return framed({{u"v"_s, version},
                   {u"number"_s, number},
                   {u"record"_s, record.toBytes()},
                   {u"application"_s, application.left(longestApplication)}});
}

std::optional<AgentRequest> AgentRequest::decoded(const QByteArray &content)
{
    const std::optional<QCborMap> map = mapIn(content, 4);
    if (!map)
        return std::nullopt;
    const QCborValue number = map->value(u"number"_s);
    const QCborValue record = map->value(u"record"_s);
    const QCborValue application = map->value(u"application"_s);
    if (!isNumberUpTo(number, anyNumber) || !record.isByteArray() || !application.isString()
        || application.toString().size() > longestApplication)
        return std::nullopt;
    const LaunchRecord launch = LaunchRecord::fromBytes(record.toByteArray());
    if (!launch.isValid())
        return std::nullopt;
    return AgentRequest{number.toInteger(), launch, application.toString()};
}

QByteArray AgentReply::encoded() const
{
    return framed({{u"v"_s, version},
                   {u"number"_s, number},
                   {u"pid"_s, process.pid},
                   {u"start"_s, qint64(process.startTime)},
                   {u"problem"_s, problem.left(longestSentence)}});
}

std::optional<AgentReply> AgentReply::decoded(const QByteArray &content)
{
    const std::optional<QCborMap> map = mapIn(content, 5);
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
    return AgentReply{
        number.toInteger(), {pid.toInteger(), quint64(start.toInteger())}, problem.toString()};
}

} // namespace Entracte
