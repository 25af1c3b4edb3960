// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/launchrecord.h"

#include "platform/linux/relaunch/launchcapture.h"
#include "platform/linux/relaunch/launcher.h"
#include "platform/linux/relaunch/relaunchmarks.h"

#include <QCborArray>
#include <QCborMap>
#include <QCborValue>

#include <algorithm>
#include <climits>

#include <sys/resource.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

constexpr int version = 1;
/// Linux itself admits some six megabytes of arguments and environment together, each word of which
/// may grow by some bytes here.
constexpr qsizetype longestRecord = 16 * 1024 * 1024;
constexpr qsizetype mostGroups = 65536;
constexpr qsizetype longestProcessorMask = 4096;
constexpr qsizetype longestMark = 64;
constexpr qsizetype longestSurroundings = 1024;

QCborArray toCbor(const QList<QByteArray> &words)
{
    QCborArray array;
    for (const QByteArray &word : words)
        array.append(word);
    return array;
}

QList<QByteArray> wordsFrom(const QCborValue &value)
{
    QList<QByteArray> words;
    for (const QCborValue word : value.toArray())
        words.append(word.toByteArray());
    return words;
}

QCborMap toCbor(const LaunchTraits &traits)
{
    QCborArray groups;
    for (const gid_t group : traits.groups)
        groups.append(qint64(group));
    QCborArray limits;
    for (const ResourceLimit &limit : traits.limits)
        limits.append(QCborArray{qint64(limit.soft), qint64(limit.hard)});
    QCborMap map{{u"uid"_s, qint64(traits.uid)},
                 {u"gid"_s, qint64(traits.gid)},
                 {u"groups"_s, groups},
                 {u"umask"_s, qint64(traits.umask)},
                 {u"niceness"_s, traits.niceness},
                 {u"processors"_s, traits.processors},
                 {u"limits"_s, limits},
                 {u"noNewPrivileges"_s, traits.hasNoNewPrivileges},
                 {u"surroundings"_s, traits.surroundings}};
    if (traits.ioPriority)
        map.insert(u"ioPriority"_s, *traits.ioPriority);
    if (traits.oomAdjustment)
        map.insert(u"oomAdjustment"_s, *traits.oomAdjustment);
    return map;
}

/// The number at \a key if it is one from \a least to \a most; else clears \a isGood.
qint64 number(const QCborMap &map, const QString &key, qint64 least, qint64 most, bool &isGood)
{
    const QCborValue value = map.value(key);
    isGood = isGood && value.isInteger() && value.toInteger() >= least && value.toInteger() <= most;
    return value.toInteger();
}

std::optional<int> optionalNumber(const QCborMap &map, const QString &key, int least, int most,
                                  bool &isGood)
{
    if (!map.contains(key))
        return std::nullopt;
    return int(number(map, key, least, most, isGood));
}

std::optional<LaunchTraits> traitsFrom(const QCborMap &map)
{
    constexpr qint64 highestId = 0xfffffffe; // the one above means "leave it as it is"
    bool isGood = true;
    LaunchTraits traits;
    traits.uid = uid_t(number(map, u"uid"_s, 0, highestId, isGood));
    traits.gid = gid_t(number(map, u"gid"_s, 0, highestId, isGood));
    for (const QCborValue group : map.value(u"groups"_s).toArray()) {
        isGood =
            isGood && group.isInteger() && group.toInteger() >= 0 && group.toInteger() <= highestId;
        traits.groups.append(gid_t(group.toInteger()));
    }
    traits.umask = mode_t(number(map, u"umask"_s, 0, 0777, isGood));
    traits.niceness = int(number(map, u"niceness"_s, -20, 19, isGood));
    traits.ioPriority = optionalNumber(map, u"ioPriority"_s, 0, 0xffff, isGood);
    traits.processors = map.value(u"processors"_s).toByteArray();
    for (const QCborValue limit : map.value(u"limits"_s).toArray()) {
        const ResourceLimit read{quint64(limit.toArray().at(0).toInteger()),
                                 quint64(limit.toArray().at(1).toInteger())};
        isGood = isGood && limit.toArray().size() == 2 && read.soft <= read.hard;
        traits.limits.append(read);
    }
    traits.oomAdjustment = optionalNumber(map, u"oomAdjustment"_s, -1000, 1000, isGood);
    traits.hasNoNewPrivileges = map.value(u"noNewPrivileges"_s).toBool();
    traits.surroundings = map.value(u"surroundings"_s).toByteArray();
    isGood = isGood && traits.groups.size() <= mostGroups && traits.limits.size() <= RLIM_NLIMITS
          && traits.processors.size() <= longestProcessorMask
          && traits.surroundings.size() <= longestSurroundings;
    return isGood ? std::optional(traits) : std::nullopt;
}

