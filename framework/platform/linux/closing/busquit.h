// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/x11display.h"

#include <QDBusMessage>
#include <QObject>
#include <QSet>
#include <QStringList>

#include <functional>

namespace Entracte {

class SessionBus;

/// Asks one application to quit over the session bus (linux-mechanisms 3.2), in the first way that
/// it offers:
///
///     GTK    the action "quit", if org.gtk.Actions lists it
///     KDE    closeAllWindows, as if each were closed by hand; never quit, which asks nobody
///     MPRIS  Quit, if the player says CanQuit
///
/// Everything is sent to the connection of a process that was named, never to a name that the bus
/// could start a program for. Nothing here blocks. A reply that stays away for a second while the
/// program lives is an open question: it is the only sign of one where windows cannot be listed.
class BusQuit : public QObject
{
    Q_OBJECT

public:
    /// To find out what is offered is answered at once, or the program does not answer at all.
    static constexpr std::chrono::seconds searchLimit{5};
    static constexpr std::chrono::seconds questionDelay{1};

    BusQuit(SessionBus &bus, Clock &clock, QObject *parent = nullptr);

    /// Looks for a way to ask \a pids → asked() or unavailable(). Once. \a windows: those of
    /// \a pids, which may tell a connection and a path. unavailable() may follow asked(), when the
    /// program did not know what it was asked for.
    void ask(const QSet<pid_t> &pids, const QList<X11Window> &windows);

    bool hasQuestion() const { return m_hasQuestion; }

signals:
    void asked();
    void unavailable();
    /// hasQuestion() differs.
    void questionChanged();

private:
    /// One connection of the application.
    struct Peer
    {
        QString connection; ///< ":1.23"
        QStringList names;
        QString gtkPath; ///< empty: follows from the name
    };
    struct Offer
    {
        enum class Kind { Gtk, Kde, Player };
        Kind kind = Kind::Gtk;
        QString connection;
        QString path;
    };
    using Then = std::function<void(const QDBusMessage &)>;

    void nameFound(const QString &name, const QString &connection, const QSet<pid_t> &pids);
    void searchStepDone();
    void tryNextOffer();
    void request(const Offer &offer);
    void updateQuestion();
    void settle(bool isAsked);
    void call(const QDBusMessage &message, const Then &then);

    SessionBus &m_bus;
    Clock &m_clock;
    QList<Peer> m_peers;
    QList<Offer> m_offers;
    int m_openSearches = 0;
    bool m_isSettled = false;
    bool m_isPending = false; ///< the request has no reply yet
    bool m_isAlive = false;   ///< the program has answered since
    bool m_isLate = false;    ///< the delay has passed since
    bool m_hasQuestion = false;
};

} // namespace Entracte
