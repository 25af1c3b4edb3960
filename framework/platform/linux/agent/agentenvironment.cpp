// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentenvironment.h"

#include "platform/linux/process.h"

#include <algorithm>
#include <array>
#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace Entracte {

namespace {

constexpr qsizetype longestValue = 1024;

constexpr std::array ownNames{"LANG=", "LANGUAGE=", "LC_"};
constexpr std::array displayNames{"DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY"};
constexpr std::array folderNames{"XDG_CONFIG_HOME", "XDG_STATE_HOME"};

bool isFolder(const QByteArray &value)
{
    return value.startsWith('/') && value.size() <= longestValue
        && std::none_of(value.cbegin(), value.cend(), [](char letter) {
               return (letter >= 0 && letter < ' ') || letter == '\x7f';
           });
}

bool isOneVisibleWord(const QByteArray &value)
{
    return !value.isEmpty() && value.size() <= longestValue
        && std::all_of(value.cbegin(), value.cend(),
                       [](char letter) { return letter > ' ' && letter < '\x7f'; });
}

QList<QByteArray> whoItIs(uid_t uid)
{
    std::vector<char> buffer(16'384);
    passwd entry{};
    passwd *found = nullptr;
    ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    const QByteArray name = found ? QByteArray(found->pw_name) : QByteArray::number(uid);
    return {"USER=" + name, "LOGNAME=" + name,
            "HOME=" + (found ? QByteArray(found->pw_dir) : QByteArray("/"))};
}

QList<QByteArray> ourLanguage()
{
    QList<QByteArray> variables;
    for (char **variable = environ; *variable; ++variable)
        for (const char *name : ownNames)
            if (QByteArrayView(*variable).startsWith(name))
                variables.append(*variable);
    return variables;
}

} // namespace

QList<QByteArray> agentEnvironment(uid_t uid, const QList<QByteArray> &program)
{
    QList<QByteArray> environment = whoItIs(uid) + ourLanguage();
    const QByteArray runtimeFolder = "/run/user/" + QByteArray::number(uid);
    environment.append("XDG_RUNTIME_DIR=" + runtimeFolder);

    const QByteArray bus = environmentValue(program, "DBUS_SESSION_BUS_ADDRESS");
    environment.append("DBUS_SESSION_BUS_ADDRESS="
                       + (bus.startsWith("unix:") && isOneVisibleWord(bus)
                              ? bus
                              : "unix:path=" + runtimeFolder + "/bus"));
    for (const char *name : displayNames)
        if (const QByteArray value = environmentValue(program, name); isOneVisibleWord(value))
            environment.append(name + ('=' + value));
    for (const char *name : folderNames)
        if (const QByteArray value = environmentValue(program, name); isFolder(value))
            environment.append(name + ('=' + value));
    return environment;
}

} // namespace Entracte
