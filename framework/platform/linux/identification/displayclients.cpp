// SPDX-License-Identifier: MIT
#include "platform/linux/identification/displayclients.h"

#include "platform/linux/process.h"
#include "platform/linux/x11connection.h"

#include <array>
#include <vector>

namespace Entracte {

namespace {

QString fromLatin1(const QByteArray &text)
{
    return plainText(QString::fromLatin1(text));
}

constexpr std::array asked{
    "_NET_WM_NAME",        "WM_NAME",         "WM_CLASS", "_NET_WM_WINDOW_TYPE",
    "_GTK_APPLICATION_ID", "WM_CLIENT_LEADER"};
enum Answer { Name, OldName, Class, Type, GtkApplication, Leader };
using Answers = std::array<QByteArray, asked.size()>;

quint32 number(const QByteArray &answer)
{
    return X11Connection::valuesIn<quint32>(answer).value(0);
}

/// The first type that is known counts; a window without one is normal.
ClientWindow::Kind kindOf(const X11Connection &display, quint32 type)
{
    if (type == 0)
        return ClientWindow::Kind::Main;
    if (type == display.atom("_NET_WM_WINDOW_TYPE_DESKTOP"))
        return ClientWindow::Kind::Desktop;
    const bool isMain = type == display.atom("_NET_WM_WINDOW_TYPE_NORMAL")
                     || type == display.atom("_NET_WM_WINDOW_TYPE_DIALOG");
    return isMain ? ClientWindow::Kind::Main : ClientWindow::Kind::Utility;
}

ClientWindow describe(const X11Connection &display, quint32 window, const Answers &answers)
{
    ClientWindow found;
    found.pid = display.ownerOf(window);
    if (const quint32 leader = number(answers[Leader]))
        found.leader = display.ownerOf(leader);
    found.kind = kindOf(display, number(answers[Type]));
    found.title = answers[Name].isEmpty() ? fromLatin1(answers[OldName])
                                          : plainText(QString::fromUtf8(answers[Name]));
    const QList<QByteArray> names = answers[Class].split('\0');
    found.instance = fromLatin1(names.value(0));
    found.windowClass = fromLatin1(names.value(1));
    found.applicationId = plainText(QString::fromUtf8(answers[GtkApplication]));
    return found;
}

/// Sends all questions first, then reads the answers: one round trip for all windows.
QList<ClientWindow> windowsOn(const X11Connection &display)
{
    const QList<xcb_window_t> windows = display.topLevelWindows();
    std::vector<std::array<xcb_get_property_cookie_t, asked.size()>> cookies;
    for (const xcb_window_t window : windows) {
        auto &one = cookies.emplace_back();
        for (size_t i = 0; i < asked.size(); ++i)
            one[i] = display.request(window, asked[i]);
    }
    QList<ClientWindow> found;
    for (size_t i = 0; i < cookies.size(); ++i) {
        Answers answers;
        for (size_t j = 0; j < asked.size(); ++j)
            answers[j] = display.bytes(cookies[i][j]);
        found.append(describe(display, windows.at(qsizetype(i)), answers));
    }
    return found;
}

} // namespace

void DisplayClients::takeX11()
{
    X11Connection display;
    if (!display.isOpen())
        return;
    display.lookAtClients();
    for (const pid_t pid : display.clients())
        clients.insert(pid);
    if (const pid_t server = display.server(); server > 0)
        servers.insert(server);
    manager = display.manager();
    windows = windowsOn(display);
}

DisplayClients DisplayClients::take(bool isX11Ours)
{
    DisplayClients found;
    if (isX11Ours)
        found.takeX11();
    found.wayland = WaylandClients::take();
    if (const pid_t compositor = found.wayland.compositor(); compositor > 0)
        found.servers.insert(compositor);
    return found;
}

bool DisplayClients::isClient(pid_t pid) const
{
    return clients.contains(pid) || wayland.contains(pid);
}

} // namespace Entracte
