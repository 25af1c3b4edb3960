// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/systemd/unitmanager.h"

#include <QByteArray>
#include <QCoreApplication>
#include <QStringList>

#include <chrono>
#include <functional>
#include <optional>

namespace Entracte {

/// What goes down with one service and comes back with it, taken down while it runs: the part of
/// it that brings it back passes through the session's record, so that a crash loses nothing.
struct ServiceRecord
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::ServiceRecord)

public:
    /// The user who reads the record: written before there were services of others.
    static constexpr qint64 ourselves = -1;

    struct Service
    {
        QString name;
        QStringList triggers; ///< that were up: sockets, timers, paths that start it
        std::optional<std::chrono::milliseconds> stopLimit; ///< the unit's own
        bool isPerConnection = false; ///< started by a socket alone, one a connection
    };

    UnitManager::Scope scope = UnitManager::Scope::System;
    qint64 user = ourselves; ///< whose manager it is, if a user's
    QList<Service> services; ///< that were up: the service, then its dependents, each after what it
                             ///< needs
    QString obstacle;        ///< one sentence: why they must not be stopped; or empty

    bool isValid() const { return !services.isEmpty(); }
    QString unit() const { return services.constFirst().name; }

    /// To be held while they are down; without the right to do so only what triggers them is
    /// stopped, and a message on the bus could start them.
    QStringList heldUnits() const;

    /// Sockets, then services, then what starts them by time or by path.
    QStringList startOrder() const;

    /// For a session's record, and back; invalid if \a bytes are not of a service. Without what
    /// only a stop needs.
    QByteArray toBytes() const;
    static ServiceRecord fromBytes(const QByteArray &bytes);

    /// Asks \a manager about \a unit, about all that it stops together with it, and about what
    /// starts those. Dependents that are down are not in the record. Fails if there are more of
    /// them than any system has.
    static void take(UnitManager &manager, const QString &unit, QObject *context,
                     std::function<void(Result<ServiceRecord>)> done);
};

} // namespace Entracte
