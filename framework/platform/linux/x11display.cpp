// SPDX-License-Identifier: MIT
#include "platform/linux/x11display.h"

#include "platform/linux/process.h"

#include <QHash>
#include <QSocketNotifier>
#include <QTimer>

#include <cstdlib>
#include <cstring>
#include <utility>

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

    QList<xcb_window_t> pinged; ///< answered and not told yet

    xcb_atom_t atom(const char *name) const;
    xcb_get_property_cookie_t request(xcb_window_t window, const char *name) const;
    QByteArray bytes(xcb_get_property_cookie_t request) const;
    template <typename T>
    QList<T> values(xcb_get_property_cookie_t request) const;
    template <typename T>
    QList<T> values(xcb_window_t window, const char *name) const
    {
        return values<T>(request(window, name));
    }
    QList<xcb_window_t> topLevelWindows() const;
    pid_t ownerOf(xcb_window_t window) const;
    X11Window describe(xcb_window_t window, pid_t owner) const;
    void classify(X11Window &window, const QList<xcb_atom_t> &types, bool isTransient) const;
    void send(xcb_window_t to, uint32_t mask, xcb_client_message_event_t message) const;
    void drainEvents();
    template <typename IsWanted>
    QList<X11Window> windowsOf(IsWanted isWanted);
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

xcb_get_property_cookie_t X11Display::Private::request(xcb_window_t window, const char *name) const
{
    constexpr uint32_t longest = 16384; // in units of four bytes
    return xcb_get_property(connection, 0, window, atom(name), XCB_GET_PROPERTY_TYPE_ANY, 0,
                            longest);
}

QByteArray X11Display::Private::bytes(xcb_get_property_cookie_t request) const
{
    const auto reply = owned(xcb_get_property_reply(connection, request, nullptr));
    if (!reply)
        return {};
    return QByteArray(static_cast<const char *>(xcb_get_property_value(reply.get())),
                      xcb_get_property_value_length(reply.get()));
}

