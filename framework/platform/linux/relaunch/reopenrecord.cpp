// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/reopenrecord.h"

#include "platform/linux/process.h"

#include <QCborArray>
#include <QCborMap>
#include <QCborValue>
#include <QFile>

#include <algorithm>

#include <time.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

static constexpr int formatVersion = 1;

/// A disk check or new firmware may come between; what the person starts the next day is theirs.
static constexpr qint64 grace = 2 * 60 * 60 * 1000;

/// The first process: it begins with the system, or with the container.
static qint64 bootTime()
{
    timespec sinceBoot{};
    clock_gettime(CLOCK_BOOTTIME, &sinceBoot);
    const qint64 upFor = qint64(sinceBoot.tv_sec) * 1000 + sinceBoot.tv_nsec / 1'000'000;
    const qint64 first = qint64(lineageOf(1).startTime) * 1000 / sysconf(_SC_CLK_TCK);
    return QDateTime::currentMSecsSinceEpoch() - upFor + first;
}

QByteArray thisBoot()
{
    QFile file(u"/proc/sys/kernel/random/boot_id"_s);
    const QByteArray kernel =
        file.open(QIODevice::ReadOnly) ? file.read(64).trimmed() : QByteArray();
    return kernel + ' ' + QByteArray::number(lineageOf(1).startTime);
}

QByteArray ReopenRecord::toBytes() const
{
    QCborArray words;
    for (const QByteArray &argument : arguments)
        words.append(argument);
    return QCborMap{{u"version"_s, formatVersion},     {u"program"_s, program},
                    {u"arguments"_s, words},           {u"directory"_s, workingDirectory},
                    {u"autostart"_s, autostartFolder}, {u"boot"_s, boot},
                    {u"restart"_s, restartTime}}
        .toCborValue()
        .toCbor();
}

std::optional<ReopenRecord> ReopenRecord::fromBytes(const QByteArray &bytes)
{
    QCborParserError problem;
    const QCborMap map = QCborValue::fromCbor(bytes, &problem).toMap();
    if (problem.error != QCborError::NoError
        || map.value(u"version"_s).toInteger() != formatVersion)
        return std::nullopt;
    ReopenRecord record;
    record.program = map.value(u"program"_s).toByteArray();
    for (const QCborValue word : map.value(u"arguments"_s).toArray())
        record.arguments.append(word.toByteArray());
    record.workingDirectory = map.value(u"directory"_s).toByteArray();
    record.autostartFolder = map.value(u"autostart"_s).toByteArray();
    record.boot = map.value(u"boot"_s).toByteArray();
    record.restartTime = map.value(u"restart"_s).toInteger();

    const QList<QByteArray> texts =
        record.arguments + QList{record.program, record.workingDirectory, record.autostartFolder};
    const bool isSound = std::none_of(texts.cbegin(), texts.cend(),
                                      [](const QByteArray &text) { return text.contains('\0'); });
    if (!isSound || !record.program.startsWith('/') || !record.autostartFolder.startsWith('/')
        || record.arguments.isEmpty() || record.boot.isEmpty())
        return std::nullopt;
    return record;
}

bool ReopenRecord::isEarly() const
{
    return boot == thisBoot() && QDateTime::currentMSecsSinceEpoch() <= restartTime + grace;
}

bool ReopenRecord::isOutdated() const
{
    return (boot == thisBoot() && !isEarly()) || bootTime() > restartTime + grace;
}

} // namespace Entracte
