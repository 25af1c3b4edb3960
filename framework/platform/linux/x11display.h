// SPDX-License-Identifier: MIT
#pragma once

#include <QList>
#include <QObject>
#include <QSet>
#include <QString>

#include <memory>

#include <sys/types.h>

namespace Entracte {

/// A window that a person can see, and what matters of it here.
struct X11Window
{
    quint32 id = 0;
    pid_t pid = 0;
    QString title;
    QString windowClass;      ///< second part of WM_CLASS, mostly the application's name
    bool isQuestion = false;  ///< modal, of type dialog, or transient for another window
    bool isModal = false;     ///< nothing else of its application can be used meanwhile
    bool canBeClosed = false; ///< understands WM_DELETE_WINDOW
    bool answersPing = false; ///< says that it answers _NET_WM_PING
    QString busName;          ///< of a GTK application: its connection to the session bus
    QString objectPath;       ///< of a GTK application: where its actions are; may be empty
};

/// A connection of our own to the display server named by $DISPLAY, apart from Qt's (which may be
/// Wayland or offscreen). Connects when it is first asked for windows. Without a server it is
/// simply empty: no windows, no signals.
///
/// Whose a window is, is asked of the server (X-Resource), which knows it from the socket; what a
/// window says of itself is only the fallback.
class X11Display : public QObject
{
    Q_OBJECT

public:
    explicit X11Display(QObject *parent = nullptr);
    ~X11Display() override;

    QList<X11Window> windows() const;

    /// Those of \a pids; as root only of those that are root's (contact.h).
    QList<X11Window> windowsOf(const QSet<pid_t> &pids) const;

    /// Asks the window to close, as the button in its frame does. The program decides.
    void requestClose(const X11Window &window);

    /// Asks the program behind the window for a sign of life → answered().
    void ping(const X11Window &window);

    /// Brings the window to the front, as a click in the task bar does.
    void bringToFront(const X11Window &window) const;

signals:
    /// A window came, went or changed; look again.
    void changed();
    /// A ping was answered.
    void answered(quint32 window);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