template <typename T>
QList<T> X11Display::Private::values(xcb_get_property_cookie_t request) const
{
    const QByteArray raw = bytes(request);
    QList<T> list(raw.size() / qsizetype(sizeof(T)));
    if (!list.isEmpty())
        std::memcpy(list.data(), raw.constData(), size_t(list.size()) * sizeof(T));
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

// All is requested before the first answer is read: one way to the server and back, not nine.
X11Window X11Display::Private::describe(xcb_window_t window, pid_t owner) const
{
    const auto title = request(window, "_NET_WM_NAME");
    const auto plainTitle = request(window, "WM_NAME");
    const auto windowClass = request(window, "WM_CLASS");
    const auto transientFor = request(window, "WM_TRANSIENT_FOR");
    const auto state = request(window, "_NET_WM_STATE");
    const auto types = request(window, "_NET_WM_WINDOW_TYPE");
    const auto protocols = request(window, "WM_PROTOCOLS");
    const auto busName = request(window, "_GTK_UNIQUE_BUS_NAME");
    const auto objectPath = request(window, "_GTK_APPLICATION_OBJECT_PATH");

    X11Window found;
    found.id = window;
    found.pid = owner;
    found.title = plainText(QString::fromUtf8(bytes(title)));
    const QByteArray onlyLatin = bytes(plainTitle);
    if (found.title.isEmpty())
        found.title = plainText(QString::fromLatin1(onlyLatin));
    found.windowClass = plainText(QString::fromLatin1(bytes(windowClass).split('\0').value(1)));
    const bool isTransient = !values<xcb_window_t>(transientFor).isEmpty();
    found.isModal = values<xcb_atom_t>(state).contains(atom("_NET_WM_STATE_MODAL"));
    classify(found, values<xcb_atom_t>(types), isTransient);
    const QList<xcb_atom_t> understood = values<xcb_atom_t>(protocols);
    found.canBeClosed = understood.contains(atom("WM_DELETE_WINDOW"));
    found.answersPing = understood.contains(atom("_NET_WM_PING"));
    found.busName = plainText(QString::fromLatin1(bytes(busName)));
    found.objectPath = plainText(QString::fromLatin1(bytes(objectPath)));
    return found;
}

// A palette or a tool bar is transient too, and asks nothing.
void X11Display::Private::classify(X11Window &window, const QList<xcb_atom_t> &types,
                                   bool isTransient) const
{
    const bool isPlain = types.isEmpty() || types.contains(atom("_NET_WM_WINDOW_TYPE_NORMAL"));
    window.isQuestion = window.isModal || types.contains(atom("_NET_WM_WINDOW_TYPE_DIALOG"))
                     || (isTransient && isPlain);
}

void X11Display::Private::send(xcb_window_t to, uint32_t mask,
                               xcb_client_message_event_t message) const
{
    message.response_type = XCB_CLIENT_MESSAGE;
    message.format = 32;
    xcb_send_event(connection, 0, to, mask, reinterpret_cast<const char *>(&message));
    xcb_flush(connection);
}

void X11Display::Private::drainEvents()
{
    bool any = false;
    while (const auto event = owned(xcb_poll_for_event(connection))) {
        any = true;
        const auto *message = reinterpret_cast<const xcb_client_message_event_t *>(event.get());
        if ((event->response_type & 0x7f) == XCB_CLIENT_MESSAGE
            && message->type == atom("WM_PROTOCOLS")
            && message->data.data32[0] == atom("_NET_WM_PING"))
            pinged.append(message->data.data32[2]);
    }
    if (xcb_connection_has_error(connection))
        notifier->setEnabled(false);
    if (any && !changeTimer.isActive())
        changeTimer.start();
}

template <typename IsWanted>
QList<X11Window> X11Display::Private::windowsOf(IsWanted isWanted)
{
    QList<X11Window> found;
    if (!connection)
        return found;
    for (const xcb_window_t window : topLevelWindows())
        if (const pid_t owner = ownerOf(window); isWanted(owner))
            found.append(describe(window, owner));
    // Waiting for replies may have moved events into xcb's own queue, where no notifier sees them.
    drainEvents();
    return found;
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

    // Qt sends its answer to a ping to who selected the structure, GTK to who selected the
    // substructure of the root.
    const uint32_t events = XCB_EVENT_MASK_STRUCTURE_NOTIFY | XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY
                          | XCB_EVENT_MASK_PROPERTY_CHANGE;
    xcb_change_window_attributes(d->connection, d->root, XCB_CW_EVENT_MASK, &events);
    xcb_flush(d->connection);

    d->changeTimer.setSingleShot(true);
    d->changeTimer.setInterval(0);
    connect(&d->changeTimer, &QTimer::timeout, this, [this] {
        const QList<xcb_window_t> alive = std::exchange(d->pinged, {});
        for (const xcb_window_t window : alive)
            emit answered(window);
        emit changed();
    });
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
    return d->windowsOf([](pid_t) { return true; });
}

QList<X11Window> X11Display::windowsOf(const QSet<pid_t> &pids) const
{
    return d->windowsOf([&pids](pid_t owner) { return pids.contains(owner); });
}

void X11Display::requestClose(const X11Window &window)
{
    if (!d->connection)
        return;
    xcb_client_message_event_t message{};
    message.window = window.id;
    message.type = d->atom("WM_PROTOCOLS");
    message.data.data32[0] = d->atom("WM_DELETE_WINDOW");
    message.data.data32[1] = XCB_CURRENT_TIME;
    d->send(window.id, XCB_EVENT_MASK_NO_EVENT, message);
}

void X11Display::ping(const X11Window &window)
{
    if (!d->connection)
        return;
    xcb_client_message_event_t message{};
    message.window = window.id;
    message.type = d->atom("WM_PROTOCOLS");
    message.data.data32[0] = d->atom("_NET_WM_PING");
    message.data.data32[1] = XCB_CURRENT_TIME;
    message.data.data32[2] = window.id;
    d->send(window.id, XCB_EVENT_MASK_NO_EVENT, message);
}

void X11Display::bringToFront(const X11Window &window)
{
    if (!d->connection)
        return;
    constexpr uint32_t asTaskBar = 2; // an ordinary program's wish may be ignored, a pager's not
    xcb_client_message_event_t message{};
    message.window = window.id;
    message.type = d->atom("_NET_ACTIVE_WINDOW");
    message.data.data32[0] = asTaskBar;
    message.data.data32[1] = XCB_CURRENT_TIME;
    d->send(d->root, XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY | XCB_EVENT_MASK_SUBSTRUCTURE_REDIRECT,
            message);
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
