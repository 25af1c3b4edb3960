// SPDX-License-Identifier: MIT
#include "platform/linux/process.h"

#include <QFile>

#include <vector>

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

static QString readLink(pid_t pid, const char *name)
{
    const QByteArray path = "/proc/" + QByteArray::number(pid) + '/' + name;
    char target[4096];
    const ssize_t length = readlink(path.constData(), target, sizeof target);
    return length > 0 ? QFile::decodeName(QByteArray(target, length)) : QString();
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

pid_t parentOf(pid_t pid)
{
    return statFields(pid).value(1).toInt();
}

bool hasTerminal(pid_t pid)
{
    return statFields(pid).value(4).toInt() != 0;
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

/// The names in the path of its control group: the unified one, else systemd's own.
static QList<QByteArray> controlGroupOf(pid_t pid)
{
    QByteArray path;
    for (const QByteArray &line : readProc(pid, "cgroup").split('\n')) {
        const bool isUnified = line.startsWith("0::");
        if (isUnified || (path.size() <= 1 && line.contains(":name=systemd:")))
            if (const QByteArray found = line.mid(line.lastIndexOf(':') + 1); found.size() > 1)
                path = found;
    }
    return path.split('/');
}

QString serviceOf(pid_t pid)
{
    static constexpr QByteArrayView suffix = ".service";
    const QByteArray unit = controlGroupOf(pid).constLast();
    return unit.endsWith(suffix.toByteArray()) ? QString::fromUtf8(unit.chopped(suffix.size()))
                                               : QString();
}

int logonSessionOf(pid_t pid)
{
    for (const QByteArray &name : controlGroupOf(pid)) {
        if (!name.startsWith("session-") || !name.endsWith(".scope"))
            continue;
        bool isNumber = false;
        const int number = name.mid(8, name.size() - 14).toInt(&isNumber);
        return isNumber ? number : -1;
    }
    return -1;
}

QString commandName(pid_t pid)
{
    return plainText(QString::fromLocal8Bit(readProc(pid, "comm")));
}

QString executableOf(pid_t pid)
{
    QString path = readLink(pid, "exe");
    if (path.endsWith(u" (deleted)"_s))
        path.chop(10);
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
