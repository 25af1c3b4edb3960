// SPDX-License-Identifier: MIT
#include "platform/linux/identification/desktopfacts.h"

#include "platform/linux/process.h"

#include <QDir>
#include <QHash>

namespace Entracte {

namespace {

/// Whose processes are whose, each looked up once.
class Owners
{
public:
    explicit Owners(uid_t uid)
        : m_uid(uid)
    {
    }

    bool areOf(pid_t pid)
    {
        const auto known = m_known.constFind(pid);
        if (known != m_known.cend())
            return *known;
        const bool isOne = pid > 0 && ownerOf(pid) == m_uid;
        m_known.insert(pid, isOne);
        return isOne;
    }

    QSet<pid_t> among(const QSet<pid_t> &pids)
    {
        QSet<pid_t> found;
        for (const pid_t pid : pids)
            if (areOf(pid))
                found.insert(pid);
        return found;
    }

private:
    uid_t m_uid;
    QHash<pid_t, bool> m_known;
};

} // namespace

DesktopFacts DesktopFacts::take(bool isDisplayOurs, const BusConnection *bus)
{
    DesktopFacts facts{DisplayClients::take(isDisplayOurs), BusNames::on(bus), {}};
    facts.pillars = facts.display.servers;
    for (const pid_t pid : {facts.display.manager, facts.bus.daemon})
        if (pid > 0)
            facts.pillars.insert(pid);
    return facts;
}

void DesktopFacts::nameWaylandClients()
{
    if (display.wayland.isEmpty())
        return;
    const QStringList names = QDir(QStringLiteral("/proc")).entryList(QDir::Dirs);
    for (const QString &name : names)
        if (const pid_t pid = name.toInt(); pid > 0 && display.wayland.contains(pid))
            display.clients.insert(pid);
}

DesktopFacts DesktopFacts::about(uid_t uid) const
{
    Owners owners(uid);
    DesktopFacts facts;
    for (ClientWindow window : display.windows) {
        if (!owners.areOf(window.pid))
            continue;
        if (!owners.areOf(window.leader))
            window.leader = 0;
        facts.display.windows.append(window);
    }
    facts.display.clients = owners.among(display.clients);
    for (auto name = bus.names.cbegin(); name != bus.names.cend(); ++name)
        if (owners.areOf(name.key()))
            facts.bus.names.insert(name.key(), name.value());
    facts.pillars = owners.among(pillars);
    return facts;
}

void DesktopFacts::unite(const DesktopFacts &other)
{
    display.windows += other.display.windows;
    display.clients += other.display.clients;
    bus.names.unite(other.bus.names);
    pillars += other.pillars;
}

} // namespace Entracte
