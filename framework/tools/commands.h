// SPDX-License-Identifier: MIT
#pragma once

#include "guardian/guardian.h"

#include <QCoreApplication>
#include <QStringList>

namespace Entracte {

/// The commands of `entracte` (design section 7). Each takes the words after its name and returns
/// the exit status; each needs a QCoreApplication.
class Commands
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Commands)

public:
    /// `entracte run MANIFEST [options]`: the installer straight from an unpacked folder. With
    /// --silent in this process; otherwise this process becomes the stub executable of ui.
    static int run(const QStringList &arguments, const Guardian::Starter &startGuardian);

    /// `entracte lint MANIFEST`: every error with file, line and key; exit 0 or 2.
    static int lint(const QStringList &arguments);

    /// `entracte pack FOLDER -o ARCHIVE`: makes the payload that a manifest names. The same folder
    /// becomes the same bytes; $SOURCE_DATE_EPOCH is the time of its entries.
    static int pack(const QStringList &arguments);

    /// `entracte in-use FILE… [--json]`: who uses these files, by application; exit 0 free, 1 in
    /// use, 2 error.
    static int inUse(const QStringList &arguments);

    /// `entracte ask PID [--json]`: what closing this program would meet, step by step; nothing is
    /// done. Exit 0 fine, 1 something is bad, 2 error.
    static int ask(const QStringList &arguments);

    /// `entracte session VERB …`: the restart manager for scripts. The session's key is in
    /// $ENTRACTE_SESSION_KEY, the primary's token in $ENTRACTE_SESSION_TOKEN. Prints the documented
    /// result code; exit 0 for code 0, 1 for any other, 2 for a wrong command line.
    static int session(const QStringList &arguments);
};

} // namespace Entracte
