// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "restart/restartevent.h"

#include <QDateTime>
#include <QList>
#include <QObject>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>

namespace Entracte {

/// Somebody who does not want the system to go down now. Text in here is plain text.
struct ShutdownBlock
{
    QString who;
    QString why;
    qint64 uid = -1;
    qint64 pid = 0;
};

/// What a person must know before the system is restarted, and whether that is possible.
struct RestartOutlook
{
    enum class Permission {
        Granted,
        AfterAuthorization, ///< schedule() asks for it, where there is somebody to ask
        Denied,
    };
    Permission permission = Permission::Denied;
    QList<ShutdownBlock> blocks;        ///< of others; while there are any, nothing is scheduled
    QStringList otherUsers;             ///< login names of those who are logged in and are not us
    std::optional<QDateTime> scheduled; ///< of anybody's making
};

/// Port: restarting the whole system when closing applications is not enough (spec 7), and keeping
/// it from going down while files are replaced.
///
/// Nothing here restarts anything by itself: a restart happens because a person chose schedule(),
/// at the time that was said, and not while somebody else blocks it. It is the system's restart
/// manager that carries it out, also when this process has ended by then.
///
/// Asynchronous: answers come in the object's thread, never before the request has returned, and
/// not at all when \a context is gone by then.
class SystemRestart : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Keeps the system from shutting down and from sleeping until allow(). The death of this
    /// process allows it too. Where that is impossible the installation goes on without.
    virtual void forbid(const QString &why) = 0;
    virtual void allow() = 0;

    virtual void look(QObject *context, std::function<void(Result<RestartOutlook>)> done) = 0;

    enum class OtherUsers {
        Respect,  ///< refuse while others are logged in
        AreAware, ///< a person was shown RestartOutlook::otherUsers and said yes
    };
    /// A restart at \a time, announced to everybody with \a why. Refused, with a sentence that
    /// says why, while others block it, without the right to, or because of \a others. While this
    /// object lives, a block that somebody takes later cancels it → calledOff().
    virtual void schedule(const QDateTime &time, const QString &why, OtherUsers others,
                          QObject *context, std::function<void(Result<>)> done) = 0;

    /// Takes back what schedule() of this object arranged, until it happens; nobody else's.
    virtual void cancelScheduled(QObject *context, std::function<void(Result<>)> done) = 0;

signals:
    void calledOff(const QString &why);
    /// For a log (EventLog): what schedule() arranged, and its end before its time.
    void happened(const Entracte::RestartEvent &event);
};

/// The running system's; every request fails where there is none.
std::unique_ptr<SystemRestart> createSystemRestart();

} // namespace Entracte
