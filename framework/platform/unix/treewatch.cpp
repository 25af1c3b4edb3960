// SPDX-License-Identifier: MIT
#include "platform/unix/treewatch.h"

#include <array>
#include <cerrno>
#include <sys/inotify.h>
#include <unistd.h>

namespace Entracte {

// Attributes are left out: giving a file a second name changes them, and we do that by the
// thousand.
static constexpr uint32_t watched = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MODIFY
                                  | IN_CLOSE_WRITE | IN_ONLYDIR | IN_EXCL_UNLINK;

void TreeWatch::Private::add(int folder, const QString &path)
{
    const QByteArray name = "/proc/self/fd/" + QByteArray::number(folder);
    const int watch = ::inotify_add_watch(notify.get(), name.constData(), watched);
    if (watch < 0)
        isComplete = false;
    else
        folders.insert(watch, path);
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
                changes.directories.insert(folders.value(event->wd));
        }
    }
}

TreeWatch::TreeWatch()
    : d(std::make_unique<Private>())
{
    d->notify = Descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    d->isComplete = d->notify.isValid();
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

} // namespace Entracte
