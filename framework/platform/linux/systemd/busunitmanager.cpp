// SPDX-License-Identifier: MIT
#include "platform/linux/systemd/busunitmanager.h"

#include "core/logging.h"
#include "platform/linux/busaddress.h"
#include "platform/linux/process.h"

#include <QDBusMessage>
#include <QDBusMetaType>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QFileInfo>
#include <QUuid>

#include <csignal>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

static const QString service = u"org.freedesktop.systemd1"_s;
static const QString managerPath = u"/org/freedesktop/systemd1"_s;
static const QString managerInterface = u"org.freedesktop.systemd1.Manager"_s;

static QString runtimeFolder(UnitManager::Scope scope)
{
    return scope == UnitManager::Scope::System
             ? u"/run/systemd/system"_s
             : qEnvironmentVariable("XDG_RUNTIME_DIR") + u"/systemd/user"_s;
}

static QDBusMessage managerCall(const QString &method, const QVariantList &arguments = {})
{
    QDBusMessage message =
        QDBusMessage::createMethodCall(service, managerPath, managerInterface, method);
    message.setArguments(arguments);
    message.setAutoStartService(false);
    return message;
}

static bool isError(const QDBusMessage &reply)
{
    return reply.type() == QDBusMessage::ErrorMessage;
}

static ErrorCode codeOf(const QDBusMessage &reply)
{
    const bool isDenied =
        reply.errorName() == u"org.freedesktop.DBus.Error.AccessDenied"_s
        || reply.errorName() == u"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"_s;
    return isDenied ? ErrorCode::PermissionDenied : ErrorCode::Failed;
}

BusUnitManager::BusUnitManager(Scope scope, QObject *parent)
    : UnitManager(scope, scope == Scope::System ? 0 : ::geteuid(), parent)
    , m_connectionName(u"entracte-units-"_s + QUuid::createUuid().toString(QUuid::Id128))
    , m_hold(runtimeFolder(scope))
{
}

BusUnitManager::~BusUnitManager()
{
    // It takes messages in turn, and asks the bus who sent them: we must still be there.
    if (m_bus && m_mustArrive)
        (void)m_bus->call(QDBusMessage::createMethodCall(service, managerPath,
                                                         u"org.freedesktop.DBus.Peer"_s, u"Ping"_s),
                          QDBus::Block, 5000);
    // First: Qt closes the connection later, in a thread of its own, and looks then at whom it
    // told.
    if (m_bus)
        m_bus->disconnect(service, managerPath, managerInterface, u"JobRemoved"_s, this,
                          SLOT(jobRemoved(uint, QDBusObjectPath, QString, QString)));
    m_bus.reset();
    QDBusConnection::disconnectFromBus(m_connectionName);
}

bool BusUnitManager::isAvailable()
{
    if (m_bus)
        return m_bus->isConnected();
    if (!QFileInfo(u"/run/systemd/system"_s).isDir())
        return false;

    qDBusRegisterMetaType<QDBusObjectPath>(); // else the connection to the slot below fails
    const QString address = scope() == Scope::System ? systemBusAddress() : userManagerBusAddress();
    if (address.isEmpty())
        return false;
    QDBusConnection connection = QDBusConnection::connectToBus(address, m_connectionName);
    if (!connection.isConnected()
        || !connection.connect(service, managerPath, managerInterface, u"JobRemoved"_s, this,
                               SLOT(jobRemoved(uint, QDBusObjectPath, QString, QString))))
        return false;
    connection.send(managerCall(u"Subscribe"_s));
    m_bus = connection;
    return true;
}

void BusUnitManager::call(const QDBusMessage &message, QObject *context,
                          std::function<void(const QDBusMessage &)> answered)
{
    auto *watcher = new QDBusPendingCallWatcher(m_bus->asyncCall(message), context);
    connect(watcher, &QDBusPendingCallWatcher::finished, context,
            [answered = std::move(answered)](QDBusPendingCallWatcher *call) {
                call->deleteLater();
                answered(call->reply());
            });
}

void BusUnitManager::look(const QString &unit, QObject *context, Known done)
{
    if (!isAvailable())
        return fail(context, std::move(done));
    const auto unknown = [unit](const QDBusMessage &reply) {
        return Error{codeOf(reply), UnitManager::tr("The service %1 is not known: %2",
                                                    "outcome; %2 is the system's answer")
                                        .arg(unit, plainText(reply.errorMessage()))};
    };
    const auto described = [done, unknown, unit](const QDBusMessage &reply) {
        if (isError(reply))
            return done(unknown(reply));
        const auto properties =
            qdbus_cast<QVariantMap>(reply.arguments().constFirst().value<QDBusArgument>());
        if (properties.value(u"LoadState"_s).toString() == u"not-found"_s)
            return done(Error{ErrorCode::Failed,
                              UnitManager::tr("There is no service %1.", "outcome").arg(unit)});
        done(UnitFacts::from(properties));
    };
    call(managerCall(u"LoadUnit"_s, {unit}), context,
         [this, self = QPointer(this), context, done, unknown,
          described](const QDBusMessage &reply) {
             if (!self)
                 return;
             if (isError(reply))
                 return done(unknown(reply));
             const auto path = reply.arguments().constFirst().value<QDBusObjectPath>().path();
             QDBusMessage all = QDBusMessage::createMethodCall(
                 service, path, u"org.freedesktop.DBus.Properties"_s, u"GetAll"_s);
             all.setArguments({QString()}); // of all its interfaces
             call(all, context, described);
         });
}

