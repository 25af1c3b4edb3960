// SPDX-License-Identifier: MIT
#pragma once

#include "plan/installplan.h"
#include "restart/affectedapplication.h"

#include <QFuture>
#include <QList>

namespace Entracte {

class AffectedApplicationModel;

/// What the engine found out before anything is touched, for the page "Ready to install".
struct InstallReview
{
    InstallPlan plan;
    QVersionNumber installedVersion; ///< null for a first installation
    int applicationsToClose = 0;
};

enum class ReviewDecision {
    Install,
    Revise, ///< back to Ready: the person wants to choose something else
    Cancel,
};

/// A person's or a policy's answer to the files-in-use question (design section 3).
enum class FilesInUseDecision {
    CloseApplications,
    ForceClose, ///< as CloseApplications, and those in FilesInUseAnswer::forced may be ended
    ContinueWithoutClosing,
    Defer, ///< only where InstallEngine::canDefer()
    Retry,
    Cancel,
};

struct FilesInUseAnswer
{
    FilesInUseDecision decision = FilesInUseDecision::Cancel;
    QList<UniqueProcess> forced; ///< ForceClose only
    /// True when a policy, not a person, said Cancel: the outcome is FilesInUse instead of
    /// Cancelled.
    bool byPolicy = false;
};

/// The questions the engine may ask. A wizard answers them, or a policy does (SilentUiDelegate).
/// Answers come later, through a future; a future that is cancelled counts as Cancel.
class UiDelegate
{
public:
    virtual ~UiDelegate() = default;

    virtual QFuture<ReviewDecision> review(const InstallReview &review) = 0;

    /// \a model is live and stays valid while the engine lives. May be asked again when somebody
    /// refused, or a new application appeared: the model tells which.
    virtual QFuture<FilesInUseAnswer> askFilesInUse(const AffectedApplicationModel &model) = 0;
};

} // namespace Entracte
