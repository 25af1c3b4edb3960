// SPDX-License-Identifier: MIT
#include "engine/oldversion.h"

#include "guardian/nextstart.h"
#include "restart/restartsession.h"
#include "transaction/deferredversion.h"

#include <QDirIterator>

namespace Entracte {

static QStringList filesIn(const QString &tree)
{
    QStringList files;
    QDirIterator found(tree, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (found.hasNext())
        files.append(found.next());
    return files;
}

Result<> removeOldVersions(Transaction &transaction, Transaction::OldVersion oldVersion,
                           const QString &targetDirectory, const RestartSession &session)
{
    const QStringList keptEarlier = Transaction::keptTrees(targetDirectory);
    const bool anotherWaited = DeferredVersion::isPresent(targetDirectory);
    const Result<> closed = transaction.close(oldVersion);
    if (anotherWaited && !DeferredVersion::isPresent(targetDirectory))
        (void)NextStart::forget(targetDirectory); // else it finds nothing, and forgets itself
    if (!closed)
        return closed;
    for (const QString &tree : keptEarlier) {
        if (session.probe(filesIn(tree)) == RestartBackend::Occupancy::Free)
            (void)Transaction::removeKeptTree(tree);
    }
    return {};
}

} // namespace Entracte
