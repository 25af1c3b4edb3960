// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QFileDevice>
#include <QString>

#include <memory>

namespace Entracte {

/// Holds an exclusive lock until destroyed; the system frees it when the process dies.
class FileLock
{
public:
    virtual ~FileLock() = default;
};

/// Port: the few operations on trees that Qt does not offer, with the guarantees a transaction
/// needs. Implemented in platform/; a test double wraps the real one to make a chosen call fail.
///
/// Every function blocks and may be called from any thread, by one thread at a time. Symbolic links
/// are never followed in the last component. Errors are finished sentences.
class FileSystem
{
public:
    virtual ~FileSystem() = default;

    /// Swaps two directories, or two files, in one instant: at no moment is either name missing.
    virtual Result<> exchange(const QString &first, const QString &second) = 0;

    /// Renames; fails if \a to exists, even if it appeared just now.
    virtual Result<> moveNoReplace(const QString &from, const QString &to) = 0;

    /// Gives the file or symbolic link \a from a second name \a to. Where the system does not allow
    /// a hard link (another owner, another file system), makes a copy with the same bytes, mode and
    /// time instead.
    virtual Result<> linkOrCopy(const QString &from, const QString &to) = 0;

    /// Creates one directory whose parent exists. \a mode is exact, whatever the umask.
    virtual Result<> makeDirectory(const QString &path, int mode) = 0;

    /// Creates one directory with the owner, the extended attributes and the mode of \a model, as
    /// far as this user may; for now its owner may write in it.
    virtual Result<> makeDirectoryLike(const QString &path, const QString &model) = 0;

    virtual Result<> makeSymbolicLink(const QString &path, const QString &target) = 0;

    /// Creates \a path, which must not exist, for writing; the mode is exact, set-id bits never.
    virtual Result<std::unique_ptr<QFileDevice>> createFile(const QString &path, int mode) = 0;

    /// Deletes \a path and all below it. Never crosses into another file system or through a link.
    virtual Result<> removeTree(const QString &path) = 0;

    /// Returns when everything written on the volume of \a path has reached the disk.
    virtual Result<> syncVolume(const QString &path) = 0;

    /// Bytes an ordinary user may still write on the volume of \a path, which must exist.
    virtual Result<qint64> availableBytes(const QString &path) = 0;

    /// True when both names are the same file (device and inode), false also if either is missing.
    virtual bool isSameFile(const QString &first, const QString &second) = 0;

    /// Takes the lock file \a path, created if missing. ErrorCode::AlreadyRunning if it is held.
    virtual Result<std::unique_ptr<FileLock>> lock(const QString &path) = 0;
};

/// The running system's implementation.
std::unique_ptr<FileSystem> createFileSystem();

} // namespace Entracte
