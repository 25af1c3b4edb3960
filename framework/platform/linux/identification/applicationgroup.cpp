// SPDX-License-Identifier: MIT
#include "platform/linux/identification/applicationgroup.h"

#include "platform/linux/identification/critical.h"
#include "platform/linux/identification/sandbox.h"
#include "platform/linux/interpreter.h"
#include "platform/linux/process.h"
#include "platform/linux/registration.h"

#include <algorithm>
#include <map>

using namespace Qt::StringLiterals;

namespace Entracte {

/// Where programs of many makers lie side by side; also where nothing is known.
static bool isSharedFolder(const QString &folder)
{
    return folder.isEmpty() || folder.endsWith(u"/bin") || folder.endsWith(u"/sbin")
        || folder.endsWith(u"/games") || folder.endsWith(u"/libexec") || folder == u"/tmp"
        || folder == u"/usr/lib";
}

ApplicationGroups::ApplicationGroups(ProcessTable &table, const DisplayClients &display,
                                     const CriticalProcesses &critical)
    : m_table(table)
    , m_display(display)
    , m_critical(critical)
{
}

QList<ApplicationGroup> ApplicationGroups::of(const QList<FileHolder> &holders)
{
    std::map<QString, ApplicationGroup> groups;
    for (const FileHolder &holder : holders) {
        const ProcessFacts &facts = m_table.of(pid_t(holder.process.pid));
        const bool isSame = facts.process == holder.process;
        const QString key = isSame ? keyOf(facts) : u"gone %1"_s.arg(holder.process.pid);
        groups[key].holders.append(holder);
    }
    // Who owns a window may hold nothing itself, as with a browser and its tabs.
    std::map<QString, QList<pid_t>> withWindows;
    for (const ClientWindow &window : m_display.windows)
        if (window.kind == ClientWindow::Kind::Main && window.pid > 0)
            if (const QString key = keyOf(m_table.of(window.pid)); groups.contains(key))
                withWindows[key].append(window.pid);

    QList<ApplicationGroup> found;
    for (auto &[key, group] : groups) {
        choose(group, withWindows[key]);
        found.append(group);
    }
    return found;
}

// The process with the window speaks for all, else the eldest.
void ApplicationGroups::choose(ApplicationGroup &group, const QList<pid_t> &withWindows)
{
    const auto add = [&group](const UniqueProcess &process) {
        if (!group.processes.contains(process))
            group.processes.append(process);
    };
    for (const FileHolder &holder : group.holders)
        add(holder.process);
    const ProcessFacts &first = m_table.of(pid_t(group.processes.first().pid));
    if (first.process == group.processes.first() && !first.unit.isOneApplication())
        add(m_table.of(rootOf(pid_t(first.process.pid))).process);
    std::stable_sort(group.processes.begin(), group.processes.end(),
                     [](const auto &a, const auto &b) { return a.startTime < b.startTime; });
    if (withWindows.isEmpty())
        return;
    const auto holdsWindow = [&withWindows](const UniqueProcess &process) {
        return withWindows.contains(pid_t(process.pid));
    };
    if (std::none_of(group.processes.cbegin(), group.processes.cend(), holdsWindow))
        group.processes.append(m_table.of(withWindows.first()).process);
    const auto speaker = std::find_if(group.processes.begin(), group.processes.end(), holdsWindow);
    std::rotate(group.processes.begin(), speaker, speaker + 1);
}

QString ApplicationGroups::keyOf(const ProcessFacts &process)
{
    const pid_t pid = pid_t(process.process.pid);
    const Unit &unit = process.unit;
    const bool speaksForItself = registrationOf(process.process).has_value();
    if (!speaksForItself && unit.isOneApplication() && !process.runsInTerminal
        && !m_critical.isOurUnit(unit))
        return u"unit %1 %2"_s.arg(unit.isUserUnit ? process.owner : -1).arg(unit.name);
    if (!speaksForItself && !process.runsInTerminal)
        if (const Sandbox sandbox = sandboxOf(pid, {}); !sandbox.instance.isEmpty())
            return u"sandbox %1 %2"_s.arg(process.owner).arg(sandbox.instance);
    return u"process %1"_s.arg(rootOf(pid));
}

pid_t ApplicationGroups::rootOf(pid_t pid)
{
    const ProcessFacts *root = &m_table.of(pid);
    while (!registrationOf(root->process).has_value()) {
        const ProcessFacts *parent = m_table.parentOf(*root);
        if (!parent || !belongsTo(*root, *parent))
            break;
        root = parent;
    }
    const ProcessFacts *companion = companionOf(*root);
    return companion ? rootOf(pid_t(companion->process.pid)) : pid_t(root->process.pid);
}

// Who cut itself loose from the program that started it (a crash handler does) is known by its
// place: the folder that the program has for itself.
const ProcessFacts *ApplicationGroups::companionOf(const ProcessFacts &orphan)
{
    const pid_t pid = pid_t(orphan.process.pid);
    const ProcessFacts *parent = m_table.parentOf(orphan);
    if ((parent && parent->unit.kind != Unit::Kind::UserManager) || orphan.hasTerminal
        || m_display.isClient(pid) || hasMainWindow(pid) || isSharedFolder(orphan.folder())
        || registrationOf(orphan.process).has_value())
        return nullptr;
    const ProcessFacts *youngest = nullptr;
    for (const ClientWindow &window : m_display.windows) {
        if (window.kind != ClientWindow::Kind::Main || window.pid <= 0)
            continue;
        const ProcessFacts &candidate = m_table.of(window.pid);
        const bool fits = candidate.owner == orphan.owner && candidate.folder() == orphan.folder()
                       && candidate.process.startTime <= orphan.process.startTime;
        if (fits && (!youngest || youngest->process.startTime < candidate.process.startTime))
            youngest = &candidate;
    }
    return youngest;
}

bool ApplicationGroups::belongsTo(const ProcessFacts &child, const ProcessFacts &parent)
{
    const pid_t pid = pid_t(parent.process.pid);
    if (m_critical.isInstaller(pid) || child.owner != parent.owner
        || child.unit.name != parent.unit.name || child.unit.isUserUnit != parent.unit.isUserUnit)
        return false;
    if (child.program && child.program == parent.program) {
        if (!isInterpreter(child.executable))
            return true;
        // Two scripts of one interpreter are two programs; a script and its copies are one.
        const QList<QByteArray> arguments = argumentsOf(pid_t(child.process.pid));
        return scriptOf(child.executable, arguments).has_value() && arguments == argumentsOf(pid);
    }
    const auto drawsFor = [&child, pid](const ClientWindow &window) {
        return window.pid == child.process.pid && window.leader == pid;
    };
    return std::any_of(m_display.windows.cbegin(), m_display.windows.cend(), drawsFor)
        || isHelperOf(child, parent);
}

bool ApplicationGroups::hasMainWindow(pid_t pid) const
{
    return std::any_of(m_display.windows.cbegin(), m_display.windows.cend(),
                       [pid](const ClientWindow &window) {
                           return window.pid == pid && window.kind == ClientWindow::Kind::Main;
                       });
}

// A language server, a thumbnailer: nothing to see, and still in the session and the group of
// processes of who started it. What a desktop launches as an application says so.
bool ApplicationGroups::isHelperOf(const ProcessFacts &child, const ProcessFacts &parent) const
{
    const pid_t pid = pid_t(child.process.pid);
    if (child.session != parent.session || child.group != parent.group || m_display.isClient(pid)
        || m_critical.isOurs(pid_t(parent.process.pid))
        || !hasMainWindow(pid_t(parent.process.pid)))
        return false;
    const QByteArray launched =
        environmentValue(environmentOf(pid), "GIO_LAUNCHED_DESKTOP_FILE_PID");
    return launched.toLongLong() != child.process.pid;
}

QList<ClientWindow> ApplicationGroups::windowsOf(const QList<UniqueProcess> &processes) const
{
    QList<ClientWindow> found;
    for (const ClientWindow &window : m_display.windows)
        if (std::any_of(processes.cbegin(), processes.cend(),
                        [&window](const auto &one) { return one.pid == window.pid; }))
            found.append(window);
    return found;
}

} // namespace Entracte
