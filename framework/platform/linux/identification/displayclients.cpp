// SPDX-License-Identifier: MIT
#include "platform/linux/identification/displayclients.h"

#include "platform/linux/process.h"

#include <QFile>
#include <QHash>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xcb/res.h>
#include <xcb/xcb.h>

namespace Entracte {

namespace {

template <typename T>
using Reply = std::unique_ptr<T, void (*)(void *)>;

template <typename T>
Reply<T> owned(T *reply)
{
    return Reply<T>(reply, std::free);
}

enum Property {
    ClientList,
    ManagerCheck,
    WindowName,
    OldName,
    WindowClass,
    WindowType,
    Desktop,
    Normal,
    Dialog,
    GtkApplication,
    ClientLeader,
    WindowPid,
    ClientMachine,
    PropertyCount
};

constexpr std::array<const char *, PropertyCount> propertyNames{
    "_NET_CLIENT_LIST",
    "_NET_SUPPORTING_WM_CHECK",
    "_NET_WM_NAME",
    "WM_NAME",
    "WM_CLASS",
    "_NET_WM_WINDOW_TYPE",
    "_NET_WM_WINDOW_TYPE_DESKTOP",
    "_NET_WM_WINDOW_TYPE_NORMAL",
    "_NET_WM_WINDOW_TYPE_DIALOG",
    "_GTK_APPLICATION_ID",
    "WM_CLIENT_LEADER",
    "_NET_WM_PID",
    "WM_CLIENT_MACHINE",
};

/// The process at the other end of a local socket; 0 if it is not known.
pid_t peerOf(int socket)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

QString fromLatin1(const QByteArray &text)
{
    return plainText(QString::fromLatin1(text));
}

/// Sends all questions first, then reads the answers: one round trip for all windows.
class Interview
{
public:
    explicit Interview(xcb_connection_t *connection)
        : m_connection(connection)
        , m_root(xcb_setup_roots_iterator(xcb_get_setup(connection)).data->root)
    {
        readAtoms();
        readOwners();
    }

    DisplayClients take()
    {
        DisplayClients found;
        for (const pid_t pid : std::as_const(m_owners))
            found.clients.insert(pid);
        if (const pid_t server = peerOf(xcb_get_file_descriptor(m_connection)); server > 0)
            found.servers.insert(server);
        const QList<quint32> check = values(ask(m_root, ManagerCheck));
        if (!check.isEmpty())
            found.manager = ownerOf(check.first());
        found.windows =
            describe(check.isEmpty() ? visibleWindows() : values(ask(m_root, ClientList)));
        return found;
    }

private:
    void readAtoms()
    {
        std::array<xcb_intern_atom_cookie_t, PropertyCount> cookies;
        for (std::size_t i = 0; i < PropertyCount; ++i)
            cookies[i] = xcb_intern_atom(m_connection, 0, uint16_t(std::strlen(propertyNames[i])),
                                         propertyNames[i]);
        for (std::size_t i = 0; i < PropertyCount; ++i) {
            const auto reply = owned(xcb_intern_atom_reply(m_connection, cookies[i], nullptr));
            m_atoms[i] = reply ? reply->atom : xcb_atom_t(XCB_ATOM_NONE);
        }
    }

    /// Every client has a range of numbers for its windows: who owns the range owns the window.
    void readOwners()
    {
        const xcb_query_extension_reply_t *extension =
            xcb_get_extension_data(m_connection, &xcb_res_id);
        if (!extension || !extension->present)
            return;
        m_mask = xcb_get_setup(m_connection)->resource_id_mask;
        const xcb_res_client_id_spec_t everybody{XCB_NONE, XCB_RES_CLIENT_ID_MASK_LOCAL_CLIENT_PID};
        const auto reply = owned(xcb_res_query_client_ids_reply(
            m_connection, xcb_res_query_client_ids(m_connection, 1, &everybody), nullptr));
        if (!reply)
            return;
        for (auto id = xcb_res_query_client_ids_ids_iterator(reply.get()); id.rem > 0;
             xcb_res_client_id_value_next(&id))
            if (xcb_res_client_id_value_value_length(id.data) > 0)
                m_owners.insert(id.data->spec.client & ~m_mask,
                                pid_t(*xcb_res_client_id_value_value(id.data)));
        m_owners.remove(xcb_get_setup(m_connection)->resource_id_base & ~m_mask); // ourselves
    }

    pid_t ownerOf(xcb_window_t window) const { return m_owners.value(window & ~m_mask, 0); }

    xcb_get_property_cookie_t ask(xcb_window_t window, Property property) const
    {
        constexpr uint32_t longest = 16384; // in units of four bytes
        return xcb_get_property(m_connection, 0, window, m_atoms[property],
                                XCB_GET_PROPERTY_TYPE_ANY, 0, longest);
    }

    QByteArray bytes(xcb_get_property_cookie_t cookie) const
    {
        const auto reply = owned(xcb_get_property_reply(m_connection, cookie, nullptr));
        return reply ? QByteArray(static_cast<const char *>(xcb_get_property_value(reply.get())),
                                  xcb_get_property_value_length(reply.get()))
                     : QByteArray();
    }

