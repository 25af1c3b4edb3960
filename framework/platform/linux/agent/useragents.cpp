// SPDX-License-Identifier: MIT
#include "platform/linux/agent/useragents.h"

#include "platform/linux/agent/agentenvironment.h"
#include "platform/linux/agent/agentprocess.h"
#include "platform/linux/contact.h"
#include "platform/linux/process.h"

#include <algorithm>
#include <set>

namespace Entracte {

/// Displays and groups that one user has at once.
static constexpr std::ptrdiff_t mostOfOneUser = 4;

/// Of one user, beyond which nobody is looked at any more to find another display.
static constexpr int mostLookedAt = 200;

UserAgents::Place::Place(const LaunchRecord &record)
    : identity(record)
    , environment(agentEnvironment(identity.uid, record.environment()))
{
}

UserAgents::Place::Place(const UserIdentity &login)
    : identity(login)
    , environment(agentEnvironment(login.uid, {}))
{
}

bool UserAgents::Place::hasDisplay() const
{
    return std::any_of(environment.cbegin(), environment.cend(), [](const QByteArray &variable) {
        return variable.startsWith("DISPLAY=") || variable.startsWith("WAYLAND_DISPLAY=");
    });
}

UserAgents::UserAgents(Clock &clock)
    : m_clock(clock)
{
}

UserAgents::~UserAgents() = default;

UserAgents::Agents::iterator UserAgents::anyOf(const UserIdentity &identity)
{
    return std::find_if(m_agents.begin(), m_agents.end(), [&identity](const auto &agent) {
        return agent.first.identity == identity;
    });
}

// A program without a display is spoken to over its socket, by signals and on its bus: whoever of
// its user is there can do that.
UserAgent *UserAgents::agentFor(const LaunchRecord &record)
{
    if (!record.isValid() || !isOfAUser(qint64(record.traits().uid)) || !AgentProcess::isPossible())
        return nullptr;
    const Place place(record);
    auto found = m_agents.find(place);
    if (found == m_agents.end() && !place.hasDisplay())
        found = anyOf(place.identity);
    if (found != m_agents.end())
        return found->second.get();
    const auto ofThisUser = std::count_if(m_agents.cbegin(), m_agents.cend(), [&](const auto &one) {
        return one.first.identity.uid == place.identity.uid;
    });
    if (ofThisUser >= mostOfOneUser)
        return nullptr;
    return add(place);
}

UserAgent *UserAgents::add(const Place &place)
{
    return m_agents
        .emplace(place, std::make_unique<UserAgent>(place.identity, place.environment, m_clock))
        .first->second.get();
}

UserAgent *UserAgents::agentOf(uid_t user)
{
    if (!isOfAUser(qint64(user)) || !AgentProcess::isPossible())
        return nullptr;
    const auto found = std::find_if(m_agents.cbegin(), m_agents.cend(), [user](const auto &agent) {
        return agent.first.identity.uid == user;
    });
    if (found != m_agents.cend())
        return found->second.get();
    const std::optional<UserIdentity> login = UserIdentity::ofLogin(user);
    return login ? add(Place(*login)) : nullptr;
}

UserAgent *UserAgents::agentFor(const AffectedApplication &application)
{
    if (!isOfAUser(application.ownerUid))
        return nullptr;
    return agentFor(LaunchRecord::of(application.process));
}

/// Not the services of the system that have a user of their own.
static bool hasDesktop(const LaunchRecord &record)
{
    for (const char *name :
         {"DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"})
        if (!environmentValue(record.environment(), name).isEmpty())
            return true;
    return false;
}

QList<LaunchRecord> UserAgents::distinctPrograms(const QList<UniqueProcess> &processes)
{
    QHash<uid_t, int> lookedAt;
    std::set<Place> places;
    QList<LaunchRecord> records;
    for (const UniqueProcess &process : processes) {
        const std::optional<uid_t> owner = ownerOf(pid_t(process.pid));
        if (!owner || !isOfAUser(*owner) || ++lookedAt[*owner] > mostLookedAt)
            continue;
        const LaunchRecord record = LaunchRecord::of(process);
        if (record.isValid() && hasDesktop(record) && places.insert(Place(record)).second)
            records.append(record);
    }
    // Who has a display first: those without may use the same agent.
    std::stable_partition(records.begin(), records.end(),
                          [](const LaunchRecord &record) { return Place(record).hasDisplay(); });
    return records;
}

} // namespace Entracte
