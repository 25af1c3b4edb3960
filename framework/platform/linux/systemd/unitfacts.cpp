// SPDX-License-Identifier: MIT
#include "platform/linux/systemd/unitfacts.h"

#include "platform/linux/process.h"

#include <QDBusArgument>

#include <limits>

using namespace Qt::StringLiterals;

namespace Entracte {

static QStringList unitsIn(const QVariantMap &properties, std::initializer_list<QString> names)
{
    QStringList units;
    for (const QString &name : names)
        units += properties.value(name).toStringList();
    units.removeDuplicates();
    return units;
}

static bool isJobIn(const QVariantMap &properties)
{
    const QDBusArgument argument = properties.value(u"Job"_s).value<QDBusArgument>();
    if (argument.currentType() != QDBusArgument::StructureType)
        return false;
    uint number = 0;
    argument.beginStructure();
    argument >> number;
    argument.endStructure();
    return number != 0;
}

UnitFacts UnitFacts::from(const QVariantMap &properties)
{
    const auto text = [&properties](const QString &name) {
        return plainText(properties.value(name).toString());
    };
    UnitFacts facts;
    facts.name = properties.value(u"Id"_s).toString();
    facts.description = text(u"Description"_s);
    facts.activeState = text(u"ActiveState"_s);
    facts.mainPid = properties.value(u"MainPID"_s).toUInt();
    facts.refusesStop = properties.value(u"RefuseManualStop"_s).toBool();
    facts.startsPerConnection = properties.value(u"Accept"_s).toBool();
    facts.hasJob = isJobIn(properties);
    facts.triggeredBy = unitsIn(properties, {u"TriggeredBy"_s});
    facts.dependents = unitsIn(properties, {u"RequiredBy"_s, u"RequisiteOf"_s, u"BoundBy"_s,
                                            u"ConsistsOf"_s, u"PropagatesStopTo"_s});

    const QString type = text(u"Type"_s);
    facts.endsByItself = type == u"oneshot"_s;
    facts.settlesLater = type == u"simple"_s || type == u"exec"_s || type == u"idle"_s;

    constexpr quint64 never = std::numeric_limits<quint64>::max();
    const quint64 limit = properties.value(u"TimeoutStopUSec"_s, never).toULongLong();
    if (limit != never)
        facts.stopLimit = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::microseconds(qint64(limit)));
    return facts;
}

} // namespace Entracte
