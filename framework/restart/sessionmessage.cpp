// SPDX-License-Identifier: MIT
#include "restart/sessionmessage.h"

#include <QCborArray>
#include <QCborMap>
#include <QCoreApplication>
#include <QtEndian>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

class MessageErrors
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::SessionMessage)
};

constexpr int version = 1;
constexpr int keyLength = 32;
constexpr qsizetype mostResources = 200'000;

using Operation = SessionMessage::Operation;

Error malformed(const QString &field)
{
    return restartError(RestartCode::BadArguments,
                        MessageErrors::tr("A message to the session has no valid “%1”.",
                                          "restart manager error, %1 is a field name")
                            .arg(field));
}

bool isKnown(qint64 operation)
{
    return (operation >= qint64(Operation::Join) && operation <= qint64(Operation::Leave))
        || (operation >= qint64(Operation::List) && operation <= qint64(Operation::End))
        || operation == qint64(Operation::Reply) || operation == qint64(Operation::Progress);
}

bool isHexadecimal(const QString &text)
{
    return text.size() == keyLength && std::all_of(text.cbegin(), text.cend(), [](QChar c) {
               return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f');
           });
}

QCborArray toCbor(const UniqueProcess &process)
{
    return {process.pid, qint64(process.startTime)};
}

std::optional<UniqueProcess> processFrom(const QCborValue &value)
{
    const QCborArray pair = value.toArray();
    if (pair.size() != 2 || !pair[0].isInteger() || !pair[1].isInteger())
        return std::nullopt;
    return UniqueProcess{pair[0].toInteger(), quint64(pair[1].toInteger())};
}

bool readStrings(const QCborValue &value, QStringList &into)
{
    if (value.isUndefined())
        return true;
    if (!value.isArray() || value.toArray().size() > mostResources)
        return false;
    for (const QCborValue entry : value.toArray()) {
        if (!entry.isString())
            return false;
        into.append(entry.toString());
    }
    return true;
}

bool readProcesses(const QCborValue &value, QList<UniqueProcess> &into)
{
    if (value.isUndefined())
        return true;
    if (!value.isArray() || value.toArray().size() > mostResources)
        return false;
    for (const QCborValue entry : value.toArray()) {
        const std::optional<UniqueProcess> process = processFrom(entry);
        if (!process)
            return false;
        into.append(*process);
    }
    return true;
}

QCborMap toCbor(const RestartFilter &filter)
{
    QCborMap map{{u"action"_s, int(filter.action)}};
    if (const auto *executable = std::get_if<RestartFilter::Executable>(&filter.target))
        map.insert(u"executable"_s, executable->path);
    else if (const auto *process = std::get_if<UniqueProcess>(&filter.target))
        map.insert(u"process"_s, toCbor(*process));
    else
        map.insert(u"service"_s, std::get<RestartFilter::Service>(filter.target).name);
    return map;
}

/// Exactly one of the three selectors, as everywhere (spec 1.4.9).
std::optional<RestartFilter> filterFrom(const QCborMap &map)
{
    const QCborValue action = map.value(u"action"_s);
    if (map.size() != 2 || (action != QCborValue(1) && action != QCborValue(2)))
        return std::nullopt; // toInteger() would take 1e24 for an integer, too
    RestartFilter filter;
    filter.action = FilterAction(action.toInteger());
    if (const QCborValue path = map.value(u"executable"_s); path.isString())
        filter.target = RestartFilter::Executable{path.toString()};
    else if (const auto process = processFrom(map.value(u"process"_s)))
        filter.target = *process;
    else if (const QCborValue name = map.value(u"service"_s); name.isString())
        filter.target = RestartFilter::Service{name.toString()};
    else
        return std::nullopt;
    return filter;
}

bool carriesResources(Operation operation)
{
    return operation == Operation::Register || operation == Operation::Unregister;
}

bool carriesFilter(Operation operation)
{
    return operation == Operation::AddFilter || operation == Operation::RemoveFilter;
}

} // namespace

