// SPDX-License-Identifier: MIT
#include "platform/linux/x11display.h"

#include "platform/linux/contact.h"
#include "platform/linux/process.h"
#include "platform/linux/x11connection.h"

#include <QSocketNotifier>
#include <QTimer>

#include <optional>
#include <utility>

#include <xcb/xcb.h>

using namespace Qt::StringLiterals;

namespace Entracte {

struct X11Display::Private
{
    explicit Private(X11Display *display)
        : display(display)
    {
    }

    X11Display *display;
    std::optional<X11Connection> connection; ///< once it was wanted, open or not
    std::unique_ptr<QSocketNotifier> notifier;
    QTimer changeTimer; // one signal for a burst of events

    QList<xcb_window_t> pinged; ///< answered and not told yet

    bool isOpen() const { return connection && connection->isOpen(); }
    void open();
    X11Window describe(xcb_window_t window, pid_t owner) const;
    void classify(X11Window &window, const QList<xcb_atom_t> &types, bool isTransient) const;
    void send(xcb_window_t to, uint32_t mask, xcb_client_message_event_t message) const;
    void drainEvents();
    template <typename IsWanted>
    QList<X11Window> windowsOf(IsWanted isWanted);
};

// All is requested before the first answer is read: one way to the server and back, not nine.
X11Window X11Display::Private::describe(xcb_window_t window, pid_t owner) const
{
    const auto title = connection->request(window, "_NET_WM_NAME");
    const auto plainTitle = connection->request(window, "WM_NAME");
    const auto windowClass = connection->request(window, "WM_CLASS");
    const auto transientFor = connection->request(window, "WM_TRANSIENT_FOR");
    const auto state = connection->request(window, "_NET_WM_STATE");
    const auto types = connection->request(window, "_NET_WM_WINDOW_TYPE");
    const auto protocols = connection->request(window, "WM_PROTOCOLS");
    const auto busName = connection->request(window, "_GTK_UNIQUE_BUS_NAME");
    const auto objectPath = connection->request(window, "_GTK_APPLICATION_OBJECT_PATH");

    X11Window found;
    found.id = window;
    found.pid = owner;
    found.title = plainText(QString::fromUtf8(connection->bytes(title)));
    const QByteArray onlyLatin = connection->bytes(plainTitle);
    if (found.title.isEmpty())
        found.title = plainText(QString::fromLatin1(onlyLatin));
    found.windowClass =
        plainText(QString::fromLatin1(connection->bytes(windowClass).split('\0').value(1)));
    const bool isTransient = !connection->values<xcb_window_t>(transientFor).isEmpty();
    found.isModal =
        connection->values<xcb_atom_t>(state).contains(connection->atom("_NET_WM_STATE_MODAL"));
    classify(found, connection->values<xcb_atom_t>(types), isTransient);
    const QList<xcb_atom_t> understood = connection->values<xcb_atom_t>(protocols);
    found.canBeClosed = understood.contains(connection->atom("WM_DELETE_WINDOW"));
    found.answersPing = understood.contains(connection->atom("_NET_WM_PING"));
    found.busName = plainText(QString::fromLatin1(connection->bytes(busName)));
    found.objectPath = plainText(QString::fromLatin1(connection->bytes(objectPath)));
    return found;
}

// A palette or a tool bar is transient too, and asks nothing.
void X11Display::Private::classify(X11Window &window, const QList<xcb_atom_t> &types,
                                   bool isTransient) const
{
    const bool isPlain =
        types.isEmpty() || types.contains(connection->atom("_NET_WM_WINDOW_TYPE_NORMAL"));
    window.isQuestion = window.isModal
                     || types.contains(connection->atom("_NET_WM_WINDOW_TYPE_DIALOG"))
                     || (isTransient && isPlain);
}

void X11Display::Private::send(xcb_window_t to, uint32_t mask,
                               xcb_client_message_event_t message) const
{
    message.response_type = XCB_CLIENT_MESSAGE;
    message.format = 32;
    xcb_send_event(connection->get(), 0, to, mask, reinterpret_cast<const char *>(&message));
    xcb_flush(connection->get());
}

void X11Display::Private::drainEvents()
{
    bool any = false;
    while (const auto event = owned(xcb_poll_for_event(connection->get()))) {
        any = true;
        const auto *message = reinterpret_cast<const xcb_client_message_event_t *>(event.get());
        if ((event->response_type & 0x7f) == XCB_CLIENT_MESSAGE
            && message->type == connection->atom("WM_PROTOCOLS")
            && message->data.data32[0] == connection->atom("_NET_WM_PING"))
            pinged.append(message->data.data32[2]);
    }
    if (xcb_connection_has_error(connection->get()))
        notifier->setEnabled(false);
    if (any && !changeTimer.isActive())
        changeTimer.start();
}

template <typename IsWanted>
QList<X11Window> X11Display::Private::windowsOf(IsWanted isWanted)
{
    QList<X11Window> found;
    if (!isOpen())
        return found;
    connection->lookAtClients();
    for (const xcb_window_t window : connection->topLevelWindows())
        if (const pid_t owner = connection->ownerOf(window); isWanted(owner))
            found.append(describe(window, owner));
    // Waiting for replies may have moved events into xcb's own queue, where no notifier sees them.
    drainEvents();
    return found;
}

void X11Display::Private::open()
{
    if (connection)
        return;
    connection.emplace();
    if (!isOpen())
        return;
    // Qt sends its answer to a ping to who selected the structure, GTK to who selected the
    // substructure of the root.
    const uint32_t events = XCB_EVENT_MASK_STRUCTURE_NOTIFY | XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY
                          | XCB_EVENT_MASK_PROPERTY_CHANGE;
    xcb_change_window_attributes(connection->get(), connection->root(), XCB_CW_EVENT_MASK, &events);
    xcb_flush(connection->get());

    changeTimer.setSingleShot(true);
    changeTimer.setInterval(0);
    connect(&changeTimer, &QTimer::timeout, display, [this] {
        const QList<xcb_window_t> alive = std::exchange(pinged, {});
        for (const xcb_window_t window : alive)
            emit display->answered(window);
        emit display->changed();
    });
    notifier = std::make_unique<QSocketNotifier>(xcb_get_file_descriptor(connection->get()),
                                                 QSocketNotifier::Read);
    connect(notifier.get(), &QSocketNotifier::activated, display, [this] { drainEvents(); });
}

X11Display::X11Display(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
}

X11Display::~X11Display() = default;

QList<X11Window> X11Display::windows() const
{
    d->open();
    return d->windowsOf([](pid_t) { return true; });
}

QList<X11Window> X11Display::windowsOf(const QSet<pid_t> &pids) const
{
    if (!d->connection && isDisplayOurs(pids))
        d->open();
    const QSet<pid_t> ours = d->isOpen() ? oursAmong(pids) : QSet<pid_t>();
    return d->windowsOf([&ours](pid_t owner) { return ours.contains(owner); });
}

void X11Display::requestClose(const X11Window &window)
{
    if (!d->isOpen())
        return;
    xcb_client_message_event_t message{};
    message.window = window.id;
    message.type = d->connection->atom("WM_PROTOCOLS");
    message.data.data32[0] = d->connection->atom("WM_DELETE_WINDOW");
    message.data.data32[1] = XCB_CURRENT_TIME;
    d->send(window.id, XCB_EVENT_MASK_NO_EVENT, message);
}

void X11Display::ping(const X11Window &window)
{
    if (!d->isOpen())
        return;
    xcb_client_message_event_t message{};
    message.window = window.id;
    message.type = d->connection->atom("WM_PROTOCOLS");
    message.data.data32[0] = d->connection->atom("_NET_WM_PING");
    message.data.data32[1] = XCB_CURRENT_TIME;
    message.data.data32[2] = window.id;
    d->send(window.id, XCB_EVENT_MASK_NO_EVENT, message);
}

void X11Display::bringToFront(const X11Window &window) const
{
    if (!d->isOpen())
        return;
    constexpr uint32_t asTaskBar = 2; // an ordinary program's wish may be ignored, a pager's not
    xcb_client_message_event_t message{};
    message.window = window.id;
    message.type = d->connection->atom("_NET_ACTIVE_WINDOW");
    message.data.data32[0] = asTaskBar;
    message.data.data32[1] = XCB_CURRENT_TIME;
    d->send(d->connection->root(),
            XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY | XCB_EVENT_MASK_SUBSTRUCTURE_REDIRECT, message);
}

} // namespace Entracte

#include "moc_x11display.cpp"
