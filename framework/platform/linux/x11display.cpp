// SPDX-License-Identifier: MIT
#include "platform/linux/x11display.h"

#include "platform/linux/process.h"

#include <QHash>
#include <QSocketNotifier>
#include <QTimer>

#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <xcb/res.h>
#include <xcb/xcb.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

template <typename T>
using Reply = std::unique_ptr<T, void (*)(void *)>;

template <typename T>
Reply<T> owned(T *reply)
{
    return Reply<T>(reply, std::free);
}

} // namespace

struct X11Display::Private
{
    xcb_connection_t *connection = nullptr;
    xcb_window_t root = XCB_NONE;
    bool hasResourceExtension = false;
    mutable QHash<QByteArray, xcb_atom_t> atoms;
    std::unique_ptr<QSocketNotifier> notifier;
    QTimer changeTimer; // one signal for a burst of events

    xcb_atom_t atom(const char *name) const;
    QByteArray property(xcb_window_t window, const char *name) const;
    template <typename T>
    QList<T> values(xcb_window_t window, const char *name) const;
    QList<xcb_window_t> topLevelWindows() const;
    pid_t ownerOf(xcb_window_t window) const;
    X11Window describe(xcb_window_t window) const;
    void drainEvents();
};

xcb_atom_t X11Display::Private::atom(const char *name) const
{
    xcb_atom_t &known = atoms[name];
    if (known == XCB_ATOM_NONE) {
        const auto reply = owned(xcb_intern_atom_reply(
            connection, xcb_intern_atom(connection, 0, uint16_t(std::strlen(name)), name),
            nullptr));
        known = reply ? reply->atom : xcb_atom_t(XCB_ATOM_NONE);
    }
    return known;
}

QByteArray X11Display::Private::property(xcb_window_t window, const char *name) const
{
    constexpr uint32_t longest = 16384; // in units of four bytes
    const auto reply = owned(xcb_get_property_reply(
        connection,
        xcb_get_property(connection, 0, window, atom(name), XCB_GET_PROPERTY_TYPE_ANY, 0, longest),
        nullptr));
    if (!reply)
        return {};
    return QByteArray(static_cast<const char *>(xcb_get_property_value(reply.get())),
                      xcb_get_property_value_length(reply.get()));
}

template <typename T>
QList<T> X11Display::Private::values(xcb_window_t window, const char *name) const
{
    const QByteArray bytes = property(window, name);
    QList<T> list(bytes.size() / qsizetype(sizeof(T)));
    if (!list.isEmpty())
        std::memcpy(list.data(), bytes.constData(), size_t(list.size()) * sizeof(T));
    return list;
}

// Without a window manager there is no client list: then the children of the root are the windows.
QList<xcb_window_t> X11Display::Private::topLevelWindows() const
{
    if (!values<xcb_window_t>(root, "_NET_SUPPORTING_WM_CHECK").isEmpty())
        return values<xcb_window_t>(root, "_NET_CLIENT_LIST");

    QList<xcb_window_t> visible;
    const auto tree =
        owned(xcb_query_tree_reply(connection, xcb_query_tree(connection, root), nullptr));
    if (!tree)
        return visible;
    const xcb_window_t *children = xcb_query_tree_children(tree.get());
    for (int i = 0; i < xcb_query_tree_children_length(tree.get()); ++i) {
        const auto attributes = owned(xcb_get_window_attributes_reply(
            connection, xcb_get_window_attributes(connection, children[i]), nullptr));
        if (attributes && attributes->map_state == XCB_MAP_STATE_VIEWABLE
            && !attributes->override_redirect)
            visible.append(children[i]);
    }
    return visible;
}

pid_t X11Display::Private::ownerOf(xcb_window_t window) const
{
    if (hasResourceExtension) {
        const xcb_res_client_id_spec_t spec{window, XCB_RES_CLIENT_ID_MASK_LOCAL_CLIENT_PID};
        const auto reply = owned(xcb_res_query_client_ids_reply(
            connection, xcb_res_query_client_ids(connection, 1, &spec), nullptr));
        if (reply) {
            for (auto id = xcb_res_query_client_ids_ids_iterator(reply.get()); id.rem > 0;
                 xcb_res_client_id_value_next(&id))
                if (xcb_res_client_id_value_value_length(id.data) > 0)
                    return pid_t(*xcb_res_client_id_value_value(id.data));
        }
    }
    return pid_t(values<quint32>(window, "_NET_WM_PID").value(0));
}

