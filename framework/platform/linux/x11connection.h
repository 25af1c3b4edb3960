// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QHash>
#include <QList>

#include <cstdlib>
#include <cstring>
#include <memory>

#include <sys/types.h>
#include <xcb/xcb.h>

namespace Entracte {

/// An answer of xcb, freed when it goes.
template <typename T>
std::unique_ptr<T, void (*)(void *)> owned(T *reply)
{
    return {reply, std::free};
}

/// A connection to the display server named by $DISPLAY, apart from Qt's (which may be Wayland or
/// offscreen), and what every reader of windows needs. Where there is no server it is not open, and
/// nothing else may be called. For one thread.
class X11Connection
{
public:
    X11Connection();
    ~X11Connection();
    Q_DISABLE_COPY_MOVE(X11Connection)

    bool isOpen() const { return m_connection; }
    xcb_connection_t *get() const { return m_connection; }
    xcb_window_t root() const { return m_root; }

    xcb_atom_t atom(const char *name) const;

    /// Asks for a property; bytes() or values() collects the answer. Ask for everything first: then
    /// it is one way to the server and back.
    xcb_get_property_cookie_t request(xcb_window_t window, const char *name) const;
    QByteArray bytes(xcb_get_property_cookie_t request) const;
    template <typename T>
    QList<T> values(xcb_get_property_cookie_t request) const
    {
        return valuesIn<T>(bytes(request));
    }
    template <typename T>
    QList<T> values(xcb_window_t window, const char *name) const
    {
        return values<T>(request(window, name));
    }

    /// What the window manager manages; without one, the visible children of the root.
    QList<xcb_window_t> topLevelWindows() const;

    /// Takes down who is connected now, for ownerOf() and clients().
    void lookAtClients();
    /// The process whose window it is: by the server (X-Resource), which knows it from the socket;
    /// else by what the window says of itself, if it says that it is of this machine; else 0.
    pid_t ownerOf(xcb_window_t window) const;
    /// The processes that are connected, without this one.
    QList<pid_t> clients() const { return m_owners.values(); }

    /// The display server; 0 if it is on another machine.
    pid_t server() const;
    /// The window manager; 0 without one.
    pid_t manager() const;

    template <typename T>
    static QList<T> valuesIn(const QByteArray &answer)
    {
        QList<T> list(answer.size() / qsizetype(sizeof(T)));
        if (!list.isEmpty())
            std::memcpy(list.data(), answer.constData(), size_t(list.size()) * sizeof(T));
        return list;
    }

private:
    xcb_connection_t *m_connection = nullptr;
    xcb_window_t m_root = XCB_NONE;
    quint32 m_mask = 0; ///< the bits of a number that are the client's own
    mutable QHash<QByteArray, xcb_atom_t> m_atoms;
    QHash<quint32, pid_t> m_owners; ///< beginning of a client's range of numbers → process
};

} // namespace Entracte
