// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/relaunch/launchrecord.h"

#include <compare>
#include <optional>
#include <vector>

#include <sys/types.h>

namespace Entracte {

/// Whose rights a process has: what an agent becomes. Two programs of one user may differ in their
/// groups, for instance when one was started before the user was added to a group.
struct UserIdentity
{
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;

    explicit UserIdentity(const LaunchRecord &record)
        : uid(record.traits().uid)
        , gid(record.traits().gid)
    {
        const QList<gid_t> recorded = record.traits().groups;
        groups.assign(recorded.cbegin(), recorded.cend());
    }

    /// As a login would make it, from the system's lists of users and groups; nullopt for a user
    /// that is not in them.
    static std::optional<UserIdentity> ofLogin(uid_t uid);

    friend auto operator<=>(const UserIdentity &, const UserIdentity &) = default;

private:
    UserIdentity() = default;
};

} // namespace Entracte
