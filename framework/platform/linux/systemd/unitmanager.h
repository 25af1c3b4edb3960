// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "platform/linux/systemd/unitfacts.h"
#include "platform/linux/systemd/unithold.h"

#include <QDBusConnection>
#include <QMap>
#include <QObject>
#include <QPointer>
#include <QStringList>

#include <functional>
#include <optional>

class QDBusMessage;
class QDBusObjectPath;

namespace Entracte {

/// One systemd manager over its bus: the system's, or our own user's (root is refused by the
/// managers of others). Connects at the first request.
///
/// Every request returns at once; its answer comes in the thread of this object, never before the
/// request has returned, and not at all if the context is gone by then. A request to stop or to
/// start is answered when the manager has done it: JobRemoved, which may come before the reply that
/// names the job. There are no limits here; whoever waits sets them.
class UnitManager : public QObject
{
    Q_OBJECT

public:
    enum class Scope { System, User };

    explicit UnitManager(Scope scope, QObject *parent = nullptr);
    /// Waits until the manager has taken what putBack() sent.
    ~UnitManager() override;

    Scope scope() const { return m_scope; }

    /// False where systemd does not run, or cannot be reached: then every request fails.
    bool isAvailable();

    /// An error if there is no such unit.
    void look(const QString &unit, QObject *context, std::function<void(Result<UnitFacts>)> done);

    using Done = std::function<void(Result<>)>;
    void stop(const QString &unit, QObject *context, Done done);
    void start(const QString &unit, QObject *context, Done done);
    /// SIGKILL to every process of \a unit.
    void kill(const QString &unit);

    /// Reads the unit files anew; to be followed by it: hold().add() and remove().
    void reload(QObject *context, Done done);

    /// Reads the unit files anew and starts \a units in this order without waiting: each as soon as
    /// it can be, also one that is still stopping. Goes on when this process has ended.
    void putBack(const QStringList &units);

    /// Keeps units of this manager from being started.
    UnitHold &hold() { return m_hold; }

private slots:
    void jobRemoved(uint id, const QDBusObjectPath &job, const QString &unit,
                    const QString &result);

private:
    struct Job
    {
        QString unit;
        QPointer<QObject> context;
        Done done;
        bool isStart = false;
    };

    void call(const QDBusMessage &message, QObject *context,
              std::function<void(const QDBusMessage &)> answered);
    void request(const QString &method, const Job &job);
    void finish(const Job &job, const QString &result);
    Error unreachable() const;

    Scope m_scope;
    QString m_connectionName;
    std::optional<QDBusConnection> m_bus;
    UnitHold m_hold;
    QMap<QString, Job> m_jobs;             ///< by the job's path
    QMap<QString, QString> m_earlyResults; ///< of jobs whose reply is still to come
    int m_unansweredRequests = 0;
    bool m_mustArrive = false; ///< something was sent whose answer nobody waits for
};

} // namespace Entracte
