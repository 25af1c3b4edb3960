// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QCoreApplication>

#include <functional>
#include <memory>

namespace Entracte {

/// A second process of the same executable that outlives this one: when this process dies before
/// it has said dismiss(), the guardian finishes or undoes the transaction
/// (Transaction::recoverWhenFree). So the target is whole again, after a SIGKILL too, without
/// anybody doing anything.
///
/// It holds the read end of a pipe whose write end only this process has. It runs from a private
/// copy of the executable, in a session of its own, ignores HUP, INT and TERM, and holds nothing
/// else open. Implemented in platform/.
class Guardian
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Guardian)

public:
    /// Starts the guardian for a target. Blocks until it stands guard, some 50 ms.
    using Starter = std::function<Result<std::unique_ptr<Guardian>>(const QString &target)>;

    /// To be called first in main(), before there is a thread: in a process that was started to be
    /// a guardian it does that work and never returns. Elsewhere it returns at once what starts
    /// one; an executable that does not call it cannot be its own guardian.
    static Starter takeUp(int argc, char **argv);

    /// Without dismiss() before, the guardian acts now.
    ~Guardian();

    /// There is nothing left to guard.
    void dismiss();

private:
    struct Private;
    explicit Guardian(std::unique_ptr<Private> d);
    static Result<std::unique_ptr<Guardian>> start(const QString &target);
    std::unique_ptr<Private> d;
};

} // namespace Entracte