    QList<quint32> values(xcb_get_property_cookie_t cookie) const
    {
        const QByteArray answer = bytes(cookie);
        QList<quint32> list(answer.size() / qsizetype(sizeof(quint32)));
        if (!list.isEmpty())
            std::memcpy(list.data(), answer.constData(), size_t(list.size()) * sizeof(quint32));
        return list;
    }

    /// Without a window manager there is no list: then the children of the root are the windows.
    QList<quint32> visibleWindows() const
    {
        QList<quint32> visible;
        const auto tree = owned(
            xcb_query_tree_reply(m_connection, xcb_query_tree(m_connection, m_root), nullptr));
        if (!tree)
            return visible;
        const xcb_window_t *children = xcb_query_tree_children(tree.get());
        std::vector<xcb_get_window_attributes_cookie_t> cookies;
        for (int i = 0; i < xcb_query_tree_children_length(tree.get()); ++i)
            cookies.push_back(xcb_get_window_attributes(m_connection, children[i]));
        for (std::size_t i = 0; i < cookies.size(); ++i) {
            const auto attributes =
                owned(xcb_get_window_attributes_reply(m_connection, cookies[i], nullptr));
            if (attributes && attributes->map_state == XCB_MAP_STATE_VIEWABLE
                && !attributes->override_redirect)
                visible.append(children[i]);
        }
        return visible;
    }

    QList<ClientWindow> describe(const QList<quint32> &windows) const
    {
        static constexpr std::array asked{WindowName,     OldName,      WindowClass, WindowType,
                                          GtkApplication, ClientLeader, WindowPid,   ClientMachine};
        std::vector<std::array<xcb_get_property_cookie_t, asked.size()>> cookies;
        for (const quint32 window : windows) {
            auto &one = cookies.emplace_back();
            for (std::size_t i = 0; i < asked.size(); ++i)
                one[i] = ask(window, asked[i]);
        }
        QList<ClientWindow> found;
        for (std::size_t i = 0; i < cookies.size(); ++i) {
            std::array<QByteArray, PropertyCount> answers;
            for (std::size_t j = 0; j < asked.size(); ++j)
                answers[asked[j]] = bytes(cookies[i][j]);
            found.append(describe(windows.at(qsizetype(i)), answers));
        }
        return found;
    }

    ClientWindow describe(quint32 window,
                          const std::array<QByteArray, PropertyCount> &answers) const
    {
        ClientWindow found;
        found.pid = ownerOf(window);
        if (found.pid == 0 && isHere(answers[ClientMachine]))
            found.pid = pid_t(number(answers[WindowPid]));
        found.leader = ownerOf(number(answers[ClientLeader]));
        found.kind = kindOf(answers[WindowType]);
        found.title = answers[WindowName].isEmpty()
                        ? fromLatin1(answers[OldName])
                        : plainText(QString::fromUtf8(answers[WindowName]));
        const QList<QByteArray> names = answers[WindowClass].split('\0');
        found.instance = fromLatin1(names.value(0));
        found.windowClass = fromLatin1(names.value(1));
        found.applicationId = plainText(QString::fromUtf8(answers[GtkApplication]));
        return found;
    }

    static quint32 number(const QByteArray &answer)
    {
        quint32 value = 0;
        if (answer.size() >= qsizetype(sizeof value))
            std::memcpy(&value, answer.constData(), sizeof value);
        return value;
    }

    static bool isHere(const QByteArray &machine)
    {
        std::array<char, 256> name{};
        return gethostname(name.data(), name.size() - 1) == 0 && machine == name.data();
    }

    /// The first type that is known counts; a window without one is normal.
    ClientWindow::Kind kindOf(const QByteArray &types) const
    {
        const quint32 type = number(types);
        if (type == m_atoms[Desktop])
            return ClientWindow::Kind::Desktop;
        const bool isMain = type == 0 || type == m_atoms[Normal] || type == m_atoms[Dialog];
        return isMain ? ClientWindow::Kind::Main : ClientWindow::Kind::Utility;
    }

    xcb_connection_t *m_connection;
    xcb_window_t m_root;
    std::array<xcb_atom_t, PropertyCount> m_atoms{};
    quint32 m_mask = 0;
    QHash<quint32, pid_t> m_owners; ///< beginning of a client's range → process
};

/// The compositor behind $WAYLAND_DISPLAY; 0 without one.
pid_t waylandCompositor()
{
    const QByteArray name = qgetenv("WAYLAND_DISPLAY");
    const QByteArray folder = qgetenv("XDG_RUNTIME_DIR");
    const QByteArray path = name.startsWith('/') ? name : folder + '/' + name;
    sockaddr_un address{};
    if (name.isEmpty() || path.size() >= qsizetype(sizeof address.sun_path))
        return 0;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.constData(), size_t(path.size()));
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool isConnected =
        ::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    const pid_t pid = isConnected ? peerOf(descriptor) : 0;
    ::close(descriptor);
    return pid;
}

} // namespace

DisplayClients DisplayClients::take()
{
    DisplayClients found;
    xcb_connection_t *connection = xcb_connect(nullptr, nullptr);
    if (!xcb_connection_has_error(connection))
        found = Interview(connection).take();
    xcb_disconnect(connection);
    if (const pid_t compositor = waylandCompositor(); compositor > 0)
        found.servers.insert(compositor);
    return found;
}

} // namespace Entracte
