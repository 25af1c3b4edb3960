// SPDX-License-Identifier: MIT
#include "platform/linux/detection/fileidentity.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace Entracte {

std::optional<FileIdentity> identityAt(int directory, const char *name, bool fromCache)
{
    struct statx status;
    if (::statx(directory, name, fromCache ? AT_STATX_DONT_SYNC : AT_STATX_SYNC_AS_STAT, STATX_INO,
                &status)
        != 0)
        return std::nullopt;
    return FileIdentity{FileIdentity::deviceOf(status.stx_dev_major, status.stx_dev_minor),
                        status.stx_ino};
}

} // namespace Entracte
