// SPDX-License-Identifier: MIT
#include "payload/folderitem.h"

#include "payload/entrypath.h"

#include <QFile>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace Entracte {

namespace {

constexpr qint64 mostEntries = 1'000'000;
constexpr int setIdMask = 0006000;

Error failure(const QByteArray &path, const QString &reason, int errorNumber = 0)
{
    return Error::fromErrno(errorNumber,
                            FolderItem::tr("Could not pack “%1”: %2.", "error message; %2: reason")
                                .arg(QFile::decodeName(path), reason));
}

Error systemFailure(const QByteArray &path, int errorNumber)
{
    return failure(path, systemReply(errorNumber), errorNumber);
}

Error changed(const QByteArray &path)
{
    return failure(path,
                   FolderItem::tr("it changed while it was being packed", "error message, reason"));
}

bool isSame(const struct stat &left, const struct stat &right)
{
    const auto isSameTime = [](const timespec &one, const timespec &other) {
        return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
    };
    return left.st_dev == right.st_dev && left.st_ino == right.st_ino
        && left.st_size == right.st_size && isSameTime(left.st_mtim, right.st_mtim)
        && isSameTime(left.st_ctim, right.st_ctim);
}

/// Collects the items below a folder.
class Search
{
public:
    explicit Search(const QByteArray &root)
        : m_root(root)
    {
    }

    Result<std::vector<FolderItem>> run()
    {
        if (const Result<> looked = look({}); !looked)
            return looked.error();
        std::sort(
            m_items.begin(), m_items.end(),
            [](const FolderItem &left, const FolderItem &right) { return left.path < right.path; });
        return std::move(m_items);
    }

private:
    Result<> look(const QByteArray &directory);
    Result<> add(const QByteArray &path);

    const QByteArray m_root;
    std::vector<FolderItem> m_items;
};

Result<> Search::look(const QByteArray &directory)
{
    const QByteArray absolute = directory.isEmpty() ? m_root : m_root + '/' + directory;
    const std::unique_ptr<DIR, int (*)(DIR *)> open(opendir(absolute.constData()), closedir);
    if (!open)
        return systemFailure(absolute, errno);
    QList<QByteArray> names;
    errno = 0;
    while (const dirent *found = readdir(open.get())) {
        const QByteArray name(found->d_name);
        if (name != "." && name != "..")
            names.append(name);
        errno = 0;
    }
    if (errno != 0)
        return systemFailure(absolute, errno);
    for (const QByteArray &name : std::as_const(names)) {
        if (const Result<> added = add(directory.isEmpty() ? name : directory + '/' + name); !added)
            return added.error();
    }
    return {};
}

Result<> Search::add(const QByteArray &path)
{
    const QByteArray absolute = m_root + '/' + path;
    if (const Result<QString> judged = EntryPath::fromEntryName(QString::fromUtf8(path)); !judged)
        return judged.error();
    if (qint64(m_items.size()) == mostEntries)
        return failure(absolute,
                       FolderItem::tr("there is too much before it", "error message, reason"));
    FolderItem item;
    item.path = path;
    if (lstat(absolute.constData(), &item.found) != 0)
        return systemFailure(absolute, errno);
    const int mode = int(item.found.st_mode);
    if (S_ISLNK(mode)) {
        item.kind = EntryKind::SymbolicLink;
        item.mode = 0777;
        item.linkTarget.resize(PATH_MAX);
        const ssize_t length =
            readlink(absolute.constData(), item.linkTarget.data(), size_t(item.linkTarget.size()));
        if (length < 0)
            return systemFailure(absolute, errno);
        item.linkTarget.truncate(length);
        if (const Result<> safe = EntryPath::checkLinkTarget(QString::fromUtf8(path),
                                                             QString::fromUtf8(item.linkTarget));
            !safe)
            return safe.error();
        m_items.push_back(item);
        return {};
    }
    if (!S_ISDIR(mode) && !S_ISREG(mode))
        return failure(absolute,
                       FolderItem::tr("it is neither a file, a folder nor a symbolic link",
                                      "error message, reason"));
    if (S_ISREG(mode) && (mode & setIdMask))
        return failure(absolute, FolderItem::tr("it wants to run as another user (set-id)",
                                                "error message, reason"));
    item.kind = S_ISDIR(mode) ? EntryKind::Directory : EntryKind::File;
    item.mode = S_ISDIR(mode) || (mode & S_IXUSR) ? 0755 : 0644;
    m_items.push_back(item);
    return S_ISDIR(mode) ? look(path) : Result<>();
}

} // namespace

Result<std::vector<FolderItem>> FolderItem::allBelow(const QByteArray &root)
{
    return Search(root).run();
}

FolderFile::FolderFile(const QByteArray &absolutePath, const FolderItem &item)
    : m_path(absolutePath)
    , m_item(item)
    , m_fd(::open(absolutePath.constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK))
    , m_openError(m_fd < 0 ? errno : 0)
{
}

FolderFile::~FolderFile()
{
    if (m_fd >= 0)
        close(m_fd);
}

Result<> FolderFile::read(qint64 begin, char *to, qint64 size) const
{
    if (m_openError == ENOENT)
        return failure(m_path, FolderItem::tr("it vanished while it was being packed",
                                              "error message, reason"));
    if (m_openError != 0)
        return m_openError == ELOOP ? changed(m_path) : systemFailure(m_path, m_openError);
    for (qint64 done = 0; done < size;) {
        const ssize_t got = pread(m_fd, to + done, size_t(size - done), begin + done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return systemFailure(m_path, errno);
        if (got == 0)
            return changed(m_path);
        done += got;
    }
    struct stat now = {};
    if (fstat(m_fd, &now) != 0)
        return systemFailure(m_path, errno);
    return isSame(now, m_item.found) ? Result<>() : changed(m_path);
}

} // namespace Entracte
