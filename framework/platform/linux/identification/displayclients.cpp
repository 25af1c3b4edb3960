// SPDX-License-Identifier: MIT
#include "platform/linux/identification/displayclients.h"

#include "platform/linux/process.h"
#include "platform/linux/x11connection.h"

#include <array>
#include <cstring>
#include <vector>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

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

/// The compositor behind $WAYLAND_DISPLAY; 0 without one, or if it is another user's.
pid_t waylandCompositor()
{
    const QByteArray name = qgetenv("WAYLAND_DISPLAY");
    const QByteArray folder = qgetenv("XDG_RUNTIME_DIR");
    const QByteArray path = name.startsWith('/') ? name : folder + '/' + name;
    sockaddr_un address{};
    struct stat status;
    if (name.isEmpty() || path.size() >= qsizetype(sizeof address.sun_path)
        || ::stat(path.constData(), &status) != 0 || status.st_uid != ::geteuid())
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
    if (X11Connection display; display.isOpen()) {
        display.lookAtClients();
        for (const pid_t pid : display.clients())
            found.clients.insert(pid);
        if (const pid_t server = display.server(); server > 0)
            found.servers.insert(server);
        found.manager = display.manager();
        found.windows = windowsOn(display);
    }
    if (const pid_t compositor = waylandCompositor(); compositor > 0)
        found.servers.insert(compositor);
    return found;
}

} // namespace Entracte
