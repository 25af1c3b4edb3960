// SPDX-License-Identifier: MIT
#include "platform/linux/detection/scripts.h"

#include "platform/linux/interpreter.h"
#include "platform/linux/process.h"

#include <QDir>
#include <QFile>

#include <algorithm>
#include <array>
#include <ctime>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace Entracte {

namespace {

constexpr std::array<QByteArrayView, 12> suffixes{".py", ".pl",  ".rb",  ".js",  ".mjs",  ".cjs",
                                                  ".sh", ".php", ".lua", ".tcl", ".bash", ".zsh"};

QByteArray cleaned(const QByteArray &path)
{
    return QFile::encodeName(QDir::cleanPath(QFile::decodeName(path)));
}

/// Whatever \a path leads to inside the root directory \a root; only if the kernel has it in
/// memory.
Descriptor openInside(int root, const QByteArray &path)
{
    open_how how = {};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_CACHED | RESOLVE_NO_MAGICLINKS;
    return Descriptor(int(::syscall(SYS_openat2, root, path.constData(), &how, sizeof how)));
}

bool sharesOurMounts(int process)
{
    const auto theirs = identityAt(process, "ns/mnt");
    return theirs && theirs == identityAt(AT_FDCWD, "/proc/self/ns/mnt")
        && linkAt(process, "root") == "/";
}

quint64 startOf(pid_t pid)
{
    timespec now;
    timespec sinceBoot;
    ::clock_gettime(CLOCK_REALTIME, &now);
    ::clock_gettime(CLOCK_BOOTTIME, &sinceBoot);
    const auto nanoseconds = [](const timespec &time) {
        return quint64(time.tv_sec) * 1'000'000'000 + quint64(time.tv_nsec);
    };
    const quint64 tick = 1'000'000'000 / quint64(::sysconf(_SC_CLK_TCK));
    return nanoseconds(now) - nanoseconds(sinceBoot) + uniqueProcess(pid).startTime * tick;
}

std::optional<int> entryAt(const QByteArray &path, const FileTable &files)
{
    const QString name = QFile::decodeName(path);
    for (int number = 0; number < files.size(); ++number)
        if (files.entry(number).path == name)
            return number;
    return std::nullopt;
}

/// Judges a script by the file that lies at its registered path now.
std::optional<RunScript> judged(int number, const FileTable &files, quint64 started,
                                const ScanFeatures &features)
{
    const FileTable::Entry &entry = files.entry(number);
    const auto now =
        factsAt(AT_FDCWD, QFile::encodeName(entry.path).constData(), features.cachedStatus);
    if (!now)
        return RunScript{number, true};
    if (now->identity == entry.identity)
        return RunScript{number, now->modification > started};
    if (now->change > started)
        return RunScript{number, true};
    return std::nullopt; // it was started with the new file
}

} // namespace

bool mayBeScript(int file, QByteArrayView name)
{
    if (std::any_of(suffixes.begin(), suffixes.end(),
                    [name](QByteArrayView suffix) { return name.endsWith(suffix); }))
        return true;
    char start[2];
    return file >= 0 && ::pread(file, start, sizeof start, 0) == sizeof start && start[0] == '#'
        && start[1] == '!';
}

std::optional<RunScript> registeredScriptOf(int process, pid_t pid, const FileTable &files,
                                            const ScanFeatures &features)
{
    const std::optional<Script> named = scriptOf(executableOf(pid), argumentsOf(pid));
    if (!named || named->path.isEmpty())
        return std::nullopt;
    QByteArray path = named->path;
    if (!path.startsWith('/'))
        path.prepend(linkAt(process, "cwd") + '/');

    const quint64 started = startOf(pid);
    const Descriptor root(::openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
    const Descriptor script = openInside(root.get(), path);
    std::optional<int> number;
    if (script.isValid()) {
        if (const auto identity = identityAt(
                AT_FDCWD,
                QByteArray("/proc/self/fd/").append(QByteArray::number(script.get())).constData()))
            files.index().each(*identity, [&number](int one) { number = one; });
        path = linkAt(AT_FDCWD, ("/proc/self/fd/" + QByteArray::number(script.get())).constData());
    }
    if (!number && sharesOurMounts(process))
        number = entryAt(cleaned(path), files);
    return number ? judged(*number, files, started, features) : std::nullopt;
}

} // namespace Entracte
