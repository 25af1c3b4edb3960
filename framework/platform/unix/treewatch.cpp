// SPDX-License-Identifier: MIT
#include "platform/unix/treewatch.h"

#include "platform/unix/descriptor.h"

#include <QFile>
#include <QHash>

#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace Entracte {

// Attributes are left out: giving a file a second name changes them, and we do that by the
// thousand.
static constexpr uint32_t watched = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MODIFY
                                  | IN_CLOSE_WRITE | IN_ONLYDIR | IN_EXCL_UNLINK;

struct TreeWatch::Private
{
    void add(int directory, const QString &path);
    void readEvents(Changes &changes);

    Descriptor notify;
    bool isComplete = true;
    QHash<int, QString> directories;
};

/// Takes \a directory over.
void TreeWatch::Private::add(int directory, const QString &path)
{
    const QByteArray name = "/proc/self/fd/" + QByteArray::number(directory);
    const int watch = ::inotify_add_watch(notify.get(), name.constData(), watched);
    if (watch < 0)
        isComplete = false;
    else
        directories.insert(watch, path);

    DIR *entries = ::fdopendir(directory);
    while (const dirent *entry = isComplete ? ::readdir(entries) : nullptr) {
        if ((entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
            || std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0)
            continue;
        const int child = ::openat(directory, entry->d_name,
                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child >= 0)
            add(child, path.isEmpty() ? QFile::decodeName(entry->d_name)
                                      : path + u'/' + QFile::decodeName(entry->d_name));
    }
    ::closedir(entries);
}

void TreeWatch::Private::readEvents(Changes &changes)
{
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    while (true) {
        const ssize_t got = ::read(notify.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        for (ssize_t at = 0; at < got;) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + at);
            at += ssize_t(sizeof(inotify_event) + event->len);
            if (event->mask & IN_Q_OVERFLOW)
                changes.isComplete = false;
            else if (!(event->mask & IN_IGNORED))
                changes.directories.insert(directories.value(event->wd));
        }
    }
}

TreeWatch::TreeWatch(std::unique_ptr<Private> made)
    : d(std::move(made))
{
}

TreeWatch::~TreeWatch() = default;

TreeWatch::Changes TreeWatch::take()
{
    Changes changes;
    changes.isComplete = d->isComplete;
    if (d->notify.isValid())
        d->readEvents(changes);
    return changes;
}

std::unique_ptr<TreeWatch> watchTree(int root)
{
    auto made = std::make_unique<TreeWatch::Private>();
    made->notify = Descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    made->isComplete = made->notify.isValid() && root >= 0;
    if (made->isComplete)
        made->add(root, QString());
    else if (root >= 0)
        ::close(root);
    return std::make_unique<TreeWatch>(std::move(made));
}

} // namespace Entracte
