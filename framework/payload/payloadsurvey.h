// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "core/workerjob.h"
#include "manifest/manifest.h"
#include "plan/installedproduct.h"

#include <QCoreApplication>
#include <QList>

namespace Entracte {

/// What the planner needs to know of the world, read in one go.
struct PayloadSurvey
{
    QList<PayloadEntry> entries; ///< of every component, in manifest order
    InstalledProduct installed;

    /// Opens and checks every payload of \a manifest (digest included), reads the receipt of
    /// \a targetDirectory and compares what stands there with what would be placed. Blocks; reports
    /// progress in bytes compared. Changes nothing.
    static Result<PayloadSurvey> take(const Manifest &manifest, const QString &targetDirectory,
                                      WorkerJob::Context &context);

    Q_DECLARE_TR_FUNCTIONS(Entracte::PayloadSurvey)
};

} // namespace Entracte
