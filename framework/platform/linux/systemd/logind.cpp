// SPDX-License-Identifier: MIT
#include "platform/linux/systemd/logind.h"

#include "core/logging.h"
#include "platform/linux/busaddress.h"
#include "platform/linux/process.h"
#include "platform/linux/systemd/logindreplies.h"

#include <QDBusArgument>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusUnixFileDescriptor>
#include <QDBusVariant>
#include <QLocale>
#include <QPointer>
#include <QUuid>

#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

static const QString service = u"org.freedesktop.login1"_s;
static const QString managerPath = u"/org/freedesktop/login1"_s;
static const QString managerInterface = u"org.freedesktop.login1.Manager"_s;
static const QString propertiesInterface = u"org.freedesktop.DBus.Properties"_s;

static QDBusMessage managerCall(const QString &method, const QVariantList &arguments = {})
{
    QDBusMessage message =
        QDBusMessage::createMethodCall(service, managerPath, managerInterface, method);
    message.setArguments(arguments);
    return message;
}

static bool isError(const QDBusMessage &reply)
{
    return reply.type() == QDBusMessage::ErrorMessage;
}

static Error errorOf(const QDBusMessage &reply, const QString &sentence)
{
    const bool isDenied = reply.errorName().contains(u"AccessDenied"_s)
                       || reply.errorName().contains(u"AuthorizationRequired"_s);
    return {isDenied ? ErrorCode::PermissionDenied : ErrorCode::Failed,
            sentence.arg(plainText(reply.errorMessage()))};
}

static QList<ShutdownBlock> blocksOfOthersIn(const QDBusMessage &reply)
{
    QList<ShutdownBlock> blocks = shutdownBlocksIn(reply);
    blocks.removeIf([](const ShutdownBlock &block) { return block.pid == getpid(); });
    return blocks;
}

static QStringList otherUsersIn(const QDBusMessage &reply)
{
    QStringList users;
    for (const LogonSession &session : logonSessionsIn(reply)) {
        // An installer that root runs was most likely started by the person at pkexec or sudo.
        const QByteArray number = QByteArray::number(session.uid);
        if (session.uid != qint64(getuid()) && number != qgetenv("PKEXEC_UID")
            && number != qgetenv("SUDO_UID"))
            users.append(session.user);
    }
    users.removeDuplicates();
    return users;
}

static std::optional<QDateTime> scheduledIn(const QDBusMessage &reply)
{
    const auto variant = reply.arguments().constFirst().value<QDBusVariant>().variant();
    const auto argument = variant.value<QDBusArgument>();
    if (argument.currentType() != QDBusArgument::StructureType)
        return std::nullopt;
    QString what;
    quint64 time = 0;
    argument.beginStructure();
    argument >> what >> time;
    argument.endStructure();
    if (what.isEmpty())
        return std::nullopt;
    return QDateTime::fromMSecsSinceEpoch(qint64(time / 1000));
}

static QDBusMessage askForSchedule()
{
    QDBusMessage message =
        QDBusMessage::createMethodCall(service, managerPath, propertiesInterface, u"Get"_s);
    message.setArguments({managerInterface, u"ScheduledShutdown"_s});
    return message;
}

Logind::Logind()
    : m_connectionName(u"entracte-logind-"_s + QUuid::createUuid().toString(QUuid::Id128))
{
}

Logind::~Logind()
{
    // First: Qt closes the connection later, in a thread of its own, and looks then at whom it
    // told.
    if (m_bus)
        m_bus->disconnect(service, managerPath, propertiesInterface, u"PropertiesChanged"_s, this,
                          SLOT(propertiesChanged(QString, QVariantMap, QStringList)));
    m_bus.reset();
    QDBusConnection::disconnectFromBus(m_connectionName);
}

bool Logind::isAvailable()
{
    if (m_bus)
        return m_bus->isConnected();
    const QString address = systemBusAddress();
    if (address.isEmpty())
        return false;
    QDBusConnection bus = QDBusConnection::connectToBus(address, m_connectionName);
    if (!bus.isConnected())
        return false;
    bus.connect(service, managerPath, propertiesInterface, u"PropertiesChanged"_s, this,
                SLOT(propertiesChanged(QString, QVariantMap, QStringList)));
    m_bus = bus;
    return true;
}

