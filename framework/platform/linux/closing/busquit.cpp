// SPDX-License-Identifier: MIT
#include "platform/linux/closing/busquit.h"

#include "platform/linux/closing/sessionbus.h"

#include <QDBusArgument>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

// The limits are ours, on our clock: the bus's own would end the wait for a person.
constexpr int withoutLimit = std::numeric_limits<int>::max();

QDBusMessage toBus(const QString &method, const QVariantList &arguments = {})
{
    QDBusMessage message = QDBusMessage::createMethodCall(
        u"org.freedesktop.DBus"_s, u"/org/freedesktop/DBus"_s, u"org.freedesktop.DBus"_s, method);
    message.setArguments(arguments);
    return message;
}

QDBusMessage toPeer(const QString &connection, const QString &path, const QString &interface,
                    const QString &method, const QVariantList &arguments = {})
{
    QDBusMessage message = QDBusMessage::createMethodCall(connection, path, interface, method);
    message.setArguments(arguments);
    message.setAutoStartService(false);
    return message;
}

/// Where GApplication exports its actions: org.gnome.gedit → /org/gnome/gedit.
QString gtkPathOf(QString name)
{
    return u'/' + name.replace(u'.', u'/').replace(u'-', u'_');
}

bool isWellFormedPath(const QString &path)
{
    const auto isAllowed = [](QChar letter) {
        return letter.unicode() < 128
            && (letter.isLetterOrNumber() || letter == u'_' || letter == u'/');
    };
    return path.startsWith(u'/') && (path.size() == 1 || !path.endsWith(u'/'))
        && !path.contains(u"//"_s) && std::all_of(path.cbegin(), path.cend(), isAllowed);
}

bool isReply(const QDBusMessage &message)
{
    return message.type() == QDBusMessage::ReplyMessage;
}

bool knowsNoSuchThing(const QDBusMessage &reply)
{
    return reply.type() == QDBusMessage::ErrorMessage
        && reply.errorName().startsWith(u"org.freedesktop.DBus.Error.Unknown"_s);
}

} // namespace

BusQuit::BusQuit(SessionBus &bus, Clock &clock, QObject *parent)
    : QObject(parent)
    , m_bus(bus)
    , m_clock(clock)
{
}

void BusQuit::call(const QDBusMessage &message, const Then &then)
{
    auto *watcher =
        new QDBusPendingCallWatcher(m_bus.connection().asyncCall(message, withoutLimit), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [watcher, then] {
        watcher->deleteLater();
        then(watcher->reply());
    });
}

void BusQuit::ask(const QSet<pid_t> &pids, const QList<X11Window> &windows)
{
    if (!m_bus.connection().isConnected()) {
        QMetaObject::invokeMethod(
            this, [this] { settle(false); }, Qt::QueuedConnection);
        return;
    }
    m_clock.callAfter(searchLimit, this, [this] { settle(false); });

    for (const X11Window &window : windows) {
        const bool isKnown = std::any_of(m_peers.cbegin(), m_peers.cend(), [&](const Peer &peer) {
            return peer.connection == window.busName;
        });
        if (!isKnown && window.busName.startsWith(u':'))
            m_peers.append({window.busName, {}, window.objectPath});
    }
    m_openSearches = 1;
    for (const Peer &peer : std::as_const(m_peers)) {
        ++m_openSearches;
        nameFound({}, peer.connection, pids);
    }
    call(toBus(u"ListNames"_s), [this, pids](const QDBusMessage &names) {
        const QStringList all = names.arguments().value(0).toStringList();
        for (const QString &name : all) {
            if (name.startsWith(u':') || name == u"org.freedesktop.DBus"_s)
                continue;
            ++m_openSearches;
            call(toBus(u"GetNameOwner"_s, {name}), [this, name, pids](const QDBusMessage &owner) {
                nameFound(name, owner.arguments().value(0).toString(), pids);
            });
        }
        searchStepDone();
    });
}

// A connection's number is never given to another one, a name may be: so it is the connection
// whose process is asked for, and the connection that is written to.
void BusQuit::nameFound(const QString &name, const QString &connection, const QSet<pid_t> &pids)
{
    if (!connection.startsWith(u':'))
        return searchStepDone();
    call(toBus(u"GetConnectionUnixProcessID"_s, {connection}),
         [this, name, connection, pids](const QDBusMessage &reply) {
             const bool isOurs =
                 isReply(reply) && pids.contains(pid_t(reply.arguments().value(0).toUInt()));
             const auto known = std::find_if(m_peers.begin(), m_peers.end(), [&](const Peer &peer) {
                 return peer.connection == connection;
             });
             if (!isOurs && known != m_peers.end())
                 m_peers.erase(known); // the window said so, the bus knows better
             else if (isOurs && known == m_peers.end())
                 m_peers.append({connection, {name}, {}});
             else if (isOurs && !name.isEmpty())
                 known->names.append(name);
             searchStepDone();
         });
}

