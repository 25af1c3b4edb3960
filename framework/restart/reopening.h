// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "restart/affectedapplication.h"

#include <QDateTime>
#include <QStringList>

#include <memory>

namespace Entracte {

/// Port: programs that come back once after the system was restarted (spec 7.2, "restart
/// applications"; spec 119).
///
/// Who comes back: every program of this user that registered how (Entracte::Client), unless it
/// asked not to after a restart; and those of the given applications that can be brought back.
/// Services come back by themselves, and so does what every session starts.
///
/// The promise belongs to one restart: it is kept at the first log-on after it, once, by whichever
/// session comes first, and forgotten when the restart does not happen within two hours of its
/// time. Blocks for a moment each; thread-safe, one call at a time.
class Reopening
{
public:
    virtual ~Reopening() = default;

    /// Names of those who would come back now, sorted, for a person to decide by.
    virtual QStringList candidates(const QList<AffectedApplication> &applications) const = 0;

    /// Arranges it for the restart at \a time; what was arranged before is forgotten. The names of
    /// those who will come back. All or nothing: an error leaves nothing behind.
    virtual Result<QStringList> arrange(const QDateTime &time,
                                        const QList<AffectedApplication> &applications) = 0;

    /// There will be no restart after all.
    virtual Result<> forget() = 0;

    /// To be called first in main(), beside Guardian::takeUp(): a process that a session started to
    /// open a program again becomes that program, or ends. In any other it returns at once. An
    /// executable that does not call it cannot arrange().
    static void takeUp(int argc, char **argv);
};

/// The running system's, for the user that this process runs as.
std::unique_ptr<Reopening> createReopening();

} // namespace Entracte
