// SPDX-License-Identifier: MIT
#include "faults/laboratory.h"

#include "faults/filetree.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sched.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace Laboratory {

std::string enter(const std::string &folder)
{
    if (::unshare(CLONE_NEWNS) != 0
        || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return std::string("a mount namespace of our own: ") + std::strerror(errno);
    return mountOn(folder, "tmpfs", "mode=0755");
}

std::string mountOn(const std::string &folder, const std::string &type, const std::string &options,
                    const std::string &source, unsigned long flags)
{
    ::mkdir(folder.c_str(), 0755);
    if (::mount(source.c_str(), folder.c_str(), type.c_str(), flags, options.c_str()) == 0)
        return {};
    return "mounting " + type + " (" + options + "): " + std::strerror(errno);
}

std::string makeImage(const std::string &file, const std::string &type, int megabytes,
                      const std::vector<std::string> &options)
{
    ::unlink(file.c_str());
    const int image = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    require(image >= 0 && ::ftruncate(image, off_t(megabytes) * 1024 * 1024) == 0, file);
    ::close(image);
    std::vector<std::string> words{"mkfs." + type, "-q", type == "ext4" ? "-F" : "-f"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(file);
    return run(words);
}

std::string mountImage(const std::string &file, const std::string &folder,
                       const std::string &options)
{
    ::mkdir(folder.c_str(), 0755);
    return run({"mount", "-o", options.empty() ? "loop" : "loop," + options, file, folder});
}

void copyImage(const std::string &from, const std::string &to)
{
    const int source = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
    const int copy = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct stat status;
    require(source >= 0 && copy >= 0 && ::fstat(source, &status) == 0
                && ::ftruncate(copy, status.st_size) == 0,
            to);
    static std::array<char, 1024 * 1024> block;
    off_t at = 0;
    while ((at = ::lseek(source, at, SEEK_DATA)) >= 0) {
        const off_t end = ::lseek(source, at, SEEK_HOLE);
        while (at < end) {
            const size_t most = size_t(std::min(end - at, off_t(block.size())));
            const ssize_t got = ::pread(source, block.data(), most, at);
            require(got > 0 && ::pwrite(copy, block.data(), size_t(got), at) == got, to);
            at += got;
        }
    }
    ::close(source);
    ::close(copy);
}

void unmountAll(const std::string &folder)
{
    std::vector<std::string> points;
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words(line);
        std::string point;
        for (int word = 0; word < 5; ++word)
            words >> point;
        if (point == folder || point.starts_with(folder + '/'))
            points.push_back(point);
    }
    for (auto point = points.rbegin(); point != points.rend(); ++point) // the last one first
        require(::umount2(point->c_str(), 0) == 0 || ::umount2(point->c_str(), MNT_DETACH) == 0,
                "unmounting " + *point);
}

static std::string control(const std::string &folder, unsigned long request, void *argument,
                           const char *what)
{
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool isDone = directory >= 0 && ::ioctl(directory, request, argument) >= 0;
    const int error = errno;
    ::close(directory);
    return isDone ? std::string() : std::string(what) + ": " + std::strerror(error);
}

/// Where a command does not itself count against the quota of \a folder.
static std::string outside(const std::string &folder)
{
    return folder.substr(0, folder.rfind('/'));
}

static unsigned long long subvolumeOf(const std::string &folder)
{
    btrfs_ioctl_ino_lookup_args arguments = {};
    arguments.objectid = 256 /* the folder itself, in every subvolume */;
    const bool isKnown = control(folder, BTRFS_IOC_INO_LOOKUP, &arguments, "").empty();
    return isKnown ? arguments.treeid : 0;
}

std::string Quota::make(const std::string &folder)
{
    const std::string volume = outside(folder);
    btrfs_ioctl_vol_args name = {};
    std::snprintf(name.name, sizeof name.name, "%s", folder.c_str() + volume.size() + 1);
    btrfs_ioctl_quota_ctl_args enable = {};
    enable.cmd = BTRFS_QUOTA_CTL_ENABLE;
    std::string problem = control(volume, BTRFS_IOC_SUBVOL_CREATE, &name, "a subvolume of btrfs");
    if (problem.empty())
        problem = control(volume, BTRFS_IOC_QUOTA_CTL, &enable, "a quota of btrfs");
    if (problem.empty())
        problem = control(volume, BTRFS_IOC_QUOTA_RESCAN_WAIT, nullptr, "a quota of btrfs");
    return problem;
}

std::string Quota::limit(const std::string &folder, std::optional<unsigned long long> bytes)
{
    btrfs_ioctl_qgroup_limit_args arguments = {};
    arguments.qgroupid = subvolumeOf(folder);
    arguments.lim.flags = BTRFS_QGROUP_LIMIT_MAX_RFER;
    arguments.lim.max_rfer = bytes.value_or(~0ULL); // "none"
    return control(outside(folder), BTRFS_IOC_QGROUP_LIMIT, &arguments, "a limit of btrfs");
}

unsigned long long Quota::used(const std::string &folder)
{
    btrfs_ioctl_fs_info_args info = {};
    if (!control(folder, BTRFS_IOC_SYNC, nullptr, "").empty()
        || !control(folder, BTRFS_IOC_FS_INFO, &info, "").empty())
        return 0;
    std::string id;
    for (size_t at = 0; at < sizeof info.fsid; ++at) {
        std::array<char, 3> digits;
        std::snprintf(digits.data(), digits.size(), "%02x", unsigned(info.fsid[at]));
        id += (at == 4 || at == 6 || at == 8 || at == 10 ? "-" : "") + std::string(digits.data());
    }
    unsigned long long bytes = 0;
    std::ifstream("/sys/fs/btrfs/" + id + "/qgroups/0_" + std::to_string(subvolumeOf(folder))
                  + "/referenced")
        >> bytes;
    return bytes;
}

std::string run(const std::vector<std::string> &words)
{
    std::vector<char *> arguments;
    for (const std::string &word : words)
        arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    ::setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1); // mkfs is not in everybody's

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    const int error =
        ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    if (error != 0)
        return words[0] + ": " + std::strerror(error);
    if (::waitpid(child, &status, 0) == child && status == 0)
        return {};
    std::string sentence;
    for (const std::string &word : words)
        sentence += word + ' ';
    return sentence + "failed";
}

} // namespace Laboratory
