// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QCoreApplication>

namespace Entracte {

/// Has a version that waits (Transaction::defer) taken up when nobody waits with it any more, since
/// the person logged out or the machine was switched off:
///  * as root, where systemd runs: a oneshot unit in /etc/systemd/system, early in the next boot;
///  * else an entry in the person's `autostart` folder, at the next login.
/// Both run a private copy of this executable that lies beside the target (WorkPlace::finisherOf),
/// because the installer itself is deleted, updated or on a stick; if a copy does not run
/// (libraries that are looked for beside it), this executable where it lies. Implemented in
/// platform/.
///
/// Only an executable that calls Guardian::takeUp() first can be started so.
class NextStart
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::NextStart)

public:
    /// To be called when something waits for \a targetDirectory; twice is as once. \a productName
    /// is for the entry's or unit's name. Blocks for some milliseconds.
    static Result<> arrange(const QString &targetDirectory, const QString &productName);

    /// Takes all of it away; does nothing where there is nothing.
    static Result<> forget(const QString &targetDirectory);
};

} // namespace Entracte
