// SPDX-License-Identifier: MIT
#include "platform/linux/identification/document.h"

#include "platform/linux/process.h"

#include <QDir>
#include <QFile>
#include <QUrl>

#include <fcntl.h>
#include <sys/stat.h>

namespace Entracte {

static QByteArray pathOf(const QByteArray &argument)
{
    if (argument.startsWith("file:"))
        return QFile::encodeName(QUrl::fromEncoded(argument).toLocalFile());
    return argument;
}

// From the cache, so that a dead server cannot hang us.
static bool isFile(pid_t pid, const QByteArray &path)
{
    struct statx status;
    const QByteArray inside = "/proc/" + QByteArray::number(pid) + "/root" + path;
    return statx(AT_FDCWD, inside.constData(), AT_STATX_DONT_SYNC, STATX_TYPE, &status) == 0
        && S_ISREG(status.stx_mode);
}

QString documentOf(pid_t pid, const QList<QByteArray> &arguments)
{
    constexpr qsizetype mostArguments = 100;
    constexpr qsizetype longestPath = 4096;
    const QByteArray folder = QFile::encodeName(workingDirectoryOf(pid));
    for (const QByteArray &argument : arguments.mid(1, mostArguments)) {
        QByteArray path = pathOf(argument);
        if (path.isEmpty() || path.startsWith('-') || path.size() > longestPath)
            continue;
        if (!path.startsWith('/'))
            path = folder + '/' + path;
        if (isFile(pid, path))
            return QDir::cleanPath(QFile::decodeName(path));
    }
    return {};
}

} // namespace Entracte
