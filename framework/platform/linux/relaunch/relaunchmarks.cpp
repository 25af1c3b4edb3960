// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/relaunchmarks.h"

#include "platform/linux/process.h"

#include <QDir>

using namespace Qt::StringLiterals;

namespace Entracte {

QHash<QByteArray, UniqueProcess> relaunchedPrograms()
{
    QHash<QByteArray, UniqueProcess> found;
    const QStringList names = QDir(u"/proc"_s).entryList(QDir::Dirs);
    for (const QString &name : names) {
        bool isProcess = false;
        const pid_t pid = name.toInt(&isProcess);
        if (!isProcess)
            continue;
        for (const QByteArray &variable : environmentOf(pid)) {
            if (!variable.startsWith(relaunchVariable))
                continue;
            const UniqueProcess process = uniqueProcess(pid);
            const auto known = found.constFind(variable);
            if (isAlive(process) && (known == found.cend() || process.startTime < known->startTime))
                found.insert(variable, process);
        }
    }
    return found;
}

} // namespace Entracte