void BusUnitManager::stop(const QString &unit, QObject *context, Done done)
{
    request(u"StopUnit"_s, {unit, context, std::move(done), false});
}

void BusUnitManager::start(const QString &unit, QObject *context, Done done)
{
    request(u"StartUnit"_s, {unit, context, std::move(done), true});
}

/// A target is started as itself only: what it wants, and somebody had stopped, stays down.
static QVariantList argumentsFor(const QString &unit, bool isStart)
{
    const bool isAlone = isStart && unit.endsWith(u".target"_s);
    return {unit, isAlone ? u"ignore-dependencies"_s : u"replace"_s};
}

void BusUnitManager::request(const QString &method, const Job &job)
{
    if (!isAvailable())
        return fail(job.context, job.done);
    qCInfo(lcRestart).noquote() << method << job.unit;
    ++m_unansweredRequests;
    call(managerCall(method, argumentsFor(job.unit, job.isStart)), this,
         [this, job](const QDBusMessage &reply) {
             const bool isLast = --m_unansweredRequests == 0;
             const QMap<QString, QString> early = m_earlyResults;
             if (isLast)
                 m_earlyResults.clear();
             if (isError(reply)) {
                 if (job.context)
                     job.done(Error{
                         codeOf(reply),
                         (job.isStart ? UnitManager::tr("The service %1 could not be started: %2",
                                                        "outcome; %2 is the system's answer")
                                      : UnitManager::tr("The service %1 could not be stopped: %2",
                                                        "outcome; %2 is the system's answer"))
                             .arg(job.unit, plainText(reply.errorMessage()))});
                 return;
             }
             const auto path = reply.arguments().constFirst().value<QDBusObjectPath>().path();
             if (early.contains(path))
                 return finish(job, early.value(path));
             m_jobs.insert(path, job);
         });
}

void BusUnitManager::jobRemoved(uint, const QDBusObjectPath &job, const QString &,
                                const QString &result)
{
    if (m_jobs.contains(job.path()))
        return finish(m_jobs.take(job.path()), result);
    if (m_unansweredRequests > 0)
        m_earlyResults.insert(job.path(), result);
}

void BusUnitManager::finish(const Job &job, const QString &result)
{
    qCInfo(lcRestart).noquote() << job.unit << (job.isStart ? "start:" : "stop:") << result;
    if (!job.context)
        return;
    if (result == u"done"_s)
        return job.done({});
    job.done(Error{
        ErrorCode::Failed,
        (job.isStart ? UnitManager::tr("The service %1 could not be started: the system says “%2”.",
                                       "outcome; %2 is one word of systemd")
                     : UnitManager::tr("The service %1 could not be stopped: the system says “%2”.",
                                       "outcome; %2 is one word of systemd"))
            .arg(job.unit, plainText(result))});
}

void BusUnitManager::kill(const QString &unit)
{
    if (!isAvailable())
        return;
    qCInfo(lcRestart).noquote() << "SIGKILL to" << unit;
    m_bus->send(managerCall(u"KillUnit"_s, {unit, u"all"_s, int(SIGKILL)}));
}

void BusUnitManager::reload(QObject *context, Done done)
{
    if (!isAvailable())
        return fail(context, std::move(done));
    call(managerCall(u"Reload"_s), context, [done](const QDBusMessage &reply) {
        if (isError(reply))
            return done(
                Error{codeOf(reply),
                      UnitManager::tr("The manager of services did not read its files anew: %1",
                                      "outcome; %1 is the system's answer")
                          .arg(plainText(reply.errorMessage()))});
        done({});
    });
}

void BusUnitManager::hold(const QStringList &units)
{
    for (const QString &unit : units)
        if (const Result<> held = m_hold.add(unit); !held)
            qCWarning(lcRestart) << held.error().message;
}

void BusUnitManager::release(const QStringList &units)
{
    for (const QString &unit : units)
        m_hold.remove(unit);
}

// The manager takes the messages of one connection in turn, and reloads between two.
void BusUnitManager::putBack(const QStringList &units)
{
    if (!isAvailable())
        return;
    m_mustArrive = true;
    m_bus->send(managerCall(u"Reload"_s));
    for (const QString &unit : units)
        m_bus->send(managerCall(u"StartUnit"_s, argumentsFor(unit, true)));
}

} // namespace Entracte

#include "moc_busunitmanager.cpp"
