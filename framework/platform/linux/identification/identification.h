// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/processscan.h"
#include "platform/linux/identification/desktopfacts.h"
#include "restart/affectedapplication.h"

#include <QCoreApplication>

namespace Entracte {

/// Turns processes into applications as a person knows them: one row each, with a name, an icon, a
/// type, and what stands against closing it (linux-mechanisms 2).
///
/// Evidence in this order, the first that tells something counts: the application's own
/// registration, the unit it was put into, its sandbox, its windows, its names on the session bus,
/// what launched it, the desktop entry that starts the same program, the script that an interpreter
/// runs, the name of its program. One kind of evidence, one file of this folder. All of it may be
/// hostile text and ends as plain text.
class Identification
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Identification)

public:
    /// Blocks for some ten milliseconds, at a stopped bus for half a second: call it from a worker.
    /// It opens its own connections to the display and the buses, and closes them: our own user's
    /// only. \a ofOthers: what the agents of other users see on theirs. \a installer counts as the
    /// installer beside this process.
    static AffectedApplications identify(const ProcessScan &scan,
                                         const UniqueProcess &installer = {},
                                         const DesktopFacts &ofOthers = {});

    /// Why a program of another user stays open, as a sentence for people.
    static QString belongsToAnother();
};

} // namespace Entracte
