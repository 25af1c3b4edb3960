// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/userunit.h"

#include "core/logging.h"
#include "platform/linux/busaddress.h"
#include "platform/linux/detection/fileidentity.h"
#include "platform/linux/process.h"
#include "platform/linux/relaunch/surroundings.h"
#include "platform/linux/relaunch/unitproperties.h"

#include <QDBusMetaType>
#include <QDBusObjectPath>
#include <QDBusPendingCallWatcher>
#include <QFile>
#include <QSet>
#include <QUuid>

#include <algorithm>
#include <limits>

#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace Entracte {

namespace {

/// The manager has a limit of its own for each start, 90 seconds; a program that is executed needs
/// none of that.
constexpr auto startLimit = 20s;
constexpr int withoutLimit = std::numeric_limits<int>::max(); // the limit is ours, on our clock

const QString &service()
{
    static const QString name = u"org.freedesktop.systemd1"_s;
    return name;
}

QDBusMessage callTo(const QString &peer, const QString &path, const QString &interface,
                    const QString &method, const QVariantList &arguments)
{
    QDBusMessage message = QDBusMessage::createMethodCall(peer, path, interface, method);
    message.setArguments(arguments);
    message.setAutoStartService(false);
    return message;
}

QDBusMessage managerCall(const QString &method, const QVariantList &arguments = {})
{
    return callTo(service(), u"/org/freedesktop/systemd1"_s, u"org.freedesktop.systemd1.Manager"_s,
                  method, arguments);
}

QDBusMessage propertyCall(const QString &path, const QString &interface, const QString &name)
{
    return callTo(service(), path, u"org.freedesktop.DBus.Properties"_s, u"Get"_s,
                  {interface, name});
}

QVariant propertyIn(const QDBusMessage &reply)
{
    return reply.arguments().value(0).value<QDBusVariant>().variant();
}

bool isError(const QDBusMessage &reply)
{
    return reply.type() == QDBusMessage::ErrorMessage;
}

/// After these it is not known whether the manager has begun.
bool isLost(const QDBusMessage &reply)
{
    static const QSet<QString> names{
        u"org.freedesktop.DBus.Error.NoReply"_s,
        u"org.freedesktop.DBus.Error.Timeout"_s,
        u"org.freedesktop.DBus.Error.TimedOut"_s,
        u"org.freedesktop.DBus.Error.Disconnected"_s,
    };
    return names.contains(reply.errorName());
}

QSet<QByteArray> groupsOf(pid_t pid)
{
    const QList<QByteArray> groups = statusField(pid, "Groups").split(' ');
    QSet<QByteArray> set(groups.cbegin(), groups.cend());
    set.remove({});
    return set;
}

/// Whether what process \a manager starts has the rights, and is where, \a record tells.
bool startsAsIn(pid_t manager, const LaunchRecord &record)
{
    QSet<QByteArray> recorded;
    for (const gid_t group : record.traits().groups)
        recorded.insert(QByteArray::number(group));
    const QByteArray gid = QByteArray::number(record.traits().gid);
    // The group of its own may be told among the others, or not.
    return areSameSurroundings(surroundingsOf(manager), record.traits().surroundings)
        && statusField(manager, "Gid").split('\t').value(0) == gid
        && recorded + QSet{gid} == groupsOf(manager) + QSet{gid};
}

} // namespace

void startAsUser(const LaunchRecord &record, const QString &application, Clock &clock,
                 QObject *context, std::function<void(Result<UniqueProcess>)> done)
{
    const auto executed = [record, application, &clock, context,
                           done](const Result<UniqueProcess> &started) {
        if (!started)
            return done(started);
        UserUnit::adopt(*started, record, application, clock, context,
                        [started, done](const UserUnit::Outcome &) { done(started); });
    };
    UserUnit::start(record, application, clock, context,
                    [record, context, executed, done](const UserUnit::Outcome &outcome) {
                        if (outcome)
                            done(*outcome);
                        else
                            record.start(context, executed);
                    });
}

