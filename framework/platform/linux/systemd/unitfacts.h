// SPDX-License-Identifier: MIT
#pragma once

#include <QStringList>
#include <QVariantMap>

#include <chrono>
#include <optional>

namespace Entracte {

/// What the manager knows of one unit. Text in here is plain text.
struct UnitFacts
{
    QString name;        ///< its own, where it was asked for by an alias
    QString description; ///< one line, for people
    QString activeState; ///< "active", "activating", "reloading", "deactivating", "inactive", …
    qint64 mainPid = 0;  ///< 0 for what is no service, or does not run
    std::optional<std::chrono::milliseconds> stopLimit; ///< after it the manager kills; or never
    bool refusesStop = false;
    bool settlesLater = false;        ///< counts as started before it can have failed (Type=simple)
    bool endsByItself = false;        ///< is down again when it has done its work (Type=oneshot)
    bool startsPerConnection = false; ///< a socket with one instance of its service a connection
    bool hasJob = false;              ///< something is to be done to it, for instance a start
    QStringList triggeredBy;          ///< sockets, timers, paths that start it
    QStringList dependents;           ///< what the manager stops when it stops this one

    /// From the properties that the manager tells of the unit's object; what is not among them is
    /// as above.
    static UnitFacts from(const QVariantMap &properties);

    bool isUp() const { return activeState != QLatin1String("inactive") && !hasFailed(); }
    bool isStopping() const { return activeState == QLatin1String("deactivating"); }
    bool hasFailed() const { return activeState == QLatin1String("failed"); }

    friend bool operator==(const UnitFacts &, const UnitFacts &) = default;
};

} // namespace Entracte
