// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "platform/linux/relaunch/launchrecord.h"
#include "platform/linux/systemd/transientunit.h"
#include "restart/affectedapplication.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QMap>
#include <QObject>
#include <QString>

#include <functional>
#include <optional>

class QDBusObjectPath;

namespace Entracte {

/// Starts a program of the user we run as: by that user's service manager if there is one, else by
/// fork and exec. \a done is called once, in the thread of \a context, not at all if that has gone:
/// with the process when the program runs. \a application is the name of its desktop entry, or
/// empty; \a clock limits how long the manager may take, and connecting to it takes half a second
/// at most.
void startAsUser(const LaunchRecord &record, const QString &application, Clock &clock,
                 QObject *context, std::function<void(Result<UniqueProcess>)> done);

/// One program as a transient unit of its user's service manager, in app.slice, so that it belongs
/// to the user's session like what a desktop starts, and neither to us nor to our control group
/// (linux-mechanisms 4.2, spec 96).
///
/// As app-entracte-ID@MARK.service the manager starts it, with exactly the recorded environment.
/// The mark of the record in the name makes that nothing is started twice: what a dead installer
/// had started is found under that name. What the manager cannot start as it was becomes, once it
/// runs, app-entracte-ID-MARK.scope.
class UserUnit : public QObject
{
    Q_OBJECT

public:
    /// nullopt: there is no such manager, or it cannot start this program as it was (other groups,
    /// other namespaces, a variable that it does not take, no such program); nothing was started.
    using Outcome = std::optional<Result<UniqueProcess>>;
    using Done = std::function<void(const Outcome &)>;

    /// Starts it; \a done gets the main process of the unit. Goes away by itself, at the latest
    /// with \a context.
    static void start(const LaunchRecord &record, const QString &application, Clock &clock,
                      QObject *context, Done done);

    /// Puts \a process, which runs already, into a scope; what it has started by then stays where
    /// it is. \a done gets \a process if that was done.
    static void adopt(const UniqueProcess &process, const LaunchRecord &record,
                      const QString &application, Clock &clock, QObject *context, Done done);

    ~UserUnit() override;

private slots:
    void jobRemoved(uint id, const QDBusObjectPath &job, const QString &unit,
                    const QString &result);

private:
    using Answered = void (UserUnit::*)(const QDBusMessage &reply);

    UserUnit(const LaunchRecord &record, const QString &unit, QObject *context, Done done);

    void connectToManager(Clock &clock);
    void call(const QDBusMessage &message, Answered answered);
    void managerFound(const QDBusMessage &reply);
    void environmentKnown(const QDBusMessage &reply);
    void startUnit(const QList<UnitProperty> &properties);
    void queued(const QDBusMessage &reply);
    void jobEnded(const QString &result);
    void askForUnit();
    void unitFound(const QDBusMessage &reply);
    void mainProcessKnown(const QDBusMessage &reply);
    void processesKnown(const QDBusMessage &reply);
    void settleWith(pid_t pid);
    void fail(const QString &systemSays);
    void settle(const Outcome &outcome);

    LaunchRecord m_record;
    UniqueProcess m_adopted; ///< or none
    QString m_unit;          ///< its full name
    Done m_done;
    QString m_connectionName;
    std::optional<QDBusConnection> m_bus;
    bool m_isAsked = false;                ///< the manager, to start it
    QString m_job;                         ///< path of the one that starts the unit
    QMap<QString, QString> m_earlyResults; ///< of jobs that ended before we knew which is ours
};

} // namespace Entracte
