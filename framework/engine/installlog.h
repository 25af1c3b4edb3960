// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "engine/installengine.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonObject>
#include <QObject>

namespace Entracte {

/// Writes what an engine does to the files of --log (one line a fact, for people) and --log-json
/// (one object a line: ts, level, event, and state, exit or message; for what the restart manager
/// does the words and fields of restart/README.md, in lower case without their prefix). Appends.
/// Never holds arguments or environments of other programs.
class InstallLog : public QObject
{
    Q_OBJECT

public:
    /// Opens the files that \a options name, none if none. The error names the file.
    static Result<std::unique_ptr<InstallLog>> open(const InstallOptions &options);

    /// Writes down every state, what happens to applications, and the outcome of \a engine.
    void follow(InstallEngine &engine);

private:
    InstallLog() = default;

    void write(const QString &line, const QString &event, const QJsonObject &facts,
               const QString &level = QStringLiteral("info"));

    QFile m_text;
    QFile m_json;
};

} // namespace Entracte