X11Window X11Display::Private::describe(xcb_window_t window) const
{
    X11Window found;
    found.id = window;
    found.pid = ownerOf(window);

    const QByteArray title = property(window, "_NET_WM_NAME");
    found.title = plainText(title.isEmpty() ? QString::fromLatin1(property(window, "WM_NAME"))
                                            : QString::fromUtf8(title));
    found.windowClass =
        plainText(QString::fromLatin1(property(window, "WM_CLASS").split('\0').value(1)));
    found.isQuestion =
        !values<xcb_window_t>(window, "WM_TRANSIENT_FOR").isEmpty()
        || values<xcb_atom_t>(window, "_NET_WM_STATE").contains(atom("_NET_WM_STATE_MODAL"))
        || values<xcb_atom_t>(window, "_NET_WM_WINDOW_TYPE")
               .contains(atom("_NET_WM_WINDOW_TYPE_DIALOG"));
    found.canBeClosed =
        values<xcb_atom_t>(window, "WM_PROTOCOLS").contains(atom("WM_DELETE_WINDOW"));
    return found;
}

void X11Display::Private::drainEvents()
{
    bool any = false;
    while (auto event = owned(xcb_poll_for_event(connection)))
        any = true;
    if (xcb_connection_has_error(connection))
        notifier->setEnabled(false);
    if (any && !changeTimer.isActive())
        changeTimer.start();
}

X11Display::X11Display(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    d->connection = xcb_connect(nullptr, nullptr);
    if (xcb_connection_has_error(d->connection)) {
        xcb_disconnect(d->connection);
        d->connection = nullptr;
        return;
    }
    d->root = xcb_setup_roots_iterator(xcb_get_setup(d->connection)).data->root;
    const xcb_query_extension_reply_t *extension =
        xcb_get_extension_data(d->connection, &xcb_res_id);
    d->hasResourceExtension = extension && extension->present;

    const uint32_t events = XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY | XCB_EVENT_MASK_PROPERTY_CHANGE;
    xcb_change_window_attributes(d->connection, d->root, XCB_CW_EVENT_MASK, &events);
    xcb_flush(d->connection);

    d->changeTimer.setSingleShot(true);
    d->changeTimer.setInterval(0);
    connect(&d->changeTimer, &QTimer::timeout, this, &X11Display::changed);
    d->notifier = std::make_unique<QSocketNotifier>(xcb_get_file_descriptor(d->connection),
                                                    QSocketNotifier::Read);
    connect(d->notifier.get(), &QSocketNotifier::activated, this, [this] { d->drainEvents(); });
}

X11Display::~X11Display()
{
    d->notifier.reset();
    if (d->connection)
        xcb_disconnect(d->connection);
}

QList<X11Window> X11Display::windows() const
{
    QList<X11Window> found;
    if (!d->connection)
        return found;
    for (const xcb_window_t window : d->topLevelWindows())
        found.append(d->describe(window));
    // Waiting for replies may have moved events into xcb's own queue, where no notifier sees them.
    d->drainEvents();
    return found;
}

QList<X11Window> X11Display::windowsOf(const QSet<pid_t> &pids) const
{
    QList<X11Window> found = windows();
    found.removeIf([&pids](const X11Window &window) { return !pids.contains(window.pid); });
    return found;
}

void X11Display::requestClose(const X11Window &window)
{
    if (!d->connection)
        return;
    xcb_client_message_event_t message{};
    message.response_type = XCB_CLIENT_MESSAGE;
    message.format = 32;
    message.window = window.id;
    message.type = d->atom("WM_PROTOCOLS");
    message.data.data32[0] = d->atom("WM_DELETE_WINDOW");
    message.data.data32[1] = XCB_CURRENT_TIME;
    xcb_send_event(d->connection, 0, window.id, XCB_EVENT_MASK_NO_EVENT,
                   reinterpret_cast<const char *>(&message));
    xcb_flush(d->connection);
}

QSet<pid_t> X11Display::criticalProcesses() const
{
    QSet<pid_t> critical;
    if (!d->connection)
        return critical;

    ucred server{};
    socklen_t size = sizeof server;
    if (getsockopt(xcb_get_file_descriptor(d->connection), SOL_SOCKET, SO_PEERCRED, &server, &size)
            == 0
        && server.pid > 0)
        critical.insert(server.pid);
    for (const xcb_window_t manager : d->values<xcb_window_t>(d->root, "_NET_SUPPORTING_WM_CHECK"))
        if (const pid_t pid = d->ownerOf(manager); pid > 0)
            critical.insert(pid);
    return critical;
}

} // namespace Entracte
