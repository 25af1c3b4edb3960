// SPDX-License-Identifier: MIT
#include "faults/filetree.h"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace fs = std::filesystem;
using Kind = FileNode::Kind;

namespace {

constexpr const char *noteName = "user.note";

std::string joined(const std::string &directory, const std::string &path)
{
    return path.empty() ? directory : directory + '/' + path;
}

std::string bytesOf(const std::string &path)
{
    std::string bytes;
    const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    std::array<char, 64 * 1024> block;
    ssize_t got = 0;
    while (file >= 0 && (got = ::read(file, block.data(), block.size())) > 0)
        bytes.append(block.data(), size_t(got));
    if (file < 0 || got < 0)
        bytes = std::string("(unreadable: ") + std::strerror(errno) + ')';
    if (file >= 0)
        ::close(file);
    return bytes;
}

void readInto(FileTree &tree, const std::string &directory, const std::string &path)
{
    const std::string full = joined(directory, path);
    struct stat status;
    if (::lstat(full.c_str(), &status) != 0)
        return;
    FileNode node;
    node.mode = int(status.st_mode & 07777);
    if (S_ISLNK(status.st_mode)) {
        std::array<char, PATH_MAX> target;
        const ssize_t length = ::readlink(full.c_str(), target.data(), target.size());
        node = symbolicLink(std::string(target.data(), size_t(length < 0 ? 0 : length)));
    } else {
        std::array<char, 256> note;
        const ssize_t length = ::lgetxattr(full.c_str(), noteName, note.data(), note.size());
        node.note.assign(note.data(), size_t(length < 0 ? 0 : length));
        node.kind = S_ISDIR(status.st_mode) ? Kind::Directory : Kind::File;
        if (S_ISREG(status.st_mode))
            node.content = bytesOf(full);
    }
    node.owner = int(status.st_uid);
    tree.emplace(path, node);
    if (node.kind != Kind::Directory)
        return;
    std::error_code error;
    for (const fs::directory_entry &entry : fs::directory_iterator(full, error)) {
        const std::string name = entry.path().filename().native();
        readInto(tree, directory, path.empty() ? name : path + '/' + name);
    }
}

std::string described(const FileTree &tree, const std::string &path)
{
    const auto at = tree.find(path);
    if (at == tree.end())
        return "nothing";
    const FileNode &node = at->second;
    std::array<char, 16> mode;
    std::snprintf(mode.data(), mode.size(), "%04o", unsigned(node.mode));
    const std::string start = node.content.substr(0, node.content.find('\n')).substr(0, 24);
    const std::string bytes = std::to_string(node.content.size()) + " bytes “" + start + "”";
    switch (node.kind) {
    case Kind::Link:
        return "a link to " + node.content;
    case Kind::Directory:
        return std::string("a folder ") + mode.data();
    case Kind::File:
        break;
    }
    return bytes + ' ' + mode.data() + (node.note.empty() ? "" : " with a note")
         + (node.owner < 0 ? "" : " of " + std::to_string(node.owner));
}

} // namespace

void require(bool isDone, const std::string &what)
{
    if (isDone)
        return;
    std::fprintf(stderr, "tst_faults: %s: %s\n", what.c_str(), std::strerror(errno));
    std::exit(2);
}

FileNode plainFile(const std::string &bytes, int mode)
{
    return {Kind::File, mode, bytes, {}};
}

FileNode folder(int mode)
{
    return {Kind::Directory, mode, {}, {}};
}

FileNode symbolicLink(const std::string &target)
{
    return {Kind::Link, 0, target, {}};
}

FileTree readTree(const std::string &directory)
{
    FileTree tree;
    readInto(tree, directory, {});
    return tree;
}

void writeTree(const std::string &directory, const FileTree &tree, uid_t owner)
{
    for (const auto &[path, node] : tree) {
        const std::string full = joined(directory, path);
        switch (node.kind) {
        case Kind::Directory:
            require(::mkdir(full.c_str(), 0700) == 0 || errno == EEXIST, full);
            break;
        case Kind::Link:
            require(::symlink(node.content.c_str(), full.c_str()) == 0, full);
            break;
        case Kind::File: {
            const int file = ::open(full.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
            require(file >= 0, full);
            require(::write(file, node.content.data(), node.content.size())
                        == ssize_t(node.content.size()),
                    full);
            require(::fchmod(file, mode_t(node.mode)) == 0, full);
            if (!node.note.empty())
                ::fsetxattr(file, noteName, node.note.data(), node.note.size(), 0);
            ::close(file);
            break;
        }
        }
        if (owner != 0)
            require(::lchown(full.c_str(), owner, owner) == 0, full);
    }
    for (auto at = tree.rbegin(); at != tree.rend(); ++at) {
        if (at->second.kind == Kind::Directory)
            require(::chmod(joined(directory, at->first).c_str(), mode_t(at->second.mode)) == 0,
                    at->first);
    }
}

void emptyFolder(const std::string &directory)
{
    std::error_code error;
    for (const fs::directory_entry &entry : fs::directory_iterator(directory, error)) {
        const std::string path = entry.path().native();
        struct stat status;
        if (::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
            ::chmod(path.c_str(), 0700);
            emptyFolder(path);
            require(::rmdir(path.c_str()) == 0, path);
        } else if (::unlink(path.c_str()) != 0) {
            require(setImmutable(path, false) && ::unlink(path.c_str()) == 0, path);
        }
    }
    require(!error, directory);
}

bool setImmutable(const std::string &path, bool isImmutable)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int flags = 0;
    bool isSet = file >= 0 && ::ioctl(file, FS_IOC_GETFLAGS, &flags) == 0;
    flags = isImmutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    isSet = isSet && ::ioctl(file, FS_IOC_SETFLAGS, &flags) == 0;
    if (file >= 0)
        ::close(file);
    return isSet;
}

std::string differences(const FileTree &expected, const FileTree &found)
{
    constexpr int most = 4;
    FileTree both = expected;
    both.insert(found.begin(), found.end());
    std::string text;
    int count = 0;
    for (const auto &[path, node] : both) {
        const auto here = expected.find(path);
        const auto there = found.find(path);
        if (here != expected.end() && there != found.end() && here->second == there->second)
            continue;
        if (++count <= most)
            text += (text.empty() ? "" : "; ") + (path.empty() ? std::string(".") : path) + ": "
                  + described(found, path) + " instead of " + described(expected, path);
    }
    if (count > most)
        text += "; and " + std::to_string(count - most) + " more";
    return text;
}