void Logind::call(const QDBusMessage &message, QObject *context, Answered answered)
{
    if (!isAvailable()) {
        const QDBusMessage failure = QDBusMessage::createError(
            QDBusError::Disconnected, tr("the system bus cannot be reached", "part of a sentence"));
        QMetaObject::invokeMethod(
            context, [answered, failure] { answered(failure); }, Qt::QueuedConnection);
        return;
    }
    auto *watcher = new QDBusPendingCallWatcher(m_bus->asyncCall(message), context);
    connect(watcher, &QDBusPendingCallWatcher::finished, context,
            [answered = std::move(answered)](QDBusPendingCallWatcher *pending) {
                pending->deleteLater();
                answered(pending->reply());
            });
}

void Logind::forbid(const QString &why)
{
    if (std::exchange(m_isForbidding, true))
        return;
    const int number = ++m_lockNumber;
    call(managerCall(u"Inhibit"_s,
                     {u"shutdown:sleep"_s, QCoreApplication::applicationName(), why, u"block"_s}),
         this, [this, number](const QDBusMessage &reply) {
             if (isError(reply)) {
                 qCInfo(lcRestart).noquote()
                     << "the system may go down meanwhile:" << reply.errorMessage();
                 return;
             }
             if (number != m_lockNumber || !m_isForbidding)
                 return; // the descriptor in the reply closes with it
             const auto lock = reply.arguments().constFirst().value<QDBusUnixFileDescriptor>();
             m_lock = Descriptor(fcntl(lock.fileDescriptor(), F_DUPFD_CLOEXEC, 3));
         });
}

void Logind::allow()
{
    m_isForbidding = false;
    m_lock = Descriptor();
}

void Logind::look(QObject *context, std::function<void(Result<RestartOutlook>)> done)
{
    struct Look
    {
        RestartOutlook outlook;
        std::optional<Error> error;
        int unanswered = 4;
    };
    auto taken = std::make_shared<Look>();
    const auto ask = [&](const QDBusMessage &message, auto take) {
        call(message, context, [taken, take, done](const QDBusMessage &reply) {
            if (isError(reply))
                taken->error = errorOf(reply, tr("The system cannot say whether it may be "
                                                 "restarted: %1",
                                                 "outcome; %1 is the system's answer"));
            else
                take(taken->outlook, reply);
            if (--taken->unanswered == 0)
                taken->error ? done(*taken->error) : done(taken->outlook);
        });
    };
    ask(managerCall(u"CanReboot"_s), [](RestartOutlook &outlook, const QDBusMessage &reply) {
        const QString answer = reply.arguments().constFirst().toString();
        outlook.permission = answer == u"yes"_s ? RestartOutlook::Permission::Granted
                           : answer == u"challenge"_s
                               ? RestartOutlook::Permission::AfterAuthorization
                               : RestartOutlook::Permission::Denied;
    });
    ask(managerCall(u"ListInhibitors"_s), [](RestartOutlook &outlook, const QDBusMessage &reply) {
        outlook.blocks = blocksOfOthersIn(reply);
    });
    ask(managerCall(u"ListSessions"_s), [](RestartOutlook &outlook, const QDBusMessage &reply) {
        outlook.otherUsers = otherUsersIn(reply);
    });
    ask(askForSchedule(), [](RestartOutlook &outlook, const QDBusMessage &reply) {
        outlook.scheduled = scheduledIn(reply);
    });
}