/// Absolute, and what the kernel takes as a path.
bool isPath(const QByteArray &path)
{
    return path.startsWith('/') && path.size() < PATH_MAX && !path.contains('\0');
}

bool areWords(const QList<QByteArray> &words)
{
    return std::none_of(words.cbegin(), words.cend(),
                        [](const QByteArray &word) { return word.contains('\0'); });
}

} // namespace

LaunchRecord LaunchRecord::of(const UniqueProcess &process)
{
    return captureLaunch(process);
}

bool LaunchRecord::isPlausible() const
{
    return isPath(m_program) && (m_workingDirectory.isEmpty() || isPath(m_workingDirectory))
        && !m_arguments.isEmpty() && areWords(m_arguments) && areWords(m_environment)
        && m_mark.startsWith(relaunchVariable) && m_mark.size() <= longestMark
        && areWords({m_mark});
}

QByteArray LaunchRecord::toBytes() const
{
    return QCborValue(QCborMap{{u"kind"_s, u"launch"_s},
                               {u"version"_s, version},
                               {u"program"_s, m_program},
                               {u"device"_s, qint64(m_programFile.device)},
                               {u"inode"_s, qint64(m_programFile.inode)},
                               {u"arguments"_s, toCbor(m_arguments)},
                               {u"environment"_s, toCbor(m_environment)},
                               {u"workingDirectory"_s, m_workingDirectory},
                               {u"traits"_s, Entracte::toCbor(m_traits)},
                               {u"mark"_s, m_mark}})
        .toCbor();
}

LaunchRecord LaunchRecord::fromBytes(const QByteArray &bytes)
{
    if (bytes.size() > longestRecord)
        return {};
    QCborParserError error;
    const QCborMap map = QCborValue::fromCbor(bytes, &error).toMap();
    const std::optional<LaunchTraits> traits = traitsFrom(map.value(u"traits"_s).toMap());
    if (error.error != QCborError::NoError || error.offset != bytes.size()
        || map.value(u"kind"_s) != u"launch"_s || map.value(u"version"_s) != version || !traits)
        return {};
    LaunchRecord record;
    record.m_program = map.value(u"program"_s).toByteArray();
    record.m_programFile = {quint64(map.value(u"device"_s).toInteger()),
                            quint64(map.value(u"inode"_s).toInteger())};
    record.m_arguments = wordsFrom(map.value(u"arguments"_s));
    record.m_environment = wordsFrom(map.value(u"environment"_s));
    record.m_workingDirectory = map.value(u"workingDirectory"_s).toByteArray();
    record.m_traits = *traits;
    record.m_mark = map.value(u"mark"_s).toByteArray();
    return record.isPlausible() ? record : LaunchRecord();
}

void LaunchRecord::setArguments(const QStringList &arguments)
{
    m_arguments = m_arguments.mid(0, 1);
    for (const QString &argument : arguments)
        m_arguments.append(argument.toLocal8Bit());
}

void LaunchRecord::start(QObject *context, std::function<void(Result<UniqueProcess>)> done) const
{
    Launcher::launch(*this, context, std::move(done));
}

} // namespace Entracte
