// SPDX-License-Identifier: MIT
#pragma once

#include "engine/installoptions.h"
#include "plan/installedproduct.h"
#include "restart/affectedapplication.h"
#include "transaction/deferredversion.h"

#include <QCoreApplication>
#include <QTextStream>

#include <optional>

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

    /// Carries out the command and returns the exit status. Blocks; recover and list run an event
    /// loop: needs a QCoreApplication.
    int run();

private:
    /// What list() shows.
    struct Listing
    {
        std::optional<Receipt> installed;
        std::optional<DeferredVersion> deferred;
        std::optional<QList<AffectedApplication>> holders; ///< who is waited for, where it is known
    };

    Result<> list();
    void listAsJson(const Listing &listing);
    void listAsText(const Listing &listing);
    std::optional<QList<AffectedApplication>> holdersOf(const DeferredVersion &waiting);
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
