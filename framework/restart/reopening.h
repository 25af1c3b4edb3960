// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "restart/affectedapplication.h"

#include <QDateTime>
#include <QStringList>

#include <functional>
#include <memory>

namespace Entracte {

/// Who comes back after a restart and who does not, for a person to decide by. Plain text.
struct ReopeningOutlook
{
    struct Loss
    {
        QString application;
        QString reason; ///< a sentence

        friend bool operator==(const Loss &, const Loss &) = default;
    };

    QStringList names;  ///< of those who come back, sorted
    QList<Loss> losses; ///< those who cannot, though somebody will miss them

    friend bool operator==(const ReopeningOutlook &, const ReopeningOutlook &) = default;
};

/// Port: programs that come back once after the system was restarted (spec 7.2, "restart
/// applications"; spec 119).
///
/// Who comes back: every program that registered how (Entracte::Client), unless it asked not to
/// after a restart; and those of the given applications that can be brought back. Each at the next
/// log-on of its own user. Services come back by themselves, and so does what every session starts.
/// An installer that root runs arranges it for every user, with the rights of each and no others;
/// any other one for the programs of its own user.
///
/// The promise belongs to one restart: it is kept at the first log-on after it, once, by whichever
/// session comes first, and forgotten when the restart does not happen within two hours of its
/// time.
///
/// Asynchronous: an answer comes in the thread of \a context, never before the request has
/// returned, and not at all when that is gone by then. One request at a time.
class Reopening
{
public:
    virtual ~Reopening() = default;

    using Known = std::function<void(const ReopeningOutlook &)>;

    /// Who would come back if it were arranged now.
    virtual void look(const QList<AffectedApplication> &applications, QObject *context,
                      Known done) = 0;

    /// Arranges it for the restart at \a time; what was arranged before is forgotten. All or
    /// nothing for each user.
    virtual void arrange(const QDateTime &time, const QList<AffectedApplication> &applications,
                         QObject *context, Known done) = 0;

    /// There will be no restart after all.
    virtual void forget(QObject *context, std::function<void(const Result<> &)> done) = 0;

    /// To be called first in main(), beside Guardian::takeUp(): a process that a session started to
    /// open a program again becomes that program, or ends. In any other it returns at once. An
    /// executable that does not call it cannot arrange().
    static void takeUp(int argc, char **argv);
};

/// The running system's. \a clock limits how long it waits for what other users' processes say.
std::unique_ptr<Reopening> createReopening(std::shared_ptr<Clock> clock);

} // namespace Entracte
