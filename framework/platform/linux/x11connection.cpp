// SPDX-License-Identifier: MIT
#include "platform/linux/x11connection.h"

#include "platform/linux/unixsocket.h"

#include <array>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>
#include <xcb/res.h>

namespace Entracte {

X11Connection::X11Connection()
    : m_connection(xcb_connect(nullptr, nullptr))
{
    if (xcb_connection_has_error(m_connection)) {
        xcb_disconnect(std::exchange(m_connection, nullptr));
        return;
    }
    const xcb_setup_t *setup = xcb_get_setup(m_connection);
    m_root = xcb_setup_roots_iterator(setup).data->root;
    m_mask = setup->resource_id_mask;
}

X11Connection::~X11Connection()
{
    if (m_connection)
        xcb_disconnect(m_connection);
}

xcb_atom_t X11Connection::atom(const char *name) const
{
    xcb_atom_t &known = m_atoms[name];
    if (known == XCB_ATOM_NONE) {
        const auto reply = owned(xcb_intern_atom_reply(
            m_connection, xcb_intern_atom(m_connection, 0, uint16_t(std::strlen(name)), name),
            nullptr));
        known = reply ? reply->atom : xcb_atom_t(XCB_ATOM_NONE);
    }
    return known;
}

xcb_get_property_cookie_t X11Connection::request(xcb_window_t window, const char *name) const
{
    constexpr uint32_t longest = 16384; // in units of four bytes
    return xcb_get_property(m_connection, 0, window, atom(name), XCB_GET_PROPERTY_TYPE_ANY, 0,
                            longest);
}

QByteArray X11Connection::bytes(xcb_get_property_cookie_t request) const
{
    const auto reply = owned(xcb_get_property_reply(m_connection, request, nullptr));
    return reply ? QByteArray(static_cast<const char *>(xcb_get_property_value(reply.get())),
                              xcb_get_property_value_length(reply.get()))
                 : QByteArray();
}

QList<xcb_window_t> X11Connection::topLevelWindows() const
{
    if (!values<xcb_window_t>(m_root, "_NET_SUPPORTING_WM_CHECK").isEmpty())
        return values<xcb_window_t>(m_root, "_NET_CLIENT_LIST");

    QList<xcb_window_t> visible;
    const auto tree =
        owned(xcb_query_tree_reply(m_connection, xcb_query_tree(m_connection, m_root), nullptr));
    if (!tree)
        return visible;
    const xcb_window_t *children = xcb_query_tree_children(tree.get());
    std::vector<xcb_get_window_attributes_cookie_t> cookies;
    for (int i = 0; i < xcb_query_tree_children_length(tree.get()); ++i)
        cookies.push_back(xcb_get_window_attributes(m_connection, children[i]));
    for (size_t i = 0; i < cookies.size(); ++i) {
        const auto attributes =
            owned(xcb_get_window_attributes_reply(m_connection, cookies[i], nullptr));
        if (attributes && attributes->map_state == XCB_MAP_STATE_VIEWABLE
            && !attributes->override_redirect)
            visible.append(children[i]);
    }
    return visible;
}

// Every client has a range of numbers for its windows: who owns the range owns the window.
void X11Connection::lookAtClients()
{
    m_owners.clear();
    const xcb_query_extension_reply_t *extension =
        xcb_get_extension_data(m_connection, &xcb_res_id);
    if (!extension || !extension->present)
        return;
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

static bool isHere(const QByteArray &machine)
{
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 && machine == name.data();
}

pid_t X11Connection::ownerOf(xcb_window_t window) const
{
    if (const pid_t owner = m_owners.value(window & ~m_mask, 0))
        return owner;
    const auto machine = request(window, "WM_CLIENT_MACHINE");
    const auto pid = request(window, "_NET_WM_PID");
    const bool isLocal = isHere(bytes(machine));
    const pid_t claimed = pid_t(values<quint32>(pid).value(0));
    return isLocal ? claimed : 0;
}

pid_t X11Connection::server() const
{
    return peerOf(xcb_get_file_descriptor(m_connection));
}

pid_t X11Connection::manager() const
{
    const auto check = values<xcb_window_t>(m_root, "_NET_SUPPORTING_WM_CHECK");
    return check.isEmpty() ? 0 : ownerOf(check.first());
}

} // namespace Entracte
