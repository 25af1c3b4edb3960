// SPDX-License-Identifier: MIT
#pragma once

#include <QDir>
#include <QFile>

#include <csignal>

/// Ends whoever runs a program that lies below \a folder, the test's own: what was brought back is
/// nobody's child and known by nothing else.
inline void endProgramsOf(const QString &folder)
{
    const QStringList processes = QDir(QStringLiteral("/proc")).entryList(QDir::Dirs);
    for (const QString &process : processes)
        if (QFile::symLinkTarget(QStringLiteral("/proc/%1/exe").arg(process))
                .startsWith(folder + u'/'))
            ::kill(process.toInt(), SIGKILL);
}