UserUnit::UserUnit(const LaunchRecord &record, const QString &unit, QObject *context, Done done)
    : QObject(context)
    , m_record(record)
    , m_unit(unit)
    , m_done(std::move(done))
{
}

UserUnit::~UserUnit()
{
    // First: Qt closes the connection later, in a thread of its own, and looks then at whom it
    // told.
    if (m_bus)
        m_bus->disconnect(service(), u"/org/freedesktop/systemd1"_s,
                          u"org.freedesktop.systemd1.Manager"_s, u"JobRemoved"_s, this,
                          SLOT(jobRemoved(uint, QDBusObjectPath, QString, QString)));
    m_bus.reset();
    if (!m_connectionName.isEmpty())
        QDBusConnection::disconnectFromBus(m_connectionName);
}

void UserUnit::start(const LaunchRecord &record, const QString &application, Clock &clock,
                     QObject *context, Done done)
{
    auto *unit = new UserUnit(record, unitNameFor(record, application), context, std::move(done));
    // What cannot be done is told better, or done otherwise, by who tries it without a manager.
    // Asks no file server: a dead one would hang us.
    if (record.traits().uid != ::geteuid() || !rememberedIdentity(record.program().constData())
        || !rememberedIdentity(record.workingDirectory().constData()))
        return unit->settle(std::nullopt);
    unit->connectToManager(clock);
}

void UserUnit::adopt(const UniqueProcess &process, const LaunchRecord &record,
                     const QString &application, Clock &clock, QObject *context, Done done)
{
    auto *unit = new UserUnit(record, scopeNameFor(record, application), context, std::move(done));
    unit->m_adopted = process;
    unit->connectToManager(clock);
}

void UserUnit::connectToManager(Clock &clock)
{
    const QString address = userManagerBusAddress();
    if (address.isEmpty())
        return settle(std::nullopt);
    registerTransientUnitTypes();
    qDBusRegisterMetaType<QDBusObjectPath>(); // else the connection to the slot below fails
    m_connectionName = u"entracte-"_s + QUuid::createUuid().toString(QUuid::WithoutBraces);
    m_bus = QDBusConnection::connectToBus(address, m_connectionName);
    if (!m_bus->isConnected()
        || !m_bus->connect(service(), u"/org/freedesktop/systemd1"_s,
                           u"org.freedesktop.systemd1.Manager"_s, u"JobRemoved"_s, this,
                           SLOT(jobRemoved(uint, QDBusObjectPath, QString, QString))))
        return settle(std::nullopt);
    clock.callAfter(startLimit, this, [this] {
        if (!m_isAsked)
            return settle(std::nullopt);
        settle(Error{ErrorCode::Failed,
                     tr("“%1” did not start within the time allowed.", "error message")
                         .arg(QFile::decodeName(m_record.program()))});
    });
    call(callTo(u"org.freedesktop.DBus"_s, u"/org/freedesktop/DBus"_s, u"org.freedesktop.DBus"_s,
                u"GetConnectionUnixProcessID"_s, {service()}),
         &UserUnit::managerFound);
}

void UserUnit::call(const QDBusMessage &message, Answered answered)
{
    auto *watcher = new QDBusPendingCallWatcher(m_bus->asyncCall(message, withoutLimit), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher, answered] {
        watcher->deleteLater();
        if (m_done)
            (this->*answered)(watcher->reply());
    });
}

void UserUnit::managerFound(const QDBusMessage &reply)
{
    const auto manager = pid_t(reply.arguments().value(0).toUInt());
    const bool isAdoption = m_adopted.pid > 0;
    if (isError(reply) || (!isAdoption && !startsAsIn(manager, m_record)))
        return settle(std::nullopt);
    m_bus->send(managerCall(u"Subscribe"_s));
    if (isAdoption)
        return startUnit(scopeProperties(m_record, m_adopted));
    call(propertyCall(u"/org/freedesktop/systemd1"_s, u"org.freedesktop.systemd1.Manager"_s,
                      u"Environment"_s),
         &UserUnit::environmentKnown);
}

