// SPDX-License-Identifier: MIT
#include "platform/linux/agent/unitmessage.h"

#include "platform/linux/process.h"

#include <QCborArray>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace Entracte {

namespace {

constexpr qsizetype mostUnits = 2000;
constexpr qsizetype longestName = 255; // systemd's own limit
constexpr qsizetype longestText = 300;
constexpr std::chrono::milliseconds longestStop = 15min;

bool isPartOfName(QChar letter)
{
    return (letter >= u'a' && letter <= u'z') || (letter >= u'A' && letter <= u'Z')
        || (letter >= u'0' && letter <= u'9') || u":-_.\\@"_s.contains(letter);
}

bool isUnitName(const QString &name)
{
    static const QStringList kinds{u".service"_s, u".socket"_s, u".timer"_s, u".path"_s,
                                   u".target"_s,  u".scope"_s,  u".mount"_s, u".automount"_s,
                                   u".swap"_s,    u".slice"_s,  u".device"_s};
    const bool hasKind = std::any_of(kinds.cbegin(), kinds.cend(), [&name](const QString &kind) {
        return name.endsWith(kind) && name.size() > kind.size();
    });
    return hasKind && name.size() <= longestName && !name.startsWith(u'.')
        && std::all_of(name.cbegin(), name.cend(), isPartOfName);
}

QCborArray arrayOf(const QStringList &units)
{
    QCborArray array;
    for (const QString &unit : units)
        if (array.size() < mostUnits && isUnitName(unit))
            array.append(unit);
    return array;
}

std::optional<QStringList> unitsIn(const QCborValue &value)
{
    const QCborArray array = value.toArray();
    if (!value.isArray() || array.size() > mostUnits)
        return std::nullopt;
    QStringList units;
    for (const QCborValue unit : array) {
        if (!isUnitName(unit.toString()))
            return std::nullopt;
        units.append(unit.toString());
    }
    return units;
}

bool fits(UnitRequest::What what, qsizetype units)
{
    switch (what) {
    case UnitRequest::What::Look:
    case UnitRequest::What::Stop:
    case UnitRequest::What::Start:
    case UnitRequest::What::Kill:
        return units == 1;
    case UnitRequest::What::Reload:
        return units == 0;
    case UnitRequest::What::Hold:
    case UnitRequest::What::Release:
    case UnitRequest::What::PutBack:
        break;
    }
    return true;
}

/// The words of UnitFacts that are yes or no.
struct Truth
{
    QString key;
    bool UnitFacts::*member;
};

const QList<Truth> &truths()
{
    static const QList<Truth> all{
        {u"refusesStop"_s, &UnitFacts::refusesStop},
        {u"settlesLater"_s, &UnitFacts::settlesLater},
        {u"endsByItself"_s, &UnitFacts::endsByItself},
        {u"startsPerConnection"_s, &UnitFacts::startsPerConnection},
        {u"hasJob"_s, &UnitFacts::hasJob},
    };
    return all;
}

QCborMap mapOf(const UnitFacts &facts)
{
    QCborMap map{{u"name"_s, facts.name},
                 {u"description"_s, facts.description.left(longestText)},
                 {u"state"_s, facts.activeState.left(longestText)},
                 {u"pid"_s, facts.mainPid},
                 {u"triggeredBy"_s, arrayOf(facts.triggeredBy)},
                 {u"dependents"_s, arrayOf(facts.dependents)}};
    if (facts.stopLimit && *facts.stopLimit <= longestStop)
        map.insert(u"stopLimit"_s, qint64(facts.stopLimit->count()));
    for (const Truth &truth : truths())
        map.insert(truth.key, facts.*truth.member);
    return map;
}

bool isText(const QCborValue &value)
{
    return value.isString() && value.toString().size() <= longestText;
}

bool isNumberUpTo(const QCborValue &value, qint64 most)
{
    return value.isInteger() && value.toInteger() >= 0 && value.toInteger() <= most;
}

bool readTruths(const QCborMap &map, UnitFacts &facts)
{
    for (const Truth &truth : truths()) {
        const QCborValue value = map.value(truth.key);
        if (!value.isBool())
            return false;
        facts.*truth.member = value.toBool();
    }
    return true;
}

std::optional<UnitFacts> factsIn(const QCborMap &map)
{
    const QCborValue name = map.value(u"name"_s);
    const QCborValue description = map.value(u"description"_s);
    const QCborValue state = map.value(u"state"_s);
    const QCborValue pid = map.value(u"pid"_s);
    const QCborValue limit = map.value(u"stopLimit"_s);
    const auto triggeredBy = unitsIn(map.value(u"triggeredBy"_s));
    const auto dependents = unitsIn(map.value(u"dependents"_s));
    UnitFacts facts;
    if (!isUnitName(name.toString()) || !isText(description) || !isText(state)
        || !isNumberUpTo(pid, std::numeric_limits<pid_t>::max()) || !triggeredBy || !dependents
        || !readTruths(map, facts)
        || (!limit.isUndefined() && !isNumberUpTo(limit, longestStop.count()))
        || map.size() != 6 + truths().size() + (limit.isUndefined() ? 0 : 1))
        return std::nullopt;
    facts.name = name.toString();
    facts.description = plainText(description.toString());
    facts.activeState = plainText(state.toString());
    facts.mainPid = pid.toInteger();
    if (!limit.isUndefined())
        facts.stopLimit = std::chrono::milliseconds(limit.toInteger());
    facts.triggeredBy = *triggeredBy;
    facts.dependents = *dependents;
    return facts;
}

} // namespace

QCborMap toCbor(const UnitRequest &request)
{
    return {{u"what"_s, int(request.what)}, {u"units"_s, arrayOf(request.units)}};
}

std::optional<UnitRequest> unitRequestFrom(const QCborValue &value)
{
    const QCborMap map = value.toMap();
    const QCborValue what = map.value(u"what"_s);
    const auto units = unitsIn(map.value(u"units"_s));
    if (map.size() != 2 || !isNumberUpTo(what, int(UnitRequest::What::PutBack))
        || what.toInteger() < int(UnitRequest::What::Look) || !units)
        return std::nullopt;
    const UnitRequest request{UnitRequest::What(what.toInteger()), *units};
    return fits(request.what, units->size()) ? std::optional(request) : std::nullopt;
}

QCborMap toCbor(const UnitAnswer &answer)
{
    QCborMap map{{u"denied"_s, answer.code == ErrorCode::PermissionDenied}};
    if (!answer.facts.name.isEmpty())
        map.insert(u"facts"_s, mapOf(answer.facts));
    return map;
}

std::optional<UnitAnswer> unitAnswerFrom(const QCborValue &value)
{
    const QCborMap map = value.toMap();
    const QCborValue denied = map.value(u"denied"_s);
    const QCborValue told = map.value(u"facts"_s);
    UnitAnswer answer;
    if (!denied.isBool() || map.size() != (told.isUndefined() ? 1 : 2))
        return std::nullopt;
    if (denied.toBool())
        answer.code = ErrorCode::PermissionDenied;
    if (told.isUndefined())
        return answer;
    const std::optional<UnitFacts> facts = factsIn(told.toMap());
    if (!facts)
        return std::nullopt;
    answer.facts = *facts;
    return answer;
}

} // namespace Entracte
