// SPDX-License-Identifier: MIT
#include "engine/deferral.h"

#include "guardian/guardian.h"
#include "guardian/nextstart.h"
#include "restart/restartsession.h"
#include "transaction/deferredversion.h"
#include "transaction/transaction.h"

namespace Entracte {

/// True if something was put in place.
static Result<bool> swapNow(const QString &targetDirectory)
{
    const Result<std::unique_ptr<Transaction>> transaction = Transaction::reopen(targetDirectory);
    if (!transaction)
        return transaction.error();
    if (!*transaction)
        return false;
    if (const Result<> committed = (*transaction)->commit(); !committed)
        return committed.error();
    if (const Result<> closed = (*transaction)->close(); !closed)
        return closed.error();
    return true;
}

Result<> Deferral::takeUp(const QString &targetDirectory, const RestartSession &session,
                          QStringList &notes)
{
    if (!DeferredVersion::isPresent(targetDirectory))
        return {};
    const Result<std::optional<DeferredVersion>> waiting = DeferredVersion::of(targetDirectory);
    if (!waiting)
        return waiting.error();
    const QString version = *waiting ? (*waiting)->version.toString() : QString();
    if (*waiting && !(*waiting)->isObsolete
        && session.probe((*waiting)->filesInTheWay) != RestartBackend::Occupancy::Free) {
        notes.append(tr("Version %1 still waits until files are no longer in use; "
                        "this installation will take its place.",
                        "log")
                         .arg(version));
        return {};
    }
    const Result<bool> swapped = swapNow(targetDirectory);
    if (!swapped)
        notes.append(swapped.error().message);
    else if (*swapped)
        notes.append(tr("Version %1, which had waited until files were no longer "
                        "in use, was put in place.",
                        "log")
                         .arg(version));
    return DeferredVersion::isPresent(targetDirectory) ? Result<>()
                                                       : NextStart::forget(targetDirectory);
}

Result<> Deferral::begin(Transaction &transaction, Guardian *guardian,
                         const QString &targetDirectory, const QString &productName,
                         QStringList &notes)
{
    if (const Result<> deferred = transaction.defer(); !deferred)
        return deferred;
    // Who finds the guardian dead, or never had one, is served by the next start.
    if (!guardian)
        return {};
    if (const Result<> told = guardian->seeThrough(targetDirectory); !told)
        notes.append(told.error().message);
    if (const Result<> arranged = NextStart::arrange(targetDirectory, productName); !arranged)
        notes.append(arranged.error().message);
    return {};
}

} // namespace Entracte
