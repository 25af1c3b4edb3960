// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>

/// Faults below everything: the calls of libc that change a file system, defined in the executable
/// that links this, so that the framework, Qt and the C++ library all come through here. Each is
/// counted by kind and does what was arranged for its number; all others reach the kernel
/// untouched.
///
///     FaultShim::reset();
///     FaultShim::onlyBelow(folder);
///     FaultShim::fail(FaultShim::Call::Linkat, 2, ENOSPC);
///     FaultShim::before(FaultShim::Call::Renameat2, 1, [] { … });
///
/// A child process is arranged from outside: `ENTRACTE_FAULT=write:17:kill`, several joined by
/// commas, and `ENTRACTE_FAULT_BELOW=/folder`. What is not understood ends the child with a
/// sentence.
///
/// Counts from several threads, arranges from any; where several threads do the counted calls,
/// which file the number falls on is chance. Not seen: what libc does inside itself (stdio,
/// mkstemp), and maps. openat2 is seen on x86-64 and AArch64, where the system call can be made
/// without libc.
class FaultShim
{
public:
    enum class Call {
        Openat, ///< open, openat, openat2, creat; only when a file may be made or emptied
        Write,  ///< write, pwrite; only into regular files
        Fsync,
        Fdatasync,
        Syncfs,
        Renameat2, ///< rename, renameat, renameat2
        Linkat,    ///< link, linkat
        Unlinkat,  ///< unlink, unlinkat of anything but a folder
        Rmdir,     ///< rmdir, unlinkat of a folder
        Mkdirat,   ///< mkdir, mkdirat
        Symlinkat, ///< symlink, symlinkat
        Fchmod,    ///< chmod, fchmod, fchmodat
        Fchown,    ///< chown, lchown, fchown, fchownat
        Futimens,  ///< futimens, utimensat
        Fsetxattr, ///< setxattr, lsetxattr, fsetxattr
        Fallocate, ///< fallocate, posix_fallocate
        Ftruncate,
        CopyFileRange,
        Ficlone, ///< ioctl FICLONE, FICLONERANGE
        Flock,   ///< changes nothing, but a step that may fail
    };
    static constexpr int callCount = int(Call::Flock) + 1;

    enum class Fault {
        Error,      ///< the call is not made and reports an errno
        KillBefore, ///< SIGKILL, the call is not made
        KillAfter,  ///< SIGKILL when the call has been made
        Tear,       ///< Write only: half of the bytes, then SIGKILL
        StopBefore, ///< SIGSTOP until somebody continues us; then the call is made
        StopAfter,
    };
    enum class Lasting { Once, FromThenOn };

    /// The \a number th \a call (from 1) reports \a errorNumber; so do all later ones if it lasts.
    static void fail(Call call, int number, int errorNumber, Lasting lasting = Lasting::Once);

    /// \a fault at the \a number th \a call.
    static void arrange(Call call, int number, Fault fault);

    /// Runs \a action in the calling thread just before, or just after, the \a number th \a call.
    /// What the action itself does is neither counted nor disturbed.
    static void before(Call call, int number, std::function<void()> action);
    static void after(Call call, int number, std::function<void()> action);

    /// Counts, and disturbs, only calls whose path or descriptor lies below \a directory. For two
    /// paths one is enough. \a directory is absolute, and exists when this is called.
    static void onlyBelow(const std::string &directory);

    /// Calls of this kind since the last reset().
    static int count(Call call);

    /// How many arranged things have happened: a test whose fault never came proves nothing.
    static int hitCount();

    /// Forgets counts, arrangements and the folder.
    static void reset();

    /// `write:17:kill`, joined by commas. The kinds are those of Call in lower case, the faults
    /// `kill`, `kill-after`, `tear`, `stop`, `stop-after`, or `EIO`, `ENOSPC`, … with a `+` behind
    /// when it lasts. False if \a text is anything else.
    static bool arrange(std::string_view text);

    /// "write", "renameat2", …
    static const char *nameOf(Call call);
};
