// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QCoreApplication>
#include <QStringList>

namespace Entracte {

class Guardian;
class RestartSession;
class Transaction;

/// What an installation does about a version that waits. Both block; what goes to \a notes is for
/// the log.
class Deferral
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Deferral)

public:
    /// The first look at what waits for \a targetDirectory from an earlier run (spec 120): puts it
    /// in place if \a session finds nobody in the way any more; else lets it wait on, until this
    /// installation takes its place.
    static Result<> takeUp(const QString &targetDirectory, const RestartSession &session,
                           QStringList &notes);

    /// Has what \a transaction has staged wait until nobody uses the files of \a targetDirectory
    /// any more: in \a guardian, which may be null, and from the next start on. That one of these
    /// was not to be had is noted; the new version waits all the same.
    static Result<> begin(Transaction &transaction, Guardian *guardian,
                          const QString &targetDirectory, const QString &productName,
                          QStringList &notes);
};

} // namespace Entracte
