// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "platform/linux/systemd/unitfacts.h"

#include <QObject>
#include <QStringList>

#include <functional>

#include <sys/types.h>

namespace Entracte {

/// One systemd manager: the system's (BusUnitManager), that of the user we run as (the same), or,
/// for root, that of another user, who alone may speak with it (AgentUnitManager).
///
/// Every request returns at once; its answer comes in the thread of this object, never before the
/// request has returned, and not at all if the context is gone by then. Requests are carried out in
/// their order. A request to stop or to start is answered when the manager has done it. There are
/// no limits here; whoever waits sets them.
class UnitManager : public QObject
{
    Q_OBJECT

public:
    enum class Scope { System, User };

    Scope scope() const { return m_scope; }
    /// Whose it is; root's, if it is the system's.
    uid_t user() const { return m_user; }
    /// Whether it is that of a user we are not: what is said of it is hostile.
    bool isAnothers() const;

    /// False where systemd does not run, or cannot be reached: then every request fails.
    virtual bool isAvailable() = 0;

    /// An error if there is no such unit.
    using Known = std::function<void(Result<UnitFacts>)>;
    virtual void look(const QString &unit, QObject *context, Known done) = 0;

    using Done = std::function<void(Result<>)>;
    virtual void stop(const QString &unit, QObject *context, Done done) = 0;
    virtual void start(const QString &unit, QObject *context, Done done) = 0;
    /// SIGKILL to every process of \a unit.
    virtual void kill(const QString &unit) = 0;

    /// Reads the unit files anew; to be followed by it: hold() and release().
    virtual void reload(QObject *context, Done done) = 0;

    /// Keeps \a units from being started, until release() or the end of whoever holds them
    /// (UnitHold); without the right to, the log says so.
    virtual void hold(const QStringList &units) = 0;
    /// Also what a dead process held.
    virtual void release(const QStringList &units) = 0;

    /// Reads the unit files anew and starts \a units in this order without waiting: each as soon as
    /// it can be, also one that is still stopping. Goes on when this process has ended.
    virtual void putBack(const QStringList &units) = 0;

signals:
    /// Who spoke with the manager has ended or is silent: what was asked for fails, and what was
    /// held is held no more. The next request looks for another. \a why: a sentence.
    void lost(const QString &why);

protected:
    UnitManager(Scope scope, uid_t user, QObject *parent);

    /// Lets \a done say later that the manager cannot be reached.
    template <typename Answer>
    static void fail(QObject *context, std::function<void(Answer)> done)
    {
        QMetaObject::invokeMethod(
            context, [done = std::move(done), error = unreachable()] { done(error); },
            Qt::QueuedConnection);
    }

private:
    static Error unreachable();

    Scope m_scope;
    uid_t m_user;
};

} // namespace Entracte
