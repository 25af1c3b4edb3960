// SPDX-License-Identifier: MIT
#include "platform/linux/agent/useridentity.h"

#include <grp.h>
#include <pwd.h>

namespace Entracte {

std::optional<UserIdentity> UserIdentity::ofLogin(uid_t uid)
{
    constexpr int mostGroups = 65'536; // the kernel's own limit
    std::vector<char> buffer(16'384);
    passwd entry{};
    passwd *found = nullptr;
    ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    if (!found)
        return std::nullopt;
    UserIdentity identity;
    identity.uid = uid;
    identity.gid = found->pw_gid;
    int count = 64;
    identity.groups.resize(size_t(count));
    while (::getgrouplist(found->pw_name, found->pw_gid, identity.groups.data(), &count) < 0) {
        if (count > mostGroups || size_t(count) <= identity.groups.size())
            return std::nullopt;
        identity.groups.resize(size_t(count));
    }
    identity.groups.resize(size_t(count));
    return identity;
}

} // namespace Entracte
