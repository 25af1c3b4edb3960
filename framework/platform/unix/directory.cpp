// SPDX-License-Identifier: MIT
#include "transaction/directory.h"

#include "platform/unix/descriptor.h"
#include "platform/unix/filecopy.h"
#include "platform/unix/filelock.h"
#include "platform/unix/filestatus.h"
#include "platform/unix/folderreader.h"
#include "platform/unix/openbelow.h"
#include "platform/unix/outputfile.h"
#include "platform/unix/treeremoval.h"
#include "platform/unix/treewatch.h"

#include <QFile>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

/// The bits that new files lose; what a default ACL takes away cannot be told beforehand.
mode_t lostBits(int directory)
{
    if (::fgetxattr(directory, "system.posix_acl_default", nullptr, 0) > 0)
        return 0777;
    QFile status(u"/proc/self/status"_s);
    if (!status.open(QIODevice::ReadOnly))
        return 0777;
    const QByteArray text = status.readAll();
    const qsizetype at = text.indexOf("\nUmask:");
    return at < 0 ? 0777
                  : mode_t(text.mid(at + 7, 10).split('\n').first().trimmed().toUInt(nullptr, 8));
}

/// nullopt if \a name is not valid text: what is made of it would be another name.
std::optional<QString> textOf(QByteArrayView name)
{
    if (std::all_of(name.begin(), name.end(), [](char c) { return uchar(c) < 0x80; }))
        return QString::fromLatin1(name); // nearly all
    const QString text = QFile::decodeName(name.toByteArray());
    return QFile::encodeName(text) == name ? std::optional(text) : std::nullopt;
}

bool refusesHardLinks(int errorNumber)
{
    return errorNumber == EPERM || errorNumber == EXDEV || errorNumber == EMLINK
        || errorNumber == EOPNOTSUPP || errorNumber == ENOSYS;
}

} // namespace

struct Directory::Private
{
    /// A name in an open directory, good for one system call.
    struct Place
    {
        int directory = -1;
        QByteArray name;
    };

    Place placeOf(const QString &path);
    Error failure(const QString &sentence, const QString &path, int error) const;
    Error unreadable(const QString &path, int error) const;
    QString absolute(const QString &relative) const
    {
        return relative.isEmpty() ? path : path + u'/' + relative;
    }
    mode_t lost();

    Descriptor root;
    QString path;
    // The directory used last: files come in the order of their folders.
    QByteArray lastPath;
    Descriptor last;
    std::optional<mode_t> lostModeBits;
};

Directory::Private::Place Directory::Private::placeOf(const QString &relative)
{
    QByteArray whole = QFile::encodeName(relative);
    const qsizetype slash = whole.lastIndexOf('/');
    if (slash < 0)
        return {root.get(), std::move(whole)};
    const QByteArrayView parent = QByteArrayView(whole).first(slash);
    if (!last.isValid() || parent != lastPath) {
        const QByteArray opened = parent.toByteArray();
        last = Descriptor(openBelow(root.get(), opened));
        lastPath = opened;
    }
    whole.remove(0, slash + 1); // mid() would copy
    return {last.get(), std::move(whole)};
}

/// \a sentence has %1 for the path and %2 for the system's words.
Error Directory::Private::failure(const QString &sentence, const QString &relative, int error) const
{
    return Error::fromErrno(error, sentence.arg(absolute(relative), systemReply(error)));
}

Error Directory::Private::unreadable(const QString &path, int error) const
{
    return failure(Directory::tr("Could not read “%1”: %2.", "error message; %2: system"), path,
                   error);
}

mode_t Directory::Private::lost()
{
    if (!lostModeBits)
        lostModeBits = lostBits(root.get());
    return *lostModeBits;
}

Directory::Directory(std::unique_ptr<Private> made)
    : d(std::move(made))
{
}
Directory::Directory(Directory &&) noexcept = default;
Directory &Directory::operator=(Directory &&) noexcept = default;
Directory::~Directory() = default;

