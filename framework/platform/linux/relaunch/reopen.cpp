// SPDX-License-Identifier: MIT
// The process that a session starts for one of our autostart entries.
#include "platform/linux/autostartentry.h"
#include "platform/linux/relaunch/reopenfolder.h"
#include "restart/reopening.h"

#include <QFile>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace Entracte {

/// Where the copy lies that we run from; the last of several programs may have removed it already.
static QByteArray ownFolder()
{
    char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    const QByteArray copy(path, std::max<ssize_t>(0, length));
    return copy.left(copy.lastIndexOf('/'));
}

static void removeEntry(const QByteArray &autostartFolder, const QByteArray &id)
{
    unlink((autostartFolder + '/' + ReopenFolder::entryNameOf(id)).constData());
}

[[noreturn]] static void become(ReopenRecord &record)
{
    if (chdir(record.workingDirectory.constData()) != 0 && chdir(qgetenv("HOME").constData()) != 0)
        (void)!chdir("/");
    std::vector<char *> arguments;
    for (QByteArray &argument : record.arguments)
        arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    execv(record.program.constData(), arguments.data());
    std::fprintf(stderr, "%s could not be opened again: %s\n", record.program.constData(),
                 std::strerror(errno));
    _exit(127);
}

static int reopen(const QByteArray &id)
{
    const ReopenFolder folder(ownFolder());
    if (!folder.isValid())
        return 1;
    std::optional<ReopenRecord> record = folder.read(id);
    if (record && record->isEarly())
        return 0;
    // Only who takes the record goes on: the entry of another session is about the same program.
    const bool isOurs = folder.take(id);
    removeEntry(record ? record->autostartFolder : autostartFolder(), id);
    folder.tidyUp();
    if (!isOurs || !record || record->isOutdated())
        return 0;
    become(*record);
}

void Reopening::takeUp(int argc, char **argv)
{
    if (argc == 3 && std::strcmp(argv[1], reopenWord) == 0)
        _exit(reopen(argv[2]));
}

} // namespace Entracte
