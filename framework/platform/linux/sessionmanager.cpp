// SPDX-License-Identifier: MIT
#include "platform/linux/sessionmanager.h"

#include "platform/linux/process.h"

#include <QDBusPendingCallWatcher>
#include <QSet>

#include <limits>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

/// Xfce's answers when the person has.
constexpr int withoutLimit = std::numeric_limits<int>::max();

QDBusMessage callTo(const QString &service, const QString &path, const QString &interface,
                    const QString &method, const QVariantList &arguments = {})
{
    QDBusMessage message = QDBusMessage::createMethodCall(service, path, interface, method);
    message.setArguments(arguments);
    return message;
}

/// It is not the one that we took it for, or another version of it.
bool isUnknown(const QDBusMessage &reply)
{
    static const QSet<QString> names{
        u"org.freedesktop.DBus.Error.ServiceUnknown"_s,
        u"org.freedesktop.DBus.Error.UnknownObject"_s,
        u"org.freedesktop.DBus.Error.UnknownInterface"_s,
        u"org.freedesktop.DBus.Error.UnknownMethod"_s,
    };
    return names.contains(reply.errorName());
}

} // namespace

SessionManager::Ways SessionManager::allWays()
{
    constexpr uint withQuestion = 0;
    constexpr int yes = 1;
    constexpr int logout = 0;
    constexpr int asUsual = -1;
    return {
        {u"org.gnome.SessionManager"_s,
         callTo(u"org.gnome.SessionManager"_s, u"/org/gnome/SessionManager"_s,
                u"org.gnome.SessionManager"_s, u"Logout"_s, {withQuestion})},
        {u"org.xfce.SessionManager"_s,
         callTo(u"org.xfce.SessionManager"_s, u"/org/xfce/SessionManager"_s,
                u"org.xfce.Session.Manager"_s, u"Logout"_s, {true, true})}, // question, may save
        {u"org.kde.ksmserver"_s, // which has the bus start what asks the question
         callTo(u"org.kde.LogoutPrompt"_s, u"/LogoutPrompt"_s, u"org.kde.LogoutPrompt"_s,
                u"promptLogout"_s)},
        {u"org.kde.ksmserver"_s, // before Plasma 5.18
         callTo(u"org.kde.ksmserver"_s, u"/KSMServer"_s, u"org.kde.KSMServerInterface"_s,
                u"logout"_s, {yes, logout, asUsual})},
    };
}

void SessionManager::look(QObject *context, std::function<void(bool isPossible)> done)
{
    findWays(context, [done = std::move(done)](const Ways &ways) { done(!ways.isEmpty()); });
}

void SessionManager::request(QObject *context, std::function<void(const Result<> &)> done)
{
    findWays(context, [this, context, done = std::move(done)](const Ways &ways) {
        tryFirst(ways, context, done);
    });
}

void SessionManager::findWays(QObject *context, std::function<void(const Ways &)> found)
{
    const QDBusMessage whoIsThere = callTo(u"org.freedesktop.DBus"_s, u"/org/freedesktop/DBus"_s,
                                           u"org.freedesktop.DBus"_s, u"ListNames"_s);
    call(whoIsThere, context, [found = std::move(found)](const QDBusMessage &reply) {
        const QStringList names = reply.arguments().value(0).toStringList();
        Ways ways = allWays();
        ways.removeIf([&](const Way &way) {
            return reply.type() != QDBusMessage::ReplyMessage || !names.contains(way.owned);
        });
        found(ways);
    });
}

void SessionManager::tryFirst(const Ways &ways, QObject *context,
                              std::function<void(const Result<> &)> done)
{
    if (ways.isEmpty())
        return done(Error{ErrorCode::Failed, tr("There is no session manager any more that could "
                                                "be asked to log you out.",
                                                "error message")});
    call(ways.constFirst().call, context,
         [this, others = ways.sliced(1), context, done](const QDBusMessage &reply) {
             if (reply.type() == QDBusMessage::ReplyMessage)
                 return done({});
             if (isUnknown(reply) && !others.isEmpty())
                 return tryFirst(others, context, done);
             done(Error{ErrorCode::Failed, tr("The session manager did not log you out: %1",
                                              "error message; its words")
                                               .arg(plainText(reply.errorMessage()))});
         });
}

void SessionManager::call(const QDBusMessage &message, QObject *context,
                          std::function<void(const QDBusMessage &)> answered)
{
    const QDBusConnection bus = m_bus.connection();
    if (!bus.isConnected()) { // whose calls would not even fail
        const QDBusMessage failure = message.createErrorReply(
            QDBusError::Disconnected,
            tr("The session bus cannot be reached.", "what the system answers"));
        QMetaObject::invokeMethod(
            context, [answered, failure] { answered(failure); }, Qt::QueuedConnection);
        return;
    }
    auto *watcher = new QDBusPendingCallWatcher(bus.asyncCall(message, withoutLimit), context);
    QObject::connect(watcher, &QDBusPendingCallWatcher::finished, context,
                     [answered = std::move(answered)](QDBusPendingCallWatcher *pending) {
                         pending->deleteLater();
                         answered(pending->reply());
                     });
}

std::unique_ptr<LogOut> createLogOut()
{
    return std::make_unique<SessionManager>();
}

} // namespace Entracte