Result<Directory> Directory::open(const QString &path)
{
    auto opened = std::make_unique<Private>();
    opened->path = path;
    opened->root =
        Descriptor(::open(QFile::encodeName(path).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened->root.isValid())
        return Directory(std::move(opened));
    const int error = errno;
    return Error::fromErrno(
        error, Directory::tr("Could not open the folder “%1”: %2.", "error message; %2: system")
                   .arg(path, systemReply(error)));
}

Result<Directory> Directory::below(const QString &path) const
{
    auto opened = std::make_unique<Private>();
    opened->path = d->absolute(path);
    opened->root = Descriptor(openBelow(d->root.get(), QFile::encodeName(path)));
    if (opened->root.isValid())
        return Directory(std::move(opened));
    return d->failure(
        Directory::tr("Could not open the folder “%1”: %2.", "error message; %2: system"), path,
        errno);
}

Directory Directory::duplicate() const
{
    auto copy = std::make_unique<Private>();
    copy->root = Descriptor(::fcntl(d->root.get(), F_DUPFD_CLOEXEC, 0));
    copy->path = d->path;
    copy->lostModeBits = d->lost();
    return Directory(std::move(copy));
}

const QString &Directory::path() const
{
    return d->path;
}

std::optional<FileStatus> Directory::status(const QString &path) const
{
    const Private::Place place = d->placeOf(path);
    struct statx status;
    if (place.directory < 0 || !lookAt(place.directory, place.name.constData(), status))
        return std::nullopt;
    return statusFrom(status);
}

Result<QList<Directory::Child>> Directory::children(const QString &path, TreeWatch *watch) const
{
    const auto failure = [&](int error) {
        return d->failure(
            Directory::tr("Could not look into the folder “%1”: %2.", "error message; %2: system"),
            path, error);
    };
    const QByteArray folder = QFile::encodeName(path);
    Descriptor opened(openBelow(d->root.get(), folder));
    if (!opened.isValid())
        return failure(errno);
    if (watch)
        watch->d->add(opened.get(), path);

    QList<Child> children;
    FolderReader reader(opened.get());
    while (const FolderReader::Entry *entry = reader.next()) {
        const std::optional<QString> name = textOf(entry->name);
        if (!name)
            return Error{
                ErrorCode::Failed,
                Directory::tr("Could not keep “%1”: its name is not valid text, rename it first.",
                              "error message")
                    .arg(d->absolute(path) + u'/' + QFile::decodeName(entry->name))};
        struct stat status;
        if (entry->type != DT_UNKNOWN)
            children.append({*name, kindOf(DTTOIF(entry->type))});
        else if (::fstatat(opened.get(), entry->name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            children.append({*name, kindOf(status.st_mode)});
    }
    if (reader.errorNumber() != 0)
        return failure(reader.errorNumber());
    if (!folder.isEmpty()) { // who has its children mostly looks at them next
        d->last = std::move(opened);
        d->lastPath = folder;
    }
    return children;
}

Result<std::optional<InputFile>> Directory::readFrom(const QString &path) const
{
    const Private::Place place = d->placeOf(path);
    std::optional<InputFile> file =
        place.directory < 0
            ? std::nullopt
            : InputFile::from(::openat(place.directory, place.name.constData(),
                                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file || errno == ENOENT || errno == ENOTDIR)
        return file;
    return d->unreadable(path, errno);
}

Result<std::optional<QByteArray>> Directory::read(const QString &path) const
{
    const Result<std::optional<InputFile>> file = readFrom(path);
    if (!file)
        return file.error();
    if (!*file)
        return std::optional<QByteArray>();
    QByteArray bytes((*file)->size(), Qt::Uninitialized);
    const qint64 got = (*file)->read(0, bytes.data(), bytes.size());
    if (got < 0)
        return d->unreadable(path, errno);
    bytes.truncate(got);
    return std::optional(std::move(bytes));
}

QByteArray Directory::linkTarget(const QString &path) const
{
    const Private::Place place = d->placeOf(path);
    return place.directory < 0 ? QByteArray()
                               : targetOfLink(place.directory, place.name.constData());
}

bool Directory::isWritable() const
{
    return ::faccessat(d->root.get(), ".", W_OK | X_OK, AT_EACCESS) == 0;
}

bool Directory::mayRename(const QString &path) const
{
    const std::optional<FileStatus> here = status(QString());
    const std::optional<FileStatus> there = status(path);
    if (!here || !there || there->isImmutable)
        return false;
    const uid_t user = ::geteuid();
    return !(here->mode & S_ISVTX) || user == 0 || user == here->owner || user == there->owner;
}

QStringList Directory::mountsBelow(const QString &path) const
{
    std::array<char, PATH_MAX> resolved;
    const QByteArray link = "/proc/self/fd/" + QByteArray::number(d->root.get());
    const ssize_t length = ::readlink(link.constData(), resolved.data(), resolved.size());
    QFile table(u"/proc/self/mountinfo"_s);
    if (length <= 0 || !table.open(QIODevice::ReadOnly))
        return {};
    const QByteArray root = QByteArray(resolved.data(), length) + '/';
    const QByteArray tree = root + QFile::encodeName(path) + (path.isEmpty() ? "" : "/");

    QStringList mounts;
    const QList<QByteArray> lines = table.readAll().split('\n');
    for (const QByteArray &line : lines) {
        const QList<QByteArray> fields = line.split(' ');
        if (fields.size() < 5)
            continue;
        QByteArray point = fields[4]; // blanks and the like are written in octal
        point.replace("\\040", " ")
            .replace("\\011", "\t")
            .replace("\\012", "\n")
            .replace("\\134", "\\");
        if (point.startsWith(tree) && point.size() > tree.size())
            mounts.append(QFile::decodeName(point.mid(root.size())));
    }
    return mounts;
}

// --- making
// --------------------------------------------------------------------------------------------

Result<> Directory::makeDirectory(const QString &path, int mode)
{
    const Private::Place place = d->placeOf(path);
    const mode_t wanted = mode_t(mode) & 01777;
    if (place.directory >= 0 && ::mkdirat(place.directory, place.name.constData(), wanted) == 0
        && (!(wanted & (d->lost() | S_ISVTX))
            || ::fchmodat(place.directory, place.name.constData(), wanted, 0) == 0))
        return {};
    return d->failure(
        Directory::tr("Could not create the folder “%1”: %2.", "error message; %2: system"), path,
        errno);
}

Result<> Directory::makeDirectoryLike(const QString &path, const Directory &in,
                                      const QString &model)
{
    if (const Result<> made = makeDirectory(path, 0700); !made)
        return made.error();
    const Descriptor from(openBelow(in.d->root.get(), QFile::encodeName(model)));
    const Descriptor directory(openBelow(d->root.get(), QFile::encodeName(path)));
    struct stat status;
    if (from.isValid() && directory.isValid() && ::fstat(from.get(), &status) == 0) {
        const bool keepsOwner = ::fchown(directory.get(), status.st_uid, status.st_gid) == 0;
        (void)copyAttributes(from.get(), directory.get());
        const mode_t mode = status.st_mode & (keepsOwner ? 07777 : 01777);
        if (::fchmod(directory.get(), mode | 0700) == 0)
            return {};
    }
    const int error = errno;
    return Error::fromErrno(
        error,
        Directory::tr("Could not make the folder “%1” like “%2”: %3.", "error message; %3: system")
            .arg(d->absolute(path), in.d->absolute(model), systemReply(error)));
}

Result<> Directory::makeSymbolicLink(const QString &path, const QByteArray &target)
{
    const Private::Place place = d->placeOf(path);
    if (place.directory >= 0
        && ::symlinkat(target.constData(), place.directory, place.name.constData()) == 0)
        return {};
    return d->failure(
        Directory::tr("Could not create the link “%1”: %2.", "error message; %2: system"), path,
        errno);
}

Result<OutputFile> Directory::createFile(const QString &path, int mode)
{
    const Private::Place place = d->placeOf(path);
    const mode_t wanted = mode_t(mode) & 0777;
    auto made = std::make_unique<OutputFile::Private>();
    if (place.directory >= 0)
        made->file =
            Descriptor(::openat(place.directory, place.name.constData(),
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, wanted));
    if (!made->file.isValid() || ((wanted & d->lost()) && ::fchmod(made->file.get(), wanted) != 0))
        return d->failure(
            Directory::tr("Could not create the file “%1”: %2.", "error message; %2: system"), path,
            errno);
    made->directory = d->path;
    made->name = path;
    return OutputFile(std::move(made));
}

Result<OutputFile> Directory::appendTo(const QString &path)
{
    const Private::Place place = d->placeOf(path);
    auto made = std::make_unique<OutputFile::Private>();
    if (place.directory >= 0)
        made->file = Descriptor(::openat(place.directory, place.name.constData(),
                                         O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC));
    if (!made->file.isValid())
        return d->failure(
            Directory::tr("Could not open “%1” to write: %2.", "error message; %2: system"), path,
            errno);
    made->directory = d->path;
    made->name = path;
    return OutputFile(std::move(made));
}

Result<> Directory::keep(const Directory &from, const QString &original, const QString &path)
{
    const Private::Place source = from.d->placeOf(original);
    const Private::Place place = d->placeOf(path);
    if (source.directory >= 0 && place.directory >= 0
        && ::linkat(source.directory, source.name.constData(), place.directory,
                    place.name.constData(), 0)
               == 0)
        return {};

    int error = errno;
    struct statx status;
    if (refusesHardLinks(error) && lookAt(source.directory, source.name.constData(), status)) {
        if (status.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND))
            error = EPERM;
        else if (S_ISREG(status.stx_mode))
            error = copyFile(source.directory, source.name.constData(), place.directory,
                             place.name.constData());
        else if (S_ISLNK(status.stx_mode))
            error = copyLink(source.directory, source.name.constData(), place.directory,
                             place.name.constData());
        if (error == 0)
            return {};
    }
    Error failed = Error::fromErrno(
        error, Directory::tr("Could not keep “%1” as “%2”: %3.", "error message; %3: system")
                   .arg(from.d->absolute(original), d->absolute(path), systemReply(error)));
    if (failed.code == ErrorCode::PermissionDenied || error == EOPNOTSUPP)
        failed.code = ErrorCode::CannotKeep;
    return failed;
}

Result<> Directory::link(const QString &original, const Directory &to, const QString &path) const
{
    const Private::Place source = d->placeOf(original);
    const Private::Place place = to.d->placeOf(path);
    if (source.directory >= 0 && place.directory >= 0
        && ::linkat(source.directory, source.name.constData(), place.directory,
                    place.name.constData(), 0)
               == 0)
        return {};
    return to.d->failure(
        Directory::tr("Could not create the file “%1”: %2.", "error message; %2: system"), path,
        errno);
}

Result<> Directory::setMode(const QString &path, int mode)
{
    const Private::Place place = d->placeOf(path.isEmpty() ? u"."_s : path);
    if (place.directory >= 0
        && ::fchmodat(place.directory, place.name.constData(), mode_t(mode), 0) == 0)
        return {};
    return d->failure(
        Directory::tr("Could not set the permissions of “%1”: %2.", "error message; %2: system"),
        path, errno);
}

// --- moving and removing
// -------------------------------------------------------------------------------

Result<> Directory::exchange(const QString &path, Directory &other, const QString &otherPath)
{
    const Private::Place first = d->placeOf(path);
    const Private::Place second = other.d->placeOf(otherPath);
    const bool isDone = first.directory >= 0 && second.directory >= 0
                     && ::renameat2(first.directory, first.name.constData(), second.directory,
                                    second.name.constData(), RENAME_EXCHANGE)
                            == 0;
    const int error = errno;
    d->last = Descriptor(); // what it was a path to may be elsewhere now
    other.d->last = Descriptor();
    if (isDone)
        return {};
    return Error::fromErrno(
        error, Directory::tr("Could not swap “%1” and “%2”: %3.", "error message; %3: system")
                   .arg(d->absolute(path), other.d->absolute(otherPath), systemReply(error)));
}

Result<> Directory::moveNoReplace(const QString &path, Directory &to, const QString &toPath)
{
    const Private::Place from = d->placeOf(path);
    const Private::Place place = to.d->placeOf(toPath);
    bool isDone = false;
    if (from.directory >= 0 && place.directory >= 0) {
        isDone = ::renameat2(from.directory, from.name.constData(), place.directory,
                             place.name.constData(), RENAME_NOREPLACE)
              == 0;
        struct statx status;
        // A file system without the flag: nobody hides a file in the instant between the two.
        if (!isDone && errno == EINVAL && !lookAt(place.directory, place.name.constData(), status)
            && errno == ENOENT)
            isDone = ::renameat(from.directory, from.name.constData(), place.directory,
                                place.name.constData())
                  == 0;
    }
    const int error = errno;
    d->last = Descriptor();
    to.d->last = Descriptor();
    if (isDone)
        return {};
    return Error::fromErrno(
        error, Directory::tr("Could not move “%1” to “%2”: %3.", "error message; %3: system")
                   .arg(d->absolute(path), to.d->absolute(toPath), systemReply(error)));
}

Result<> Directory::remove(const QString &path)
{
    const Private::Place place = d->placeOf(path);
    if (place.directory < 0 && (errno == ENOENT || errno == ENOTDIR))
        return {};
    if (place.directory >= 0
        && (::unlinkat(place.directory, place.name.constData(), 0) == 0 || errno == ENOENT))
        return {};
    if (place.directory >= 0 && (errno == EISDIR || errno == EPERM)
        && ::unlinkat(place.directory, place.name.constData(), AT_REMOVEDIR) == 0)
        return {};
    return d->failure(Directory::tr("Could not remove “%1”: %2.", "error message; %2: system"),
                      path, errno);
}

Result<> Directory::removeTree(const QString &path, Urgency urgency)
{
    d->last = Descriptor();
    const Private::Place place = d->placeOf(path);
    if (place.directory < 0)
        return {};
    const std::optional<Leftover> leftover =
        removeBelow(place.directory, place.name, QFile::encodeName(d->absolute(path)),
                    urgency == Urgency::AtOnce);
    if (!leftover)
        return {};
    return Error::fromErrno(
        leftover->errorNumber,
        Directory::tr("Could not remove “%1”: %2.", "error message; %2: system")
            .arg(QFile::decodeName(leftover->path), systemReply(leftover->errorNumber)));
}

// --- the volume
// ------------------------------------------------------------------------------------------

Result<> Directory::syncVolume() const
{
    if (::syncfs(d->root.get()) == 0)
        return {};
    return d->failure(Directory::tr("Could not make sure that “%1” is on the disk: %2.",
                                    "error message; %2: system"),
                      QString(), errno);
}

void Directory::syncNames(const QString &path) const
{
    const Descriptor directory(openBelow(d->root.get(), QFile::encodeName(path)));
    if (directory.isValid())
        ::fsync(directory.get());
}

Result<qint64> Directory::availableBytes() const
{
    struct statvfs status;
    if (::fstatvfs(d->root.get(), &status) == 0)
        return qint64(status.f_bavail) * qint64(status.f_frsize);
    return d->failure(Directory::tr("Could not find out how much room there is in “%1”: %2.",
                                    "error message; %2: system"),
                      QString(), errno);
}

Result<> Directory::reserve(const QString &path, qint64 bytes)
{
    // In memory, what is held cannot be used twice: it would only be taken and given back.
    struct statfs volume;
    if (::fstatfs(d->root.get(), &volume) == 0 && volume.f_type == TMPFS_MAGIC)
        return {};
    const Private::Place place = d->placeOf(path);
    const Descriptor file(::openat(place.directory, place.name.constData(),
                                   O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    struct stat status;
    int error = 0;
    if (!file.isValid() || ::fstat(file.get(), &status) != 0)
        error = errno;
    else if (bytes < status.st_size)
        error = ::ftruncate(file.get(), bytes) == 0 ? 0 : errno;
    else if (bytes > status.st_size)
        error = ::fallocate(file.get(), 0, status.st_size, bytes - status.st_size) == 0 ? 0 : errno;
    if (error == 0 || error == EOPNOTSUPP || error == ENOSYS)
        return {};
    return d->failure(Directory::tr("Could not reserve the room that is needed, with “%1”: %2.",
                                    "error message; %2: system"),
                      path, error);
}

Result<NameFolding> Directory::nameFolding()
{
    const auto isOneName = [this](const QString &made, const QString &other) -> Result<bool> {
        if (const Result<OutputFile> created = createFile(made, 0600); !created)
            return created.error();
        const bool isSame = status(other).has_value();
        if (const Result<> removed = remove(made); !removed)
            return removed.error();
        return isSame;
    };
    const Result<bool> foldsCase = isOneName(u"entracte-names"_s, u"ENTRACTE-NAMES"_s);
    if (!foldsCase)
        return foldsCase.error();
    const Result<bool> normalises = isOneName(u"entracte-\u00e9"_s, u"entracte-e\u0301"_s);
    if (!normalises)
        return normalises.error();
    return NameFolding{*foldsCase, *normalises};
}

Result<FileLock> Directory::lock(const QString &path)
{
    const Private::Place place = d->placeOf(path);
    return lockFile(place.directory, place.name, d->absolute(path), LOCK_EX | LOCK_NB);
}

Result<FileLock> Directory::awaitLock(const QString &path)
{
    const Private::Place place = d->placeOf(path);
    return lockFile(place.directory, place.name, d->absolute(path), LOCK_EX);
}

} // namespace Entracte
