// SPDX-License-Identifier: MIT
#pragma once

#include "plan/installplan.h"
#include "transaction/directory.h"
#include "transaction/journal.h"

#include <QCoreApplication>
#include <QVersionNumber>

#include <optional>

namespace Entracte {

class WorkPlace;

/// A version that is staged whole beside the installed one and waits until nobody uses that any
/// more: what Transaction::defer() left. Values; a look from outside. Transaction::reopen() has the
/// hands.
struct DeferredVersion
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::DeferredVersion)

public:
    QString productId;
    QVersionNumber version;
    QString transactionId;

    /// Absolute paths of the installed files that it replaces or removes: who holds one of them is
    /// waited for.
    QStringList filesInTheWay;

    /// True if something else was installed since, or the stage was damaged: it can only be
    /// dropped.
    bool isObsolete = false;

    /// What waits for \a targetDirectory, if anything does. Reads only, takes no lock.
    static Result<std::optional<DeferredVersion>> of(const QString &targetDirectory);

    /// Drops it; does nothing if there is none. AlreadyRunning while it is being put in place.
    static Result<> drop(const QString &targetDirectory);

    /// True while a place for one is there, whole or not.
    static bool isPresent(const QString &targetDirectory);

private:
    friend struct DeferredStage;
    friend class Recovery;
    friend class Transaction;

    /// The journal and the installed receipt as a plan again, as far as the roads ask for it; the
    /// error, if the stage is not what the journal promises, says what is missing.
    static Result<InstallPlan> planOf(const Journal::Record &record, const Directory &target,
                                      const Directory &stage);

    /// What the journal has to remember of \a plan.
    static Result<Journal::Deferral> remember(const InstallPlan &plan);

    /// Drops what waits in \a place, which the caller has locked or knows to be nobody's.
    static Result<> dropIn(WorkPlace &place, const QString &targetDirectory);

    /// Gives what waits in the working place \a place the name of a deferred one, in place of what
    /// waited before. Killed at any instant, the next recovery goes on with it.
    static Result<> settle(WorkPlace &place, const QString &targetDirectory);
};

} // namespace Entracte
