// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/useragent.h"
#include "restart/affectedapplication.h"

#include <QByteArray>
#include <QList>

#include <map>
#include <memory>
#include <tuple>

namespace Entracte {

/// The agents that one installation has: one a user, and one for each display and bus where a user
/// has several. A user who has more of them than anybody needs gets no more.
class UserAgents
{
public:
    explicit UserAgents(Clock &clock);
    ~UserAgents();

    /// Who may act for \a record, the program of a user; null where we cannot have agents.
    UserAgent *agentFor(const LaunchRecord &record);

    /// Who may speak with \a application; null also if it is our own, or has gone.
    UserAgent *agentFor(const AffectedApplication &application);

    /// Who may act for \a user without a display; null where we cannot have agents, or do not know
    /// the user.
    UserAgent *agentOf(uid_t user);

    /// Each program once for whom there has to be an agent of its own, of those that are the users'
    /// among \a processes. Reads /proc; any thread.
    static QList<LaunchRecord> distinctPrograms(const QList<UniqueProcess> &processes);

    /// Ends the agents; the programs that they started stay.
    void dismiss() { m_agents.clear(); }

private:
    struct Place
    {
        UserIdentity identity;
        QList<QByteArray> environment;

        explicit Place(const LaunchRecord &record);
        explicit Place(const UserIdentity &login);
        bool hasDisplay() const;
        friend bool operator<(const Place &a, const Place &b)
        {
            return std::tie(a.identity, a.environment) < std::tie(b.identity, b.environment);
        }
    };
    using Agents = std::map<Place, std::unique_ptr<UserAgent>>;

    Agents::iterator anyOf(const UserIdentity &identity);
    UserAgent *add(const Place &place);

    Clock &m_clock;
    Agents m_agents;
};

} // namespace Entracte
