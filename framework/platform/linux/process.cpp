// SPDX-License-Identifier: MIT
#include "platform/linux/process.h"

#include <QFile>

#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

static QByteArray readProc(pid_t pid, const char *name)
{
    QFile file(u"/proc/%1/%2"_s.arg(pid).arg(QLatin1StringView(name)));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QByteArray linkAt(int folder, const char *name)
{
    char target[4096];
    const ssize_t length = readlinkat(folder, name, target, sizeof target);
    return length > 0 ? QByteArray(target, length) : QByteArray();
}

static QString readLink(pid_t pid, const char *name)
{
    const QByteArray path = "/proc/" + QByteArray::number(pid) + '/' + name;
    return QFile::decodeName(linkAt(AT_FDCWD, path.constData()));
}

/// The fields of /proc/PID/stat after the command name, which may itself hold spaces and brackets.
static QList<QByteArray> statFields(pid_t pid)
{
    const QByteArray stat = readProc(pid, "stat");
    return stat.mid(stat.lastIndexOf(')') + 2).split(' ');
}

UniqueProcess uniqueProcess(qint64 pid)
{
    return {pid, statFields(pid_t(pid)).value(19).toULongLong()};
}

Descriptor openProcess(const UniqueProcess &process)
{
    Descriptor descriptor(int(syscall(SYS_pidfd_open, pid_t(process.pid), 0)));
    // The start time is read after opening: if it fits now, the descriptor is the right process.
    if (descriptor.isValid() && uniqueProcess(pid_t(process.pid)) != process)
        return Descriptor();
    return descriptor;
}

bool isAlive(const UniqueProcess &process)
{
    const Descriptor descriptor = openProcess(process);
    return descriptor.isValid() && !hasEnded(descriptor);
}

bool hasEnded(const Descriptor &process)
{
    pollfd waiting{process.get(), POLLIN, 0};
    return poll(&waiting, 1, 0) > 0;
}

Lineage lineageOf(pid_t pid)
{
    const QList<QByteArray> fields = statFields(pid);
    return {fields.value(1).toInt(), fields.value(2).toInt(), fields.value(3).toInt(),
            fields.value(4).toInt() != 0, fields.value(19).toULongLong()};
}

pid_t parentOf(pid_t pid)
{
    return lineageOf(pid).parent;
}

bool hasTerminal(pid_t pid)
{
    return lineageOf(pid).hasTerminal;
}

std::optional<uid_t> ownerOf(pid_t pid)
{
    struct stat status;
    if (stat(("/proc/" + QByteArray::number(pid)).constData(), &status) != 0)
        return std::nullopt;
    return status.st_uid;
}

QString userName(uid_t uid)
{
    passwd entry;
    passwd *found = nullptr;
    std::vector<char> buffer(16384);
    getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    return found ? QString::fromLocal8Bit(found->pw_name) : QString::number(uid);
}

QByteArray controlGroupOf(pid_t pid)
{
    QByteArray path;
    for (const QByteArray &line : readProc(pid, "cgroup").split('\n')) {
        const bool isUnified = line.startsWith("0::");
        if (isUnified || (path.size() <= 1 && line.contains(":name=systemd:")))
            if (const QByteArray found = line.mid(line.indexOf(':', line.indexOf(':') + 1) + 1);
                found.size() > 1)
                path = found;
    }
    return path;
}

QString serviceOf(pid_t pid)
{
    static constexpr QByteArrayView suffix = ".service";
    const QByteArray path = controlGroupOf(pid);
    const QByteArray unit = path.mid(path.lastIndexOf('/') + 1);
    return unit.endsWith(suffix.toByteArray()) ? QString::fromUtf8(unit.chopped(suffix.size()))
                                               : QString();
}

QString commandName(pid_t pid)
{
    return plainText(QString::fromLocal8Bit(readProc(pid, "comm")));
}

/// True when the program of \a pid lies at \a path, which may really end in the kernel's mark.
static bool isProgramAt(pid_t pid, const QString &path)
{
    struct statx there;
    struct statx running;
    const QByteArray link = "/proc/" + QByteArray::number(pid) + "/exe";
    return statx(AT_FDCWD, QFile::encodeName(path).constData(), AT_STATX_DONT_SYNC, STATX_INO,
                 &there)
            == 0
        && statx(AT_FDCWD, link.constData(), AT_STATX_DONT_SYNC, STATX_INO, &running) == 0
        && there.stx_ino == running.stx_ino && there.stx_dev_major == running.stx_dev_major
        && there.stx_dev_minor == running.stx_dev_minor;
}

QString executableOf(pid_t pid)
{
    static constexpr QStringView mark = u" (deleted)";
    QString path = readLink(pid, "exe");
    if (path.endsWith(mark) && !isProgramAt(pid, path))
        path.chop(mark.size());
    return path;
}

QString workingDirectoryOf(pid_t pid)
{
    return readLink(pid, "cwd");
}

static QList<QByteArray> zeroTerminated(const QByteArray &block)
{
    QList<QByteArray> words = block.split('\0');
    if (!words.isEmpty() && words.last().isEmpty())
        words.removeLast(); // what follows the last terminator; an empty last argument stays
    return words;
}

QList<QByteArray> argumentsOf(pid_t pid)
{
    return zeroTerminated(readProc(pid, "cmdline"));
}

QList<QByteArray> environmentOf(pid_t pid)
{
    return zeroTerminated(readProc(pid, "environ"));
}

QByteArray environmentValue(const QList<QByteArray> &environment, QByteArrayView name)
{
    for (const QByteArray &entry : environment)
        if (entry.startsWith(name) && entry.size() > name.size() && entry.at(name.size()) == '=')
            return entry.mid(name.size() + 1);
    return {};
}

QByteArray statusField(pid_t pid, QByteArrayView field)
{
    const QList<QByteArray> lines = readProc(pid, "status").split('\n');
    for (const QByteArray &line : lines)
        if (line.startsWith(field) && line.size() > field.size() && line.at(field.size()) == ':')
            return line.mid(field.size() + 1).trimmed();
    return {};
}

bool catchesSignal(pid_t pid, int signal)
{
    const quint64 caught = statusField(pid, "SigCgt").toULongLong(nullptr, 16);
    return caught & (quint64(1) << (signal - 1));
}

bool ignoresSignal(pid_t pid, int signal)
{
    const quint64 ignored = statusField(pid, "SigIgn").toULongLong(nullptr, 16);
    return ignored & (quint64(1) << (signal - 1));
}

QString plainText(const QString &text)
{
    constexpr qsizetype longest = 120;
    QString plain;
    for (const QChar character : text)
        plain.append(character.isPrint() ? character : QChar(u' '));
    plain = plain.simplified();
    return plain.size() > longest ? plain.left(longest - 1) + u'…' : plain;
}

} // namespace Entracte
