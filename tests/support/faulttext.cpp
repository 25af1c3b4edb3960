// SPDX-License-Identifier: MIT
#include "support/faultshim.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <utility>

using Call = FaultShim::Call;
using Fault = FaultShim::Fault;
using Lasting = FaultShim::Lasting;

namespace {

constexpr std::array<const char *, FaultShim::callCount> callNames{
    "openat",    "write",     "fsync",     "fdatasync",       "syncfs",  "renameat2", "linkat",
    "unlinkat",  "rmdir",     "mkdirat",   "symlinkat",       "fchmod",  "fchown",    "futimens",
    "fsetxattr", "fallocate", "ftruncate", "copy_file_range", "ficlone", "flock"};

constexpr std::pair<std::string_view, int> errorNames[] = {
    {"EACCES", EACCES},         {"EBUSY", EBUSY},   {"EDQUOT", EDQUOT}, {"EEXIST", EEXIST},
    {"EINTR", EINTR},           {"EINVAL", EINVAL}, {"EIO", EIO},       {"EMLINK", EMLINK},
    {"ENOENT", ENOENT},         {"ENOLCK", ENOLCK}, {"ENOSPC", ENOSPC}, {"ENOSYS", ENOSYS},
    {"EOPNOTSUPP", EOPNOTSUPP}, {"EPERM", EPERM},   {"EROFS", EROFS},   {"EXDEV", EXDEV},
};

constexpr std::pair<std::string_view, Fault> faultNames[] = {
    {"kill", Fault::KillBefore}, {"kill-after", Fault::KillAfter}, {"tear", Fault::Tear},
    {"stop", Fault::StopBefore}, {"stop-after", Fault::StopAfter},
};

/// What the environment arranges, before main().
[[gnu::constructor]] void readEnvironment()
{
    if (const char *directory = std::getenv("ENTRACTE_FAULT_BELOW"))
        FaultShim::onlyBelow(directory);
    const char *const text = std::getenv("ENTRACTE_FAULT");
    if (text && !FaultShim::arrange(std::string_view(text))) {
        std::fprintf(stderr, "ENTRACTE_FAULT is not understood: %s\n", text);
        std::abort();
    }
}

bool arrangeOne(std::string_view text)
{
    const size_t first = text.find(':');
    const size_t second = text.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos)
        return false;
    const std::string_view callName = text.substr(0, first);
    const std::string_view numeral = text.substr(first + 1, second - first - 1);
    std::string_view faultName = text.substr(second + 1);

    int which = 0;
    while (which < FaultShim::callCount && callName != callNames[size_t(which)])
        ++which;
    int number = 0;
    const auto [end, failed] =
        std::from_chars(numeral.data(), numeral.data() + numeral.size(), number);
    if (which == FaultShim::callCount || failed != std::errc()
        || end != numeral.data() + numeral.size() || number < 1)
        return false;

    const Call call = Call(which);
    for (const auto &[name, fault] : faultNames) {
        if (name == faultName && (fault != Fault::Tear || call == Call::Write)) {
            FaultShim::arrange(call, number, fault);
            return true;
        }
    }
    const bool lasts = faultName.ends_with('+');
    if (lasts)
        faultName.remove_suffix(1);
    for (const auto &[name, errorNumber] : errorNames) {
        if (name == faultName) {
            FaultShim::fail(call, number, errorNumber, lasts ? Lasting::FromThenOn : Lasting::Once);
            return true;
        }
    }
    return false;
}

} // namespace

bool FaultShim::arrange(std::string_view text)
{
    while (true) {
        const size_t comma = text.find(',');
        if (!arrangeOne(text.substr(0, comma)))
            return false;
        if (comma == std::string_view::npos)
            return true;
        text.remove_prefix(comma + 1);
    }
}

const char *FaultShim::nameOf(Call call)
{
    return callNames[size_t(call)];
}
