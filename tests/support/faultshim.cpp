// SPDX-License-Identifier: MIT
#undef _FORTIFY_SOURCE // its inline functions would stand where ours are to stand

#include "support/faultshim.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

using Call = FaultShim::Call;
using Fault = FaultShim::Fault;
using Lasting = FaultShim::Lasting;

namespace {

#if defined(__x86_64__)
#define ENTRACTE_RAW_SYSTEM_CALLS
/// A system call without libc: the result, or the negative errno.
long ask(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0)
{
    long result = number;
    register long fourth asm("r10") = d;
    register long fifth asm("r8") = e;
    register long sixth asm("r9") = f;
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                 : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
#define ENTRACTE_RAW_SYSTEM_CALLS
long ask(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0)
{
    register long which asm("x8") = number;
    register long first asm("x0") = a;
    register long second asm("x1") = b;
    register long third asm("x2") = c;
    register long fourth asm("x3") = d;
    register long fifth asm("x4") = e;
    register long sixth asm("x5") = f;
    asm volatile("svc 0"
                 : "+r"(first)
                 : "r"(which), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
                 : "memory");
    return first;
}
#else
long ask(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0)
{
    const long result = ::syscall(number, a, b, c, d, e, f);
    return result < 0 ? -errno : result;
}
#endif

/// As libc answers: -1 and errno.
long answer(long result)
{
    if (result >= -4095 && result < 0) {
        errno = int(-result);
        return -1;
    }
    return result;
}

long word(const void *pointer)
{
    return long(reinterpret_cast<std::intptr_t>(pointer));
}

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

struct Arrangement
{
    Call call;
    int number;
    std::optional<Fault> fault; ///< or one of the actions
    int errorNumber = 0;
    Lasting lasting = Lasting::Once;
    std::function<void()> before;
    std::function<void()> after;
};

// The counted calls are made before main() and after it too: these need no construction.
constinit std::array<std::atomic<int>, FaultShim::callCount> counts{};
constinit std::atomic<int> hits{0};
constinit std::atomic<bool> isNarrowed{false};
constinit std::atomic<bool> hasArrangements{false};
constinit std::mutex guard;
constinit thread_local bool isActing = false;

std::vector<Arrangement> &arrangements()
{
    static auto *const list = new std::vector<Arrangement>; // outlives every static object
    return *list;
}

std::string &narrowedTo()
{
    static auto *const directory = new std::string;
    return *directory;
}

void add(Arrangement arrangement)
{
    const std::lock_guard lock(guard);
    arrangements().push_back(std::move(arrangement));
    hasArrangements = true;
}

void signalSelf(int signal)
{
    ask(SYS_tgkill, ask(SYS_getpid), ask(SYS_gettid), signal);
}

/// Where \a descriptor leads; empty if that has no path.
std::string pathOf(int descriptor)
{
    const std::string name = descriptor == AT_FDCWD ? std::string("/proc/self/cwd")
                                                    : "/proc/self/fd/" + std::to_string(descriptor);
    std::array<char, PATH_MAX> path;
    const long length =
        ask(SYS_readlinkat, AT_FDCWD, word(name.c_str()), word(path.data()), long(path.size()));
    return length > 0 ? std::string(path.data(), size_t(length)) : std::string();
}

bool isBelow(const std::string &path)
{
    const std::lock_guard lock(guard);
    const std::string &directory = narrowedTo();
    return path.compare(0, directory.size(), directory) == 0
        && (path.size() == directory.size() || path[directory.size()] == '/');
}

/// A descriptor, or a path relative to one, that a call is about.
struct Subject
{
    int descriptor = -1;
    const char *path = nullptr;

    bool isMeant() const
    {
        if (descriptor == -1 && !path)
            return false;
        if (!path || *path == '\0')
            return isBelow(pathOf(descriptor));
        return isBelow(*path == '/' ? std::string(path) : pathOf(descriptor) + '/' + path);
    }
};

/// One counted call, from its beginning to its end.
class Passage
{
public:
    Passage(Call call, const Subject &subject, const Subject &other = {})
    {
        if (isActing)
            return;
        const int errorNumber = errno;
        if (!isNarrowed || subject.isMeant() || other.isMeant())
            find(call, ++counts[size_t(call)]);
        errno = errorNumber;
        begin();
    }

    /// The errno to report instead of making the call, or 0.
    int error() const
    {
        return m_found && m_found->fault == Fault::Error ? m_found->errorNumber : 0;
    }

    bool tears() const { return m_found && m_found->fault == Fault::Tear; }

    /// \a result as the call had it, a negative errno being an error.
    long end(long result)
    {
        if (m_found && (m_found->fault == Fault::KillAfter || m_found->fault == Fault::Tear))
            signalSelf(SIGKILL);
        if (m_found && m_found->fault == Fault::StopAfter)
            signalSelf(SIGSTOP);
        if (m_found && m_found->after)
            act(m_found->after);
        return answer(result);
    }

private:
    void find(Call call, int number)
    {
        if (!hasArrangements)
            return;
        const std::lock_guard lock(guard);
        for (const Arrangement &arrangement : arrangements()) {
            const bool isHit =
                number == arrangement.number
                || (arrangement.lasting == Lasting::FromThenOn && number > arrangement.number);
            if (arrangement.call == call && isHit) {
                ++hits;
                // Something to run and something to suffer may fall on the same call.
                if (!m_found) {
                    m_found = arrangement;
                    continue;
                }
                if (arrangement.fault) {
                    m_found->fault = arrangement.fault;
                    m_found->errorNumber = arrangement.errorNumber;
                }
                if (arrangement.before)
                    m_found->before = arrangement.before;
                if (arrangement.after)
                    m_found->after = arrangement.after;
            }
        }
    }

    void begin()
    {
        if (!m_found)
            return;
        if (m_found->before)
            act(m_found->before);
        if (m_found->fault == Fault::KillBefore)
            signalSelf(SIGKILL);
        if (m_found->fault == Fault::StopBefore)
            signalSelf(SIGSTOP);
    }

    static void act(const std::function<void()> &action)
    {
        const int errorNumber = errno;
        isActing = true;
        action();
        isActing = false;
        errno = errorNumber;
    }

    std::optional<Arrangement> m_found;
};

/// Counts \a call, and makes it unless it is to fail.
template <typename Make>
long pass(Call call, const Subject &subject, const Subject &other, Make make)
{
    Passage passage(call, subject, other);
    const int error = passage.error();
    return passage.end(error != 0 ? -error : make());
}

template <typename Make>
long pass(Call call, const Subject &subject, Make make)
{
    return pass(call, subject, Subject{}, make);
}

bool maySpoil(int flags)
{
    return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

bool takesMode(int flags)
{
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

int openFile(int directory, const char *path, int flags, mode_t mode)
{
    const auto make = [=] { return ask(SYS_openat, directory, word(path), flags, long(mode)); };
    return int(maySpoil(flags) ? pass(Call::Openat, {directory, path}, make) : answer(make()));
}

bool isRegularFile(int descriptor)
{
    const int errorNumber = errno;
    struct stat status;
    const bool is = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    errno = errorNumber;
    return is;
}

/// pwrite if there is an \a offset.
ssize_t writeFile(int descriptor, const void *bytes, size_t size, std::optional<off_t> offset)
{
    const auto make = [=](size_t most) {
        return offset ? ask(SYS_pwrite64, descriptor, word(bytes), long(most), *offset)
                      : ask(SYS_write, descriptor, word(bytes), long(most));
    };
    if (isActing || !isRegularFile(descriptor))
        return answer(make(size));
    Passage passage(Call::Write, {descriptor, nullptr});
    if (const int error = passage.error(); error != 0)
        return passage.end(-error);
    return passage.end(make(passage.tears() ? size / 2 : size));
}

int renameFile(int from, const char *name, int to, const char *newName, unsigned flags)
{
    return int(pass(Call::Renameat2, {from, name}, {to, newName}, [=] {
        return ask(SYS_renameat2, from, word(name), to, word(newName), flags);
    }));
}

int linkFile(int from, const char *name, int to, const char *newName, int flags)
{
    return int(pass(Call::Linkat, {from, name}, {to, newName},
                    [=] { return ask(SYS_linkat, from, word(name), to, word(newName), flags); }));
}

int removeName(int directory, const char *path, int flags)
{
    const Call call = (flags & AT_REMOVEDIR) != 0 ? Call::Rmdir : Call::Unlinkat;
    return int(pass(call, {directory, path},
                    [=] { return ask(SYS_unlinkat, directory, word(path), flags); }));
}

int makeDirectory(int directory, const char *path, mode_t mode)
{
    return int(pass(Call::Mkdirat, {directory, path},
                    [=] { return ask(SYS_mkdirat, directory, word(path), long(mode)); }));
}

int makeSymbolicLink(const char *target, int directory, const char *path)
{
    return int(pass(Call::Symlinkat, {directory, path},
                    [=] { return ask(SYS_symlinkat, word(target), directory, word(path)); }));
}

/// fchmodat with flags: its own system call since Linux 6.6, a way through /proc before.
long changeMode(int directory, const char *path, mode_t mode, int flags)
{
    if (flags == 0)
        return ask(SYS_fchmodat, directory, word(path), long(mode));
    constexpr long fchmodat2 = 452;
    const long changed = ask(fchmodat2, directory, word(path), long(mode), flags);
    if (changed != -ENOSYS)
        return changed;
    const long opened = ask(SYS_openat, directory, word(path), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (opened < 0)
        return opened;
    struct stat status;
    long result = -EOPNOTSUPP; // the mode of a symbolic link
    if (::fstat(int(opened), &status) == 0 && !S_ISLNK(status.st_mode)) {
        const std::string name = "/proc/self/fd/" + std::to_string(opened);
        result = ask(SYS_fchmodat, AT_FDCWD, word(name.c_str()), long(mode));
    }
    ask(SYS_close, opened);
    return result;
}

int setMode(int directory, const char *path, mode_t mode, int flags)
{
    return int(pass(Call::Fchmod, {directory, path},
                    [=] { return changeMode(directory, path, mode, flags); }));
}

int setOwner(int directory, const char *path, uid_t owner, gid_t group, int flags)
{
    return int(pass(Call::Fchown, {directory, path}, [=] {
        return ask(SYS_fchownat, directory, word(path), long(owner), long(group), flags);
    }));
}

int setTimes(int directory, const char *path, const timespec *times, int flags)
{
    return int(pass(Call::Futimens, {directory, path},
                    [=] { return ask(SYS_utimensat, directory, word(path), word(times), flags); }));
}

int resizeFile(int descriptor, off_t size)
{
    return int(pass(Call::Ftruncate, {descriptor, nullptr},
                    [=] { return ask(SYS_ftruncate, descriptor, size); }));
}

int allocate(int descriptor, int mode, off_t offset, off_t size)
{
    return int(pass(Call::Fallocate, {descriptor, nullptr},
                    [=] { return ask(SYS_fallocate, descriptor, mode, offset, size); }));
}

/// posix_fallocate: returns its errno. Where the file system cannot, libc writes zeros itself.
int allocatePortably(int descriptor, off_t offset, off_t size)
{
    using Function = int (*)(int, off_t, off_t);
    static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "posix_fallocate"));
    const int errorNumber = errno;
    const long result = pass(Call::Fallocate, {descriptor, nullptr},
                             [=] { return long(-real(descriptor, offset, size)); });
    return result < 0 ? std::exchange(errno, errorNumber) : 0;
}

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

void FaultShim::fail(Call call, int number, int errorNumber, Lasting lasting)
{
    add({call, number, Fault::Error, errorNumber, lasting, {}, {}});
}

void FaultShim::arrange(Call call, int number, Fault fault)
{
    add({call, number, fault, 0, Lasting::Once, {}, {}});
}

void FaultShim::before(Call call, int number, std::function<void()> action)
{
    add({call, number, std::nullopt, 0, Lasting::Once, std::move(action), {}});
}

void FaultShim::after(Call call, int number, std::function<void()> action)
{
    add({call, number, std::nullopt, 0, Lasting::Once, {}, std::move(action)});
}

void FaultShim::onlyBelow(const std::string &directory)
{
    // Links resolved, as the kernel tells the paths of descriptors.
    char *const resolved = ::realpath(directory.c_str(), nullptr);
    const std::lock_guard lock(guard);
    narrowedTo() = resolved ? resolved : directory;
    std::free(resolved);
    isNarrowed = true;
}

int FaultShim::count(Call call)
{
    return counts[size_t(call)];
}

int FaultShim::hitCount()
{
    return hits;
}

void FaultShim::reset()
{
    const std::lock_guard lock(guard);
    arrangements().clear();
    hasArrangements = false;
    isNarrowed = false;
    hits = 0;
    for (std::atomic<int> &count : counts)
        count = 0;
}

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

// --- libc's names
// ---------------------------------------------------------------------------------

#pragma GCC visibility push(default)
extern "C" {

int openat(int directory, const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = takesMode(flags) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return openFile(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = takesMode(flags) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return openFile(directory, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = takesMode(flags) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return openFile(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = takesMode(flags) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return openFile(AT_FDCWD, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
    return openFile(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *path, mode_t mode)
{
    return openFile(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    return writeFile(descriptor, bytes, size, std::nullopt);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    return writeFile(descriptor, bytes, size, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset)
{
    return writeFile(descriptor, bytes, size, offset);
}

int fsync(int descriptor)
{
    return int(
        pass(Call::Fsync, {descriptor, nullptr}, [=] { return ask(SYS_fsync, descriptor); }));
}

int fdatasync(int descriptor)
{
    return int(pass(Call::Fdatasync, {descriptor, nullptr},
                    [=] { return ask(SYS_fdatasync, descriptor); }));
}

int syncfs(int descriptor) noexcept
{
    return int(
        pass(Call::Syncfs, {descriptor, nullptr}, [=] { return ask(SYS_syncfs, descriptor); }));
}

int renameat2(int from, const char *name, int to, const char *newName, unsigned flags) noexcept
{
    return renameFile(from, name, to, newName, flags);
}

int renameat(int from, const char *name, int to, const char *newName) noexcept
{
    return renameFile(from, name, to, newName, 0);
}

int rename(const char *name, const char *newName) noexcept
{
    return renameFile(AT_FDCWD, name, AT_FDCWD, newName, 0);
}

int linkat(int from, const char *name, int to, const char *newName, int flags) noexcept
{
    return linkFile(from, name, to, newName, flags);
}

int link(const char *name, const char *newName) noexcept
{
    return linkFile(AT_FDCWD, name, AT_FDCWD, newName, 0);
}

int unlinkat(int directory, const char *path, int flags) noexcept
{
    return removeName(directory, path, flags);
}

int unlink(const char *path) noexcept
{
    return removeName(AT_FDCWD, path, 0);
}

int rmdir(const char *path) noexcept
{
    return removeName(AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdirat(int directory, const char *path, mode_t mode) noexcept
{
    return makeDirectory(directory, path, mode);
}

int mkdir(const char *path, mode_t mode) noexcept
{
    return makeDirectory(AT_FDCWD, path, mode);
}

int symlinkat(const char *target, int directory, const char *path) noexcept
{
    return makeSymbolicLink(target, directory, path);
}

int symlink(const char *target, const char *path) noexcept
{
    return makeSymbolicLink(target, AT_FDCWD, path);
}

int fchmod(int descriptor, mode_t mode) noexcept
{
    return int(pass(Call::Fchmod, {descriptor, nullptr},
                    [=] { return ask(SYS_fchmod, descriptor, long(mode)); }));
}

int fchmodat(int directory, const char *path, mode_t mode, int flags) noexcept
{
    return setMode(directory, path, mode, flags);
}

int chmod(const char *path, mode_t mode) noexcept
{
    return setMode(AT_FDCWD, path, mode, 0);
}

int fchown(int descriptor, uid_t owner, gid_t group) noexcept
{
    return int(pass(Call::Fchown, {descriptor, nullptr},
                    [=] { return ask(SYS_fchown, descriptor, long(owner), long(group)); }));
}

int fchownat(int directory, const char *path, uid_t owner, gid_t group, int flags) noexcept
{
    return setOwner(directory, path, owner, group, flags);
}

int chown(const char *path, uid_t owner, gid_t group) noexcept
{
    return setOwner(AT_FDCWD, path, owner, group, 0);
}

int lchown(const char *path, uid_t owner, gid_t group) noexcept
{
    return setOwner(AT_FDCWD, path, owner, group, AT_SYMLINK_NOFOLLOW);
}

int futimens(int descriptor, const timespec times[2]) noexcept
{
    return setTimes(descriptor, nullptr, times, 0);
}

int utimensat(int directory, const char *path, const timespec times[2], int flags) noexcept
{
    return setTimes(directory, path, times, flags);
}

int fsetxattr(int descriptor, const char *name, const void *value, size_t size, int flags) noexcept
{
    return int(pass(Call::Fsetxattr, {descriptor, nullptr}, [=] {
        return ask(SYS_fsetxattr, descriptor, word(name), word(value), long(size), flags);
    }));
}

int setxattr(const char *path, const char *name, const void *value, size_t size, int flags) noexcept
{
    return int(pass(Call::Fsetxattr, {AT_FDCWD, path}, [=] {
        return ask(SYS_setxattr, word(path), word(name), word(value), long(size), flags);
    }));
}

int lsetxattr(const char *path, const char *name, const void *value, size_t size,
              int flags) noexcept
{
    return int(pass(Call::Fsetxattr, {AT_FDCWD, path}, [=] {
        return ask(SYS_lsetxattr, word(path), word(name), word(value), long(size), flags);
    }));
}

int fallocate(int descriptor, int mode, off_t offset, off_t size)
{
    return allocate(descriptor, mode, offset, size);
}

int fallocate64(int descriptor, int mode, off64_t offset, off64_t size)
{
    return allocate(descriptor, mode, offset, size);
}

int posix_fallocate(int descriptor, off_t offset, off_t size)
{
    return allocatePortably(descriptor, offset, size);
}

int posix_fallocate64(int descriptor, off64_t offset, off64_t size)
{
    return allocatePortably(descriptor, offset, size);
}

int ftruncate(int descriptor, off_t size) noexcept
{
    return resizeFile(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) noexcept
{
    return resizeFile(descriptor, size);
}

ssize_t copy_file_range(int from, off64_t *fromOffset, int to, off64_t *toOffset, size_t size,
                        unsigned flags)
{
    return pass(Call::CopyFileRange, {to, nullptr}, [=] {
        return ask(SYS_copy_file_range, from, word(fromOffset), to, word(toOffset), long(size),
                   flags);
    });
}

int flock(int descriptor, int operation) noexcept
{
    return int(pass(Call::Flock, {descriptor, nullptr},
                    [=] { return ask(SYS_flock, descriptor, operation); }));
}

int ioctl(int descriptor, unsigned long request, ...) noexcept
{
    va_list rest;
    va_start(rest, request);
    const long argument = va_arg(rest, long);
    va_end(rest);
    const auto make = [=] { return ask(SYS_ioctl, descriptor, long(request), argument); };
    const bool clones = request == FICLONE || request == FICLONERANGE;
    return int(clones ? pass(Call::Ficlone, {descriptor, nullptr}, make) : answer(make()));
}

#ifdef ENTRACTE_RAW_SYSTEM_CALLS
/// For openat2, which libc has no name for. Not every caller passes as many words as are taken up.
[[gnu::no_sanitize_address]] long syscall(long which, ...) noexcept
{
    va_list rest;
    va_start(rest, which);
    std::array<long, 6> arguments;
    for (long &argument : arguments)
        argument = va_arg(rest, long);
    va_end(rest);
    const auto make = [=] {
        return ask(which, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                   arguments[5]);
    };
    if (which != SYS_openat2)
        return answer(make());
    const char *const path = reinterpret_cast<const char *>(arguments[1]);
    const auto *const how = reinterpret_cast<const open_how *>(arguments[2]);
    return maySpoil(int(how->flags)) ? pass(Call::Openat, {int(arguments[0]), path}, make)
                                     : answer(make());
}
#endif

} // extern "C"
#pragma GCC visibility pop