void BusQuit::searchStepDone()
{
    if (--m_openSearches > 0)
        return;
    QList<Offer> kde;
    QList<Offer> players;
    for (const Peer &peer : std::as_const(m_peers)) {
        QStringList paths;
        if (!peer.gtkPath.isEmpty())
            paths.append(peer.gtkPath);
        for (const QString &name : peer.names) {
            if (name.startsWith(u"org.mpris.MediaPlayer2."_s))
                players.append(
                    {Offer::Kind::Player, peer.connection, u"/org/mpris/MediaPlayer2"_s});
            else if (name.startsWith(u"org.kde."_s))
                kde.append({Offer::Kind::Kde, peer.connection, u"/MainApplication"_s});
            else
                paths.append(gtkPathOf(name));
        }
        paths.removeDuplicates();
        for (const QString &path : std::as_const(paths))
            if (isWellFormedPath(path))
                m_offers.append({Offer::Kind::Gtk, peer.connection, path});
    }
    m_offers += kde + players;
    tryNextOffer();
}

void BusQuit::tryNextOffer()
{
    if (m_isSettled)
        return;
    if (m_offers.isEmpty())
        return settle(false);
    const Offer offer = m_offers.takeFirst();
    switch (offer.kind) {
    case Offer::Kind::Gtk:
        return call(toPeer(offer.connection, offer.path, u"org.gtk.Actions"_s, u"List"_s),
                    [this, offer](const QDBusMessage &list) {
                        const QStringList actions = list.arguments().value(0).toStringList();
                        actions.contains(u"quit"_s) ? request(offer) : tryNextOffer();
                    });
    case Offer::Kind::Kde:
        return request(offer);
    case Offer::Kind::Player:
        return call(toPeer(offer.connection, offer.path, u"org.freedesktop.DBus.Properties"_s,
                           u"Get"_s, {u"org.mpris.MediaPlayer2"_s, u"CanQuit"_s}),
                    [this, offer](const QDBusMessage &reply) {
                        const QVariant canQuit =
                            reply.arguments().value(0).value<QDBusVariant>().variant();
                        canQuit.toBool() ? request(offer) : tryNextOffer();
                    });
    }
}

void BusQuit::request(const Offer &offer)
{
    if (m_isSettled)
        return; // found too late: the next way is being tried already
    QDBusMessage message;
    switch (offer.kind) {
    case Offer::Kind::Gtk:
        message = toPeer(offer.connection, offer.path, u"org.gtk.Actions"_s, u"Activate"_s,
                         {u"quit"_s, QVariant(QVariantList()), QVariant(QVariantMap())});
        break;
    case Offer::Kind::Kde:
        message = toPeer(offer.connection, offer.path, u"org.qtproject.Qt.QApplication"_s,
                         u"closeAllWindows"_s);
        break;
    case Offer::Kind::Player:
        message = toPeer(offer.connection, offer.path, u"org.mpris.MediaPlayer2"_s, u"Quit"_s);
        break;
    }
    m_isPending = true;
    call(message, [this](const QDBusMessage &reply) {
        m_isPending = false;
        updateQuestion();
        if (knowsNoSuchThing(reply))
            emit unavailable();
    });
    // A stopped program does not reply either, but asks nothing.
    call(toPeer(offer.connection, offer.path, u"org.freedesktop.DBus.Peer"_s, u"Ping"_s),
         [this](const QDBusMessage &reply) {
             m_isAlive = isReply(reply);
             updateQuestion();
         });
    m_clock.callAfter(questionDelay, this, [this] {
        m_isLate = true;
        updateQuestion();
    });
    settle(true);
}

void BusQuit::updateQuestion()
{
    const bool hasQuestion = m_isPending && m_isAlive && m_isLate;
    if (std::exchange(m_hasQuestion, hasQuestion) != hasQuestion)
        emit questionChanged();
}

void BusQuit::settle(bool isAsked)
{
    if (std::exchange(m_isSettled, true))
        return;
    if (isAsked)
        emit asked();
    else
        emit unavailable();
}

} // namespace Entracte

#include "moc_busquit.cpp"
