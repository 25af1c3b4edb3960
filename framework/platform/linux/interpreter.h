// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <optional>

namespace Entracte {

/// What an interpreter runs, as its command line says: a person knows "report.py", not "python3".
struct Script
{
    QString name;    ///< for a person: the file's name, a module, a main class
    QByteArray path; ///< as it was given, perhaps relative; empty where it is no file
};

/// True for the programs that run other programs: python3.11, perl, bash, java, node….
bool isInterpreter(const QString &executable);

/// What \a executable runs; nullopt if it is no interpreter, or runs no file and no module of that
/// name (an interactive shell, a command given with -c). Reads only \a arguments, which are hostile
/// text; nothing is ever executed or imported to find out.
std::optional<Script> scriptOf(const QString &executable, const QList<QByteArray> &arguments);

} // namespace Entracte
