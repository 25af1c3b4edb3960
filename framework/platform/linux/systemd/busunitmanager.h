// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/systemd/unithold.h"
#include "platform/linux/systemd/unitmanager.h"

#include <QDBusConnection>
#include <QMap>
#include <QPointer>

#include <optional>

class QDBusMessage;
class QDBusObjectPath;

namespace Entracte {

/// One systemd manager over its bus: the system's, or our own user's (root is refused by the
/// managers of others). Connects at the first request.
///
/// What the manager has done is told by JobRemoved, which may come before the reply that names the
/// job.
class BusUnitManager : public UnitManager
{
    Q_OBJECT

public:
    explicit BusUnitManager(Scope scope, QObject *parent = nullptr);
    /// Waits until the manager has taken what putBack() sent.
    ~BusUnitManager() override;

    bool isAvailable() override;
    void look(const QString &unit, QObject *context, Known done) override;
    void stop(const QString &unit, QObject *context, Done done) override;
    void start(const QString &unit, QObject *context, Done done) override;
    void kill(const QString &unit) override;
    void reload(QObject *context, Done done) override;
    void hold(const QStringList &units) override;
    void release(const QStringList &units) override;
    void putBack(const QStringList &units) override;

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

    QString m_connectionName;
    std::optional<QDBusConnection> m_bus;
    UnitHold m_hold;
    QMap<QString, Job> m_jobs;             ///< by the job's path
    QMap<QString, QString> m_earlyResults; ///< of jobs whose reply is still to come
    int m_unansweredRequests = 0;
    bool m_mustArrive = false; ///< something was sent whose answer nobody waits for
};

} // namespace Entracte
