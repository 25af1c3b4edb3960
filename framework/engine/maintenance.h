// SPDX-License-Identifier: MIT
#pragma once

#include "engine/installoptions.h"

#include <QCoreApplication>
#include <QTextStream>

namespace Entracte {

/// The commands beside install and update (InstallOptions::Command): they look at or put right what
/// is there, ask nobody and close nobody.
class Maintenance
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Maintenance)

public:
    /// Answers go to \a output, errors to \a errors.
    Maintenance(const Manifest &manifest, const InstallOptions &options, QTextStream &output,
                QTextStream &errors);

    /// Carries out the command and returns the exit status. Blocks; recover runs an event loop:
    /// needs a QCoreApplication.
    int run();

private:
    Result<> list();
    Result<> recover();
    Result<> cancel();
    void say(const QString &sentence);

    const Manifest &m_manifest;
    const InstallOptions &m_options;
    QString m_target;
    QTextStream &m_output;
    QTextStream &m_errors;
};

/// The same for \a manifestFile, on stdout and stderr.
int maintain(const QString &manifestFile, const InstallOptions &options);

} // namespace Entracte
