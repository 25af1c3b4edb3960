// SPDX-License-Identifier: MIT
#pragma once

#include <QDBusArgument>
#include <QDBusVariant>
#include <QList>
#include <QMetaType>
#include <QString>
#include <QStringList>

namespace Entracte {

// What StartTransientUnit of org.freedesktop.systemd1.Manager takes.

/// One entry of its a(sv).
struct UnitProperty
{
    QString name;
    QDBusVariant value;
};
QDBusArgument &operator<<(QDBusArgument &argument, const UnitProperty &property);
const QDBusArgument &operator>>(const QDBusArgument &argument, UnitProperty &property);

/// One entry of its a(sa(sv)): units that come with it.
struct AuxiliaryUnit
{
    QString name;
    QList<UnitProperty> properties;
};
QDBusArgument &operator<<(QDBusArgument &argument, const AuxiliaryUnit &unit);
const QDBusArgument &operator>>(const QDBusArgument &argument, AuxiliaryUnit &unit);

/// One entry of the a(sasas) of ExecStartEx.
struct UnitCommand
{
    QString program;
    QStringList arguments; ///< the first is the name that the program is told
    QStringList flags;
};
QDBusArgument &operator<<(QDBusArgument &argument, const UnitCommand &command);
const QDBusArgument &operator>>(const QDBusArgument &argument, UnitCommand &command);

/// To be called before the first of these is sent.
void registerTransientUnitTypes();

} // namespace Entracte

Q_DECLARE_METATYPE(Entracte::UnitProperty)
Q_DECLARE_METATYPE(Entracte::AuxiliaryUnit)
Q_DECLARE_METATYPE(Entracte::UnitCommand)
