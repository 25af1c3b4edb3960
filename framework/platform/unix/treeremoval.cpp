// SPDX-License-Identifier: MIT
#include "platform/unix/treeremoval.h"

#include "platform/unix/descriptor.h"
#include "platform/unix/folderreader.h"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <fcntl.h>
#include <linux/openat2.h>
#include <mutex>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace Entracte {

namespace {

constexpr unsigned mostThreads = 4; // beyond, they wait for each other in the file system

/// Several threads empty one folder after the other; each goes when the last one in it has gone.
class Removal
{
public:
    Removal(int root, dev_t device)
        : m_root(root)
        , m_device(device)
        , m_waiting{&m_folders.emplace_back(QByteArray(), nullptr)}
    {
    }

    /// Removes everything below the root.
    void run(bool isUrgent);

    const std::optional<Leftover> &leftover() const { return m_leftover; }

private:
    struct Folder
    {
        Folder(const QByteArray &itsPath, Folder *above)
            : path(itsPath)
            , parent(above)
        {
        }
        const QByteArray path;
        Folder *const parent;      ///< nullptr: the root, which stays
        std::atomic<int> left = 1; ///< its own files, and the folders in it
    };

    void work();
    int openFolder(const QByteArray &path);
    void empty(Folder &folder);
    void add(Folder &parent, const std::vector<QByteArray> &paths);
    void removeEmptied(Folder *folder);
    void note(const QByteArray &path, int errorNumber);

    int m_root;
    dev_t m_device;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Folder> m_folders; ///< a deque: they stay where they are
    std::vector<Folder *> m_waiting;
    int m_busy = 0;
    std::optional<Leftover> m_leftover;
};

void yieldToOthers()
{
    const auto thread = id_t(::gettid());
    ::setpriority(PRIO_PROCESS, thread, 19);
    // <linux/ioprio.h> of some kernels is C only.
    constexpr int whoProcess = 1, classIdle = 3, classShift = 13;
    ::syscall(SYS_ioprio_set, whoProcess, thread, classIdle << classShift);
}

void Removal::run(bool isUrgent)
{
    std::vector<std::jthread> threads;
    const unsigned count = std::max(1u, std::min(std::thread::hardware_concurrency(), mostThreads));
    for (unsigned i = 0; i < count; ++i)
        threads.emplace_back([this, isUrgent] {
            if (!isUrgent)
                yieldToOthers();
            work();
        });
}

void Removal::work()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return !m_waiting.empty() || m_busy == 0; });
        if (m_waiting.empty())
            return;
        Folder *folder = m_waiting.back(); // found last: the caches still know it
        m_waiting.pop_back();
        ++m_busy;
        lock.unlock();
        empty(*folder);
        removeEmptied(folder);
        lock.lock();
        --m_busy;
        if (!m_waiting.empty() || m_busy == 0)
            m_changed.notify_all();
    }
}

/// -1 with EXDEV when it lies in another file system.
int Removal::openFolder(const QByteArray &path)
{
    const char *name = path.isEmpty() ? "." : path.constData();
    open_how how = {};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
    const auto open = [&] {
        const int opened = int(::syscall(SYS_openat2, m_root, name, &how, sizeof how));
        return opened >= 0 || (errno != ENOSYS && errno != EPERM)
                 ? opened
                 : ::openat(m_root, name, int(how.flags));
    };
    int opened = open();
    if (opened < 0 && errno == EACCES && ::fchmodat(m_root, name, 0700, 0) == 0)
        opened = open();
    struct statx status;
    if (opened < 0 || ::statx(opened, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MODE, &status) != 0)
        return -1;
    // A bind mount has the same device number.
    const bool isMount = !path.isEmpty() && (status.stx_attributes & STATX_ATTR_MOUNT_ROOT);
    if (makedev(status.stx_dev_major, status.stx_dev_minor) != m_device || isMount) {
        ::close(opened);
        errno = EXDEV;
        return -1;
    }
    if ((status.stx_mode & 0700) != 0700)
        ::fchmod(opened, 0700);
    return opened;
}

void Removal::empty(Folder &folder)
{
    const QByteArray &path = folder.path;
    const auto below = [&path](const char *name) {
        return path.isEmpty() ? QByteArray(name) : path + '/' + name;
    };
    const Descriptor opened(openFolder(path));
    if (!opened.isValid()) {
        if (errno != ENOENT)
            note(path, errno);
        return;
    }
    std::vector<QByteArray> folders;
    FolderReader reader(opened.get());
    while (const FolderReader::Entry *entry = reader.next()) {
        if (entry->type == DT_DIR)
            folders.push_back(below(entry->name));
        else if (::unlinkat(opened.get(), entry->name, 0) != 0 && errno != ENOENT) {
            if (errno == EISDIR)
                folders.push_back(below(entry->name));
            else
                note(below(entry->name), errno);
        }
    }
    if (reader.errorNumber() != 0)
        note(path, reader.errorNumber());
    if (!folders.empty())
        add(folder, folders);
}

void Removal::add(Folder &parent, const std::vector<QByteArray> &paths)
{
    parent.left += int(paths.size());
    const std::lock_guard guard(m_mutex);
    for (const QByteArray &path : paths)
        m_waiting.push_back(&m_folders.emplace_back(path, &parent));
}

/// Whoever was the last in \a folder removes it, and then perhaps the one above.
void Removal::removeEmptied(Folder *folder)
{
    for (; folder->parent && --folder->left == 0; folder = folder->parent) {
        if (::unlinkat(m_root, folder->path.constData(), AT_REMOVEDIR) != 0 && errno != ENOENT)
            note(folder->path, errno);
    }
}

void Removal::note(const QByteArray &path, int errorNumber)
{
    const std::lock_guard guard(m_mutex);
    if (!m_leftover)
        m_leftover = {path, errorNumber};
}

} // namespace

std::optional<Leftover> removeBelow(int parent, const QByteArray &name, const QByteArray &path,
                                    bool isUrgent)
{
    const auto failure = [&]() -> std::optional<Leftover> {
        return errno == ENOENT ? std::nullopt : std::optional(Leftover{path, errno});
    };
    struct stat status;
    if (::fstatat(parent, name.constData(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return failure();
    if (!S_ISDIR(status.st_mode))
        return ::unlinkat(parent, name.constData(), 0) == 0 ? std::nullopt : failure();

    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    Descriptor root(::openat(parent, name.constData(), flags));
    if (!root.isValid() && errno == EACCES && ::fchmodat(parent, name.constData(), 0700, 0) == 0)
        root = Descriptor(::openat(parent, name.constData(), flags));
    if (!root.isValid())
        return failure();
    Removal removal(root.get(), status.st_dev);
    removal.run(isUrgent);
    if (removal.leftover())
        return Leftover{path + '/' + removal.leftover()->path, removal.leftover()->errorNumber};
    return ::unlinkat(parent, name.constData(), AT_REMOVEDIR) == 0 ? std::nullopt : failure();
}

} // namespace Entracte
