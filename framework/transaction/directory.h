// SPDX-License-Identifier: MIT
#pragma once

#include "core/inputfile.h"
#include "core/result.h"
#include "plan/filestamp.h"
#include "plan/namefolding.h"

#include <QByteArray>
#include <QCoreApplication>
#include <QList>
#include <QSet>
#include <QString>

#include <memory>
#include <optional>

namespace Entracte {

enum class FileKind { File, Directory, SymbolicLink, Other };

/// What stands at a name, without following a link in it.
struct FileStatus
{
    FileKind kind = FileKind::Other;
    FileStamp stamp;
    int mode = 0; ///< permission bits, set-id and sticky included
    quint64 device = 0;
    quint64 inode = 0;
    uint owner = 0;
    bool isImmutable = false; ///< may not be changed, removed or linked, not even by root
    bool isMountPoint = false;

    bool isDirectory() const { return kind == FileKind::Directory; }
};

/// A file that is being written; closed when it goes.
class OutputFile
{
public:
    struct Private;
    explicit OutputFile(std::unique_ptr<Private> d);
    OutputFile(OutputFile &&) noexcept;
    OutputFile &operator=(OutputFile &&) noexcept;
    ~OutputFile();

    /// Unbuffered: a full disk is reported by the write that met it.
    Result<> write(QByteArrayView bytes);

    /// Returns when everything written has reached the disk.
    Result<> sync();

    /// What a status() of it would say now.
    FileStamp stamp() const;

private:
    std::unique_ptr<Private> d;
};

/// Holds an exclusive lock until destroyed; the system frees it when the process dies.
class FileLock
{
public:
    struct Private;
    explicit FileLock(std::unique_ptr<Private> d);
    FileLock(FileLock &&) noexcept;
    FileLock &operator=(FileLock &&) noexcept;
    ~FileLock();

private:
    std::unique_ptr<Private> d;
};

/// Notes in which folders of a tree something was created, written, renamed or deleted. A folder is
/// watched from the moment it is handed to Directory::children() with this.
class TreeWatch
{
public:
    TreeWatch();
    ~TreeWatch();

    struct Changes
    {
        bool isComplete = true;    ///< false: too much happened, or not everything could be watched
        QSet<QString> directories; ///< relative to the tree, "" for the tree itself
    };

    /// What happened since the last call. Never blocks; a few microseconds when it was nothing.
    Changes take();

private:
    friend class Directory;
    struct Private;
    std::unique_ptr<Private> d;
};

/// A directory held open. Every operation names its object by a path relative to it, which the
/// system resolves below it: never through a symbolic link, never out of it, whatever is put in
/// the way meanwhile. It stays the same directory when it is renamed or exchanged.
///
/// Implemented in platform/. All functions block. An object is used by one thread at a time;
/// another thread takes a duplicate(). Errors are finished sentences.
class Directory
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Directory)

public:
    struct Private;
    Directory(Directory &&) noexcept;
    Directory &operator=(Directory &&) noexcept;
    ~Directory();

    /// Opens the directory at the absolute \a path; links in that path are followed.
    static Result<Directory> open(const QString &path);

    /// Opens the directory \a path below this one.
    Result<Directory> below(const QString &path) const;

    Directory duplicate() const;

    /// Where it was opened; for sentences and for those who need a path.
    const QString &path() const;

    // --- looking ---------------------------------------------------------------------------------

    /// nullopt when nothing is there, or nothing that this user may reach. "" is this directory.
    std::optional<FileStatus> status(const QString &path) const;

    struct Child
    {
        QString name;
        FileKind kind = FileKind::Other;
    };
    /// What is in the directory \a path ("": this one), in no order. A name that is not valid text
    /// is an error: it could not be kept under the same name. What happens in it from just before
    /// on is noticed by \a watch, if there is one.
    Result<QList<Child>> children(const QString &path, TreeWatch *watch = nullptr) const;

    /// Opens the file \a path to read it; nullopt if there is none.
    Result<std::optional<InputFile>> readFrom(const QString &path) const;

    /// The bytes of the file \a path; nullopt if there is none.
    Result<std::optional<QByteArray>> read(const QString &path) const;

    QByteArray linkTarget(const QString &path) const;

    /// True if this user may create, rename and remove names in this directory.
    bool isWritable() const;

    /// True if this user may rename or remove \a path: a sticky directory lets only owners.
    bool mayRename(const QString &path) const;

    /// Mount points below the directory \a path, relative to this one.
    QStringList mountsBelow(const QString &path) const;

    // --- making ----------------------------------------------------------------------------------

    /// The parent exists. \a mode is exact, whatever the umask.
    Result<> makeDirectory(const QString &path, int mode);

    /// With the owner, the extended attributes and the mode of \a model, as far as this user may;
    /// for now its owner may write in it.
    Result<> makeDirectoryLike(const QString &path, const Directory &in, const QString &model);

    Result<> makeSymbolicLink(const QString &path, const QByteArray &target);

    /// \a path must not exist. The mode is exact, set-id bits never.
    Result<OutputFile> createFile(const QString &path, int mode);

    /// Opens the file \a path to add to its end.
    Result<OutputFile> appendTo(const QString &path);

    /// Gives the file or link \a original in \a from a second name \a path here: a hard link where
    /// the system allows it, else a file that is its like in every respect, sharing the blocks
    /// where the file system can. ErrorCode::CannotKeep when it would not be its like.
    Result<> keep(const Directory &from, const QString &original, const QString &path);

    /// Gives the file \a original a second name in the same volume, or fails.
    Result<> link(const QString &original, const Directory &to, const QString &path) const;

    Result<> setMode(const QString &path, int mode);

    // --- moving and removing ---------------------------------------------------------------------

    /// Swaps two names in one instant: at no moment is either missing.
    Result<> exchange(const QString &path, Directory &other, const QString &otherPath);

    /// Fails if \a toPath exists, even if it appeared just now.
    Result<> moveNoReplace(const QString &path, Directory &to, const QString &toPath);

    /// Removes one name: a file, a link or an empty directory. One that is gone already is no
    /// error.
    Result<> remove(const QString &path);

    enum class Urgency { AtOnce, Whenever };

    /// Deletes \a path and all below it. Never crosses into another file system or through a link.
    /// Whenever: everybody else's work and disk accesses go first.
    Result<> removeTree(const QString &path, Urgency urgency = Urgency::AtOnce);

    // --- the volume ------------------------------------------------------------------------------

    /// Returns when everything written on this volume has reached the disk.
    Result<> syncVolume() const;

    /// Returns when the names in the directory \a path have reached the disk; best effort, as not
    /// every file system lets a directory be synced.
    void syncNames(const QString &path) const;

    /// Bytes an ordinary user may still write on this volume.
    Result<qint64> availableBytes() const;

    /// Makes the file \a path take \a bytes on the disk, more or fewer than before. Where the file
    /// system cannot promise space, it does nothing.
    Result<> reserve(const QString &path, qint64 bytes);

    /// What names this directory takes for one: tried out with two names that are gone afterwards.
    Result<NameFolding> nameFolding();

    /// Takes the lock file \a path, created if missing. ErrorCode::AlreadyRunning if it is held.
    Result<FileLock> lock(const QString &path);

    /// The same, but waits until whoever holds it lets go or dies.
    Result<FileLock> awaitLock(const QString &path);

private:
    explicit Directory(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace Entracte
