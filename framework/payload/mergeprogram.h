// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "core/workerjob.h"
#include "plan/installplan.h"
#include "transaction/directory.h"

#include <QCoreApplication>

namespace Entracte {

class PayloadArchive;

/// Lets the program of a Merge make one file of an edited one and the one offered. It is run as
/// this user, without a shell, with the paths EDITED OFFERED RESULT, and says by status 0 that
/// RESULT is what is to be installed. It gets copies, in a folder of their own under their own
/// names: whatever it does, the installed file stays as it is.
class MergeProgram
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::MergeProgram)

public:
    struct Merged
    {
        QByteArray content;
        QByteArray offeredSha256; ///< 32 raw bytes
    };

    /// Blocks until the program has ended, a minute has passed or \a context is cancelled
    /// (ErrorCode::Cancelled). An error is the sentence why nothing was merged.
    static Result<Merged> run(const Merge &merge, const PayloadArchive &archive,
                              const Directory &target, const Clock &clock,
                              const WorkerJob::Context &context);
};

} // namespace Entracte