QByteArray SessionMessage::encoded() const
{
    QCborMap map{{u"v"_s, version}, {u"op"_s, int(operation)}};
    if (!key.isEmpty())
        map.insert(u"key"_s, key);
    if (!token.isEmpty())
        map.insert(u"token"_s, token);
    if (carriesResources(operation)) {
        QCborArray processes;
        for (const UniqueProcess &process : resources.processes)
            processes.append(toCbor(process));
        map.insert(u"files"_s, QCborArray::fromStringList(resources.files));
        map.insert(u"processes"_s, processes);
        map.insert(u"services"_s, QCborArray::fromStringList(resources.services));
    }
    if (filter)
        map.insert(u"filter"_s, toCbor(*filter));
    if (flags != 0)
        map.insert(u"flags"_s, flags);
    if (operation == Operation::Reply)
        map.insert(u"code"_s, int(code));
    if (!text.isEmpty())
        map.insert(u"text"_s, text);
    if (!body.isUndefined())
        map.insert(u"body"_s, body);

    const QByteArray content = QCborValue(map).toCbor();
    QByteArray frame(4, Qt::Uninitialized);
    qToBigEndian(quint32(content.size()), frame.data());
    return frame + content;
}

Result<SessionMessage> SessionMessage::decoded(const QByteArray &content)
{
    QCborParserError parsing;
    const QCborValue value = QCborValue::fromCbor(content, &parsing);
    if (parsing.error != QCborError::NoError || parsing.offset != content.size() || !value.isMap())
        return malformed(u"map"_s);
    const QCborMap map = value.toMap();
    if (map.value(u"v"_s) != QCborValue(version))
        return malformed(u"v"_s);

    SessionMessage message;
    const QCborValue operation = map.value(u"op"_s);
    if (!operation.isInteger() || !isKnown(operation.toInteger()))
        return malformed(u"op"_s);
    message.operation = Operation(operation.toInteger());

    message.key = map.value(u"key"_s).toString();
    if (message.operation == Operation::Join && !isHexadecimal(message.key))
        return malformed(u"key"_s);
    message.token = map.value(u"token"_s).toString();
    if (!message.token.isEmpty() && !isHexadecimal(message.token))
        return malformed(u"token"_s);

    if (carriesResources(message.operation)) {
        if (!readStrings(map.value(u"files"_s), message.resources.files))
            return malformed(u"files"_s);
        if (!readProcesses(map.value(u"processes"_s), message.resources.processes))
            return malformed(u"processes"_s);
        if (!readStrings(map.value(u"services"_s), message.resources.services))
            return malformed(u"services"_s);
        if (const Result<> valid = message.resources.validate(); !valid)
            return valid.error();
    }
    if (carriesFilter(message.operation)) {
        message.filter = filterFrom(map.value(u"filter"_s).toMap());
        if (!message.filter)
            return malformed(u"filter"_s);
    }
    if (const QCborValue flags = map.value(u"flags"_s); !flags.isUndefined()) {
        if (!flags.isInteger() || flags.toInteger() < 0 || flags.toInteger() > 0xff)
            return malformed(u"flags"_s);
        message.flags = int(flags.toInteger());
    }
    if (message.operation == Operation::Reply) {
        const QCborValue code = map.value(u"code"_s);
        if (!code.isInteger() || !isRestartCode(code.toInteger()))
            return malformed(u"code"_s);
        message.code = RestartCode(code.toInteger());
    }
    message.text = map.value(u"text"_s).toString();
    message.body = map.value(u"body"_s);
    return message;
}

SessionMessage SessionMessage::reply(RestartCode code, const QString &text, const QCborValue &body)
{
    SessionMessage message;
    message.operation = Operation::Reply;
    message.code = code;
    message.text = text.isEmpty() ? sentenceFor(code) : text;
    message.body = body;
    return message;
}

std::optional<QByteArray> FrameReader::next()
{
    constexpr qsizetype header = 4;
    if (m_isBroken || m_pending.size() < header)
        return std::nullopt;
    const quint32 length = qFromBigEndian<quint32>(m_pending.constData());
    if (length > m_limit) {
        m_isBroken = true;
        m_pending.clear();
        return std::nullopt;
    }
    if (m_pending.size() < header + qsizetype(length))
        return std::nullopt;
    const QByteArray content = m_pending.mid(header, length);
    m_pending.remove(0, header + qsizetype(length));
    return content;
}

} // namespace Entracte
