// SPDX-License-Identifier: MIT
#pragma once

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTest>

/// For a test that runs inside a box (`sdbox run tst_name`), beside its systemd.
namespace InsideBox {

/// What \a program says, trimmed; nullopt unless it ended with 0.
inline std::optional<QByteArray> run(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(60'000) || process.exitCode() != 0)
        return std::nullopt;
    return process.readAllStandardOutput().trimmed();
}

inline bool systemctl(const QStringList &arguments)
{
    return run(QStringLiteral("systemctl"), arguments).has_value();
}

inline QByteArray property(const QString &unit, const QString &name)
{
    return run(QStringLiteral("systemctl"), {QStringLiteral("show"), QStringLiteral("-p"), name,
                                             QStringLiteral("--value"), unit})
        .value_or("no answer");
}

inline QByteArray state(const QString &unit)
{
    return property(unit, QStringLiteral("ActiveState"));
}

inline QString unitPath(const QString &unit)
{
    return qEnvironmentVariable("SDBOX") + QStringLiteral("/units/") + unit;
}

/// A unit that neither waits for others nor is kept from starting often.
inline void write(const QString &unit, const QByteArray &text)
{
    QFile file(unitPath(unit));
    if (!file.open(QIODevice::WriteOnly))
        qFatal("cannot write the unit %s", qPrintable(unit));
    file.write("[Unit]\nDefaultDependencies=no\nStartLimitIntervalSec=0\n" + text);
}

} // namespace InsideBox
