// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QCoreApplication>

#include <functional>
#include <memory>

namespace Entracte {

/// A second process of the same executable that outlives this one: when this process dies before
/// it has said dismiss(), the guardian puts right what this one had under way (rescue()). So the
/// target is whole again and what was closed is open again, after a SIGKILL too, without anybody
/// doing anything.
///
/// It holds one end of a socket whose other end only this process has. It runs from a private copy
/// of the executable, in a session of its own and, where systemd runs, in a scope of its own, so
/// that who stops this process's unit does not stop the guardian; it ignores HUP, INT and TERM, and
/// holds nothing else open. Implemented in platform/.
class Guardian
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Guardian)

public:
    /// Starts a guardian that has nothing to guard yet. Blocks until it stands guard, some 50 ms.
    using Starter = std::function<Result<std::unique_ptr<Guardian>>()>;

    /// To be called first in main(), before there is a thread: in a process that was started to be
    /// a guardian it does that work and never returns. Elsewhere it returns at once what starts
    /// one; an executable that does not call it cannot be its own guardian. The same holds for the
    /// agents: helpers that root's restart manager starts of it, one with the rights of each user
    /// whose applications come back.
    static Starter takeUp(int argc, char **argv);

    /// Without dismiss() before, the guardian acts now.
    ~Guardian();

    /// From now on it finishes or undoes what this process leaves in \a target.
    Result<> guardTarget(const QString &target);

    /// From now on it brings back what the session with this id (StoredSession::id) closed.
    Result<> guardSession(const QString &id);

    /// The applications of that session are no longer its concern.
    void releaseSession(const QString &id);

    /// When this process has ended it stays, and puts what waits for \a target (Transaction::defer)
    /// in place once nobody uses the installed version any more (DeferredSwap). While it waits, a
    /// signal ends it as any process: the next start is arranged (NextStart).
    Result<> seeThrough(const QString &target);

    /// The first argument of an executable that takeUp() is to make finish what waits for the
    /// target in the second, without a guardian before it; with "once" as third argument it does
    /// not wait. Without a second argument it only shows that it runs.
    static constexpr char finishWord[] = "--entracte-finish";

    /// There is nothing left to guard.
    void dismiss();

private:
    struct Private;
    explicit Guardian(std::unique_ptr<Private> d);
    static Result<std::unique_ptr<Guardian>> start();
    std::unique_ptr<Private> d;
};

} // namespace Entracte
