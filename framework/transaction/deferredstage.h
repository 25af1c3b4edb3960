// SPDX-License-Identifier: MIT
#pragma once

#include "plan/installplan.h"
#include "transaction/directory.h"
#include "transaction/journal.h"
#include "transaction/workplace.h"

#include <QCoreApplication>

#include <optional>

namespace Entracte {

/// A version that waited (DeferredVersion) in the hands of whoever puts it in place: locked, found
/// to fit what is installed, and at a working place again. What Transaction::reopen() goes on with;
/// a recovery has been there before.
struct DeferredStage
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::DeferredStage)

public:
    WorkPlace place;
    FileLock lock;
    Directory target;
    Directory stage;
    Journal::Record record;
    InstallPlan plan;

    /// Nothing if nothing waits for \a targetDirectory. AlreadyRunning while another installation
    /// is at work there. What does not fit is dropped, and an error.
    static Result<std::optional<DeferredStage>> take(const QString &targetDirectory);

private:
    static Result<std::optional<DeferredStage>> open(WorkPlace place, FileLock lock,
                                                     const Journal::Record &record,
                                                     const QString &targetDirectory);
    static Result<bool> fits(WorkPlace &place, const QString &targetDirectory);
};

} // namespace Entracte
