// SPDX-License-Identifier: MIT
#include "platform/linux/identification/critical.h"

#include "platform/linux/process.h"

#include <algorithm>
#include <array>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

/// Programs without which the desktop of their user ends.
constexpr std::array desktopPrograms{
    "Hyprland",
    "Xephyr",
    "Xorg",
    "Xvfb",
    "Xwayland",
    "cinnamon",
    "cinnamon-session",
    "cinnamon-session-binary",
    "cosmic-comp",
    "cosmic-session",
    "gnome-session-binary",
    "gnome-shell",
    "kwin_wayland",
    "kwin_x11",
    "ksmserver",
    "labwc",
    "lxqt-session",
    "lxsession",
    "mate-session",
    "muffin",
    "mutter",
    "plasma_session",
    "river",
    "startplasma-wayland",
    "startplasma-x11",
    "sway",
    "wayfire",
    "weston",
    "xfce4-session",
};

/// Services that others stand on, by unit or, where there is no systemd, by program. Units that
/// begin with "systemd-" are such as well, and programs in systemd's own folder; systemd-inhibit is
/// not.
constexpr std::array systemServices{
    "NetworkManager",
    "accounts-daemon",
    "connman",
    "connmand",
    "containerd",
    "dbus",
    "dbus-broker",
    "dbus-broker-launch",
    "dbus-daemon",
    "dhcpcd",
    "display-manager",
    "docker",
    "dockerd",
    "elogind",
    "emergency",
    "gdm",
    "gdm3",
    "greetd",
    "ifup",
    "iwd",
    "libvirtd",
    "lightdm",
    "lvm2-lvmetad",
    "lxdm",
    "ly",
    "networking",
    "polkit",
    "polkitd",
    "rescue",
    "sddm",
    "slim",
    "udevd",
    "virtqemud",
    "wpa_supplicant",
    "xdm",
};

constexpr std::array templates{"getty", "serial-getty",   "autovt", "user", "user-runtime-dir",
                               "ifup",  "wpa_supplicant", "dhcpcd"};

template <typename Names>
bool contains(const Names &names, const QString &name)
{
    return std::any_of(names.begin(), names.end(),
                       [&name](const char *one) { return name == QLatin1StringView(one); });
}

bool isSystemService(const QString &name)
{
    const qsizetype at = name.indexOf(u'@');
    if (at > 0)
        return contains(templates, name.left(at));
    return name.startsWith(u"systemd-") || contains(systemServices, name);
}

void addWithAncestors(QSet<pid_t> &pids, pid_t pid)
{
    for (; pid > 1 && !pids.contains(pid); pid = parentOf(pid))
        pids.insert(pid);
}

} // namespace

void Obstacles::add(RebootReason reason, RestartLevel atLeast)
{
    reasons |= reason;
    level = std::max(level, atLeast);
}

void Obstacles::unite(const Obstacles &other)
{
    reasons |= other.reasons;
    level = std::max(level, other.level);
}

CriticalProcesses::CriticalProcesses(const UniqueProcess &installer)
    : m_installers{getpid()}
{
    if (isAlive(installer))
        m_installers.insert(pid_t(installer.pid));
    for (const pid_t pid : std::as_const(m_installers))
        addWithAncestors(m_ourselves, pid);
    const Unit unit = unitIn(controlGroupOf(getpid()));
    m_ourUnit = unit.name;
    m_ourUnitIsUsers = unit.isUserUnit;
    m_ourLogonSession = unit.logonSession;
}

bool CriticalProcesses::isOurUnit(const Unit &unit) const
{
    return !unit.name.isEmpty() && unit.name == m_ourUnit && unit.isUserUnit == m_ourUnitIsUsers;
}

Obstacles CriticalProcesses::obstaclesOf(const ProcessFacts &process) const
{
    Obstacles obstacles;
    const pid_t pid = pid_t(process.process.pid);
    if (isOurs(pid))
        obstacles.add(RebootReason::DetectedSelf, RestartLevel::Application);

    const bool isNamed = process.isSystemProgram;
    const QString name = process.programName();
    const bool isBus = isNamed && name.startsWith(u"dbus-");
    const bool isUsers = process.owner > 0 && !m_system.contains(pid);
    if (pid == 1)
        obstacles.add(RebootReason::CriticalProcess, RestartLevel::Reboot);
    if (m_desktop.contains(pid) || (isNamed && contains(desktopPrograms, name))
        || process.unit.kind == Unit::Kind::UserManager || process.unit.isInSessionSlice
        || (isBus && isUsers))
        obstacles.add(RebootReason::CriticalProcess, RestartLevel::Session);

    const bool isCriticalUnit = process.unit.kind == Unit::Kind::Service && !process.unit.isUserUnit
                             && !isOurUnit(process.unit)
                             && isSystemService(process.unit.serviceName());
    const bool isCriticalProgram =
        isNamed && !isUsers && !m_desktop.contains(pid)
        && (contains(systemServices, name) || process.folder().endsWith(u"/lib/systemd"));
    if (m_system.contains(pid) || isCriticalUnit || isCriticalProgram)
        obstacles.add(RebootReason::CriticalService, RestartLevel::Reboot);

    if (geteuid() != 0 && process.owner != qint64(geteuid())) {
        obstacles.add(RebootReason::PermissionDenied, RestartLevel::Application);
        if (process.unit.logonSession >= 0 && process.unit.logonSession != m_ourLogonSession)
            obstacles.add(RebootReason::SessionMismatch, RestartLevel::Session);
    }
    return obstacles;
}

} // namespace Entracte
