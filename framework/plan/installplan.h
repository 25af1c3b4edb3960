// SPDX-License-Identifier: MIT
#pragma once

#include "plan/operation.h"

#include <QList>
#include <QSet>
#include <QStringList>
#include <QVersionNumber>

namespace Entracte {

/// What will be done, in order: the output of the Planner, the input of everything after it.
struct InstallPlan
{
    QString productId;
    QString productName;
    QVersionNumber version;
    QString targetDirectory; ///< absolute, no trailing slash
    bool isUpdate = false;   ///< a receipt was found in the target

    QList<Operation> operations;

    /// Absolute paths whose holders matter: files on disk that will be replaced or removed.
    QStringList filesInTheWay;

    /// Bytes that will be written beside the target before anything is swapped.
    qint64 bytesToWrite = 0;

    /// Paths of all that this version and the installed one own; anything else in the target is
    /// foreign and is carried over untouched.
    QSet<QString> ownedPaths;
};

} // namespace Entracte
