// SPDX-License-Identifier: MIT
#undef _FORTIFY_SOURCE // its inline functions would stand where ours are to stand

#include "support/passage.h"
#include "support/rawcall.h"

#include <array>
#include <cerrno>
#include <cstdarg>
#include <string>
#include <utility>

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

// The functions of libc that change a file system, each counted before it is made.

using Call = FaultShim::Call;

namespace {

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
    if (Passage::isActing() || !isRegularFile(descriptor))
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

} // namespace

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
