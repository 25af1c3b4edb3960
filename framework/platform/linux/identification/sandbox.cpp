// SPDX-License-Identifier: MIT
#include "platform/linux/identification/sandbox.h"

#include "platform/linux/process.h"
#include "platform/unix/descriptor.h"

#include <array>

#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace Entracte {

/// The file that flatpak lays into the root of each sandbox; empty if its root is ours, or it has
/// none.
static QByteArray flatpakInfo(pid_t pid)
{
    constexpr std::size_t longest = 16384;
    const QByteArray root = "/proc/" + QByteArray::number(pid) + "/root";
    struct statx theirs;
    struct statx ours;
    if (statx(AT_FDCWD, root.constData(), AT_STATX_DONT_SYNC, STATX_INO, &theirs) != 0
        || statx(AT_FDCWD, "/", AT_STATX_DONT_SYNC, STATX_INO, &ours) != 0
        || (theirs.stx_ino == ours.stx_ino && theirs.stx_dev_major == ours.stx_dev_major
            && theirs.stx_dev_minor == ours.stx_dev_minor))
        return {};
    const QByteArray path = root + "/.flatpak-info";
    const Descriptor descriptor(
        ::open(path.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status;
    if (!descriptor.isValid() || fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return {};
    std::array<char, longest> text;
    const ssize_t length = ::read(descriptor.get(), text.data(), text.size());
    return length > 0 ? QByteArray(text.data(), length) : QByteArray();
}

static QString valueIn(const QByteArray &text, const QByteArray &group, const QByteArray &key)
{
    bool isInGroup = false;
    for (const QByteArray &line : text.split('\n')) {
        if (line.startsWith('['))
            isInGroup = line.trimmed() == '[' + group + ']';
        else if (isInGroup && line.startsWith(key + '='))
            return plainText(QString::fromUtf8(line.mid(key.size() + 1)));
    }
    return {};
}

Sandbox sandboxOf(pid_t pid, const QList<QByteArray> &environment)
{
    const QByteArray info = flatpakInfo(pid);
    if (const QString id = valueIn(info, "Application", "name"); !id.isEmpty())
        return {id, valueIn(info, "Instance", "instance-id")};
    const QByteArray snap = environmentValue(environment, "SNAP_INSTANCE_NAME");
    const QByteArray root = environmentValue(environment, "SNAP");
    if (snap.isEmpty() || root.isEmpty()
        || !executableOf(pid).startsWith(QString::fromUtf8(root) + u'/'))
        return {}; // started by a snap, but not in it
    return {plainText(QString::fromUtf8(snap + '_' + snap)), {}};
}

} // namespace Entracte
