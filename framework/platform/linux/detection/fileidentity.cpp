// SPDX-License-Identifier: MIT
#include "platform/linux/detection/fileidentity.h"

#include "platform/unix/descriptor.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace Entracte {

static int howTo(bool fromCache)
{
    return fromCache ? AT_STATX_DONT_SYNC : AT_STATX_SYNC_AS_STAT;
}

static quint64 nanoseconds(const struct statx_timestamp &time)
{
    return quint64(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::optional<FileIdentity> identityAt(int directory, const char *name, bool fromCache)
{
    struct statx status;
    if (::statx(directory, name, howTo(fromCache), STATX_INO, &status) != 0)
        return std::nullopt;
    return FileIdentity{FileIdentity::deviceOf(status.stx_dev_major, status.stx_dev_minor),
                        status.stx_ino};
}

static std::optional<FileFacts> facts(int directory, const char *name, int flags)
{
    constexpr unsigned wanted = STATX_INO | STATX_TYPE | STATX_MTIME | STATX_CTIME | STATX_BTIME;
    struct statx status;
    if (::statx(directory, name, flags, wanted, &status) != 0)
        return std::nullopt;
    FileFacts facts;
    facts.identity = {FileIdentity::deviceOf(status.stx_dev_major, status.stx_dev_minor),
                      status.stx_ino};
    facts.isDirectory = S_ISDIR(status.stx_mode);
    facts.isRegular = S_ISREG(status.stx_mode);
    facts.birth = status.stx_mask & STATX_BTIME ? nanoseconds(status.stx_btime) : 0;
    facts.change = nanoseconds(status.stx_ctime);
    facts.modification = nanoseconds(status.stx_mtime);
    return facts;
}

std::optional<FileFacts> factsAt(int directory, const char *name, bool fromCache)
{
    return facts(directory, name, howTo(fromCache) | (*name ? 0 : AT_EMPTY_PATH));
}

std::optional<FileFacts> factsOfLinkAt(int directory, const char *name, bool fromCache)
{
    return facts(directory, name, howTo(fromCache) | AT_SYMLINK_NOFOLLOW);
}

std::optional<FileIdentity> rememberedIdentity(const char *path)
{
    open_how how = {};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_CACHED;
    const Descriptor file(int(::syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how)));
    const auto known = file.isValid() ? factsAt(file.get(), "") : std::nullopt;
    return known ? std::optional(known->identity) : std::nullopt;
}

} // namespace Entracte
