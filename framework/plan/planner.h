// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "manifest/manifest.h"
#include "plan/installedproduct.h"
#include "plan/installplan.h"

#include <QCoreApplication>

namespace Entracte {

/// What the person or the command line chose.
struct Selection
{
    QString targetDirectory; ///< absolute; empty means the manifest's default
    bool allowDowngrade = false;
};

/// (Manifest, Selection, InstalledProduct, payload entries) → InstallPlan. Pure: touches no disk,
/// so the same input gives the same plan and a plan can be shown before anything happens.
///
/// Edited files are planned as replaced; those that the manifest keeps are then taken out again by
/// InstallPlan::keepEdited(), those that it merges only if the merge fails.
class Planner
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Planner)

public:
    /// \a entries are those of every chosen component, in manifest order. Errors: DowngradeRefused;
    /// PermissionDenied when a file that would be replaced may not be changed at all; BadPayload
    /// when two components bring different entries for one path, or a file stands where another
    /// entry needs a directory.
    static Result<InstallPlan> plan(const Manifest &manifest, const Selection &selection,
                                    const InstalledProduct &installed,
                                    const QList<PayloadEntry> &entries);

    /// Removes what \a installed owns in \a targetDirectory; edited files stay under another name.
    static Result<InstallPlan> planRemoval(const QString &targetDirectory,
                                           const InstalledProduct &installed);
};

} // namespace Entracte