void UserUnit::environmentKnown(const QDBusMessage &reply)
{
    const auto properties = unitProperties(m_record, propertyIn(reply).toStringList());
    if (isError(reply) || !properties)
        return settle(std::nullopt);
    startUnit(*properties);
}

void UserUnit::startUnit(const QList<UnitProperty> &properties)
{
    m_isAsked = true;
    call(managerCall(u"StartTransientUnit"_s, {m_unit, u"fail"_s, QVariant::fromValue(properties),
                                               QVariant::fromValue(QList<AuxiliaryUnit>())}),
         &UserUnit::queued);
}

void UserUnit::queued(const QDBusMessage &reply)
{
    if (reply.errorName() == u"org.freedesktop.systemd1.UnitExists"_s)
        return askForUnit(); // somebody who died then had started it
    if (isError(reply) && isLost(reply))
        return fail(reply.errorMessage());
    if (isError(reply)) {
        qCInfo(lcRestart).noquote() << "not as a unit:" << reply.errorMessage();
        return settle(std::nullopt);
    }
    m_job = reply.arguments().value(0).value<QDBusObjectPath>().path();
    if (m_earlyResults.contains(m_job))
        jobEnded(m_earlyResults.value(m_job));
}

void UserUnit::jobRemoved(uint, const QDBusObjectPath &job, const QString &, const QString &result)
{
    if (!m_done)
        return;
    if (m_job.isEmpty())
        m_earlyResults.insert(job.path(), result);
    else if (job.path() == m_job)
        jobEnded(result);
}

void UserUnit::jobEnded(const QString &result)
{
    if (result != u"done"_s)
        return fail(result);
    if (m_adopted.pid > 0)
        return settle(m_adopted);
    askForUnit();
}

void UserUnit::askForUnit()
{
    call(managerCall(u"GetUnit"_s, {m_unit}), &UserUnit::unitFound);
}

void UserUnit::unitFound(const QDBusMessage &reply)
{
    if (isError(reply))
        return settleWith(0);
    call(propertyCall(reply.arguments().value(0).value<QDBusObjectPath>().path(),
                      u"org.freedesktop.systemd1.Service"_s, u"MainPID"_s),
         &UserUnit::mainProcessKnown);
}

void UserUnit::mainProcessKnown(const QDBusMessage &reply)
{
    const auto pid = pid_t(propertyIn(reply).toUInt());
    if (pid > 0)
        return settleWith(pid);
    // It has left what it started to itself.
    call(managerCall(u"GetUnitProcesses"_s, {m_unit}), &UserUnit::processesKnown);
}

void UserUnit::processesKnown(const QDBusMessage &reply)
{
    UniqueProcess eldest;
    if (!isError(reply)) {
        const auto processes = reply.arguments().value(0).value<QDBusArgument>();
        processes.beginArray();
        while (!processes.atEnd()) {
            QString controlGroup;
            uint pid = 0;
            QString command;
            processes.beginStructure();
            processes >> controlGroup >> pid >> command;
            processes.endStructure();
            const UniqueProcess process = uniqueProcess(pid);
            if (eldest.pid == 0 || process.startTime < eldest.startTime)
                eldest = process;
        }
        processes.endArray();
    }
    settleWith(pid_t(eldest.pid));
}

void UserUnit::settleWith(pid_t pid)
{
    const UniqueProcess process = uniqueProcess(pid);
    // The number may be another one's by now.
    if (pid > 0 && process.startTime != 0 && controlGroupOf(pid).contains(m_unit.toUtf8()))
        return settle(process);
    settle(Error{ErrorCode::Failed,
                 tr("It ended right after it was opened again.", "state of an application")});
}

void UserUnit::fail(const QString &systemSays)
{
    settle(Error{ErrorCode::Failed,
                 tr("“%1” could not be started again: the system says “%2”.", "error message")
                     .arg(QFile::decodeName(m_record.program()), plainText(systemSays))});
}

void UserUnit::settle(const Outcome &outcome)
{
    if (const Done done = std::exchange(m_done, nullptr)) {
        deleteLater();
        done(outcome);
    }
}

} // namespace Entracte

#include "moc_userunit.cpp"