void Logind::schedule(const QDateTime &time, const QString &why, OtherUsers others,
                      QObject *context, std::function<void(Result<>)> done)
{
    look(context, [this, self = QPointer(this), time, why, others, context,
                   done](const Result<RestartOutlook> &outlook) {
        if (!self)
            return;
        if (!outlook)
            return done(outlook.error());
        if (!outlook->blocks.isEmpty()) {
            const ShutdownBlock &block = outlook->blocks.constFirst();
            return done(Error{ErrorCode::Failed,
                              tr("The system must not be restarted now; %1 asks for that: %2",
                                 "outcome; %1 is a program, %2 its reason")
                                  .arg(block.who, block.why)});
        }
        if (others == OtherUsers::Respect && !outlook->otherUsers.isEmpty())
            return done(Error{ErrorCode::PermissionDenied,
                              tr("The system is not restarted while others are logged in: %1.",
                                 "outcome; %1 is a list of names")
                                  .arg(QLocale().createSeparatedList(outlook->otherUsers))});
        if (outlook->scheduled)
            return done(Error{ErrorCode::Failed,
                              tr("The system will be restarted or shut down already at %1.",
                                 "outcome; %1 is a time")
                                  .arg(QLocale().toString(*outlook->scheduled))});
        arrange(time, why, context, done);
    });
}

void Logind::arrange(const QDateTime &time, const QString &why, QObject *context,
                     std::function<void(Result<>)> done)
{
    // Everybody who is logged in reads it; where we may not say why, the system says only when.
    m_bus->send(managerCall(u"SetWallMessage"_s, {why, true}));
    const qint64 microseconds = time.toMSecsSinceEpoch() * 1000;
    QDBusMessage message = managerCall(u"ScheduleShutdown"_s,
                                       {u"reboot"_s, QVariant::fromValue(quint64(microseconds))});
    message.setInteractiveAuthorizationAllowed(true);
    call(message, this,
         [this, time, why, microseconds, context = QPointer(context),
          done](const QDBusMessage &reply) {
             if (!isError(reply)) {
                 m_scheduled = microseconds;
                 emit happened(restartScheduled(time, why));
             }
             if (!context)
                 return;
             if (isError(reply))
                 return done(errorOf(reply, tr("The restart of the system was refused: %1",
                                               "outcome; %1 is the system's answer")));
             done({});
         });
}

void Logind::cancelScheduled(QObject *context, std::function<void(Result<>)> done)
{
    cancel({}, context, std::move(done));
}

void Logind::cancel(const QString &why, QObject *context, std::function<void(Result<>)> done)
{
    const auto nothing = [context, done] {
        QMetaObject::invokeMethod(
            context, [done] { done({}); }, Qt::QueuedConnection);
    };
    const std::optional<qint64> ours = std::exchange(m_scheduled, std::nullopt);
    if (!ours)
        return nothing();
    call(askForSchedule(), this,
         [this, why, ours, context = QPointer(context), done](const QDBusMessage &reply) {
             const auto scheduled = isError(reply) ? std::nullopt : scheduledIn(reply);
             if (!context)
                 return;
             if (!scheduled || scheduled->toMSecsSinceEpoch() != *ours / 1000)
                 return done({}); // another one's, or nobody's
             call(managerCall(u"CancelScheduledShutdown"_s), context,
                  [done, why, self = QPointer(this)](const QDBusMessage &answer) {
                      if (!isError(answer) && self)
                          emit self->happened(restartCancelled(why));
                      if (isError(answer))
                          return done(errorOf(answer, tr("The restart of the system could not be "
                                                         "cancelled: %1",
                                                         "outcome; %1 is the system's answer")));
                      done({});
                  });
         });
}

void Logind::propertiesChanged(const QString &, const QVariantMap &changed,
                               const QStringList &invalidated)
{
    const bool concernsBlocks =
        changed.contains(u"BlockInhibited"_s) || invalidated.contains(u"BlockInhibited"_s);
    if (!m_scheduled || !concernsBlocks)
        return;
    look(this, [this](const Result<RestartOutlook> &outlook) {
        if (!outlook || outlook->blocks.isEmpty() || !m_scheduled)
            return;
        const ShutdownBlock &block = outlook->blocks.constFirst();
        const QString why = tr("The system is not restarted; %1 asks for that: %2",
                               "outcome; %1 is a program, %2 its reason")
                                .arg(block.who, block.why);
        cancel(why, this, [this, why](const Result<> &cancelled) {
            if (!cancelled)
                qCWarning(lcRestart) << cancelled.error().message;
            emit calledOff(why);
        });
    });
}

std::unique_ptr<SystemRestart> createSystemRestart()
{
    return std::make_unique<Logind>();
}

} // namespace Entracte

#include "moc_logind.cpp"
