// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "core/workerjob.h"
#include "manifest/manifest.h"
#include "plan/installedproduct.h"

#include <QCoreApplication>
#include <QList>

#include <memory>

namespace Entracte {

class PayloadArchive;

/// What the planner needs to know of the world, read in one go.
struct PayloadSurvey
{
    QList<std::shared_ptr<const PayloadArchive>> archives; ///< for the extractor
    QList<PayloadEntry> entries;                           ///< of every component, manifest order
    InstalledProduct installed;

    /// Opens and checks every payload of \a manifest (digest included), reads the receipt of
    /// \a targetDirectory and compares what stands there with what would be placed. Blocks; reports
    /// progress in bytes compared. Changes nothing.
    ///
    /// A file that was not touched since it was installed (Receipt::isUntouched) is not read when
    /// the payload's index promises a digest: the two digests are compared.
    static Result<PayloadSurvey> take(const Manifest &manifest, const QString &targetDirectory,
                                      WorkerJob::Context &context);

    /// What of the product of a receipt stands in \a targetDirectory, for its removal.
    static Result<InstalledProduct> takeInstalled(const QString &targetDirectory,
                                                  WorkerJob::Context &context);

    Q_DECLARE_TR_FUNCTIONS(Entracte::PayloadSurvey)
};

} // namespace Entracte
