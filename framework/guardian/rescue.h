// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QStringList>

namespace Entracte {

/// What an installer had under way when it died.
struct Duties
{
    QStringList targets;  ///< folders it was installing into
    QStringList sessions; ///< ids of its sessions in the store
};

/// Puts right what an installer left: first takes its sessions, so that no other rescuer starts a
/// program among half a version; then finishes or undoes its transactions
/// (Transaction::recoverWhenFree); then brings back what it closed (SessionRecovery), also where
/// the files could not be put right. Waits for an installer that still lives.
///
/// Blocks, and runs an event loop: needs a QCoreApplication, and is the whole work of a process.
Result<> rescue(const Duties &duties);

} // namespace Entracte
