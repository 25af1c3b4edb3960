// SPDX-License-Identifier: MIT
#include "restart/heldfile.h"

namespace Entracte {

static QString strongestHold(const HeldFile &file)
{
    if (file.kinds.testFlag(HoldKind::Executable))
        return HeldFileText::tr("%1 is running.", "a file and how it is held");
    if (file.kinds.testFlag(HoldKind::Mapped))
        return HeldFileText::tr("%1 is loaded.", "a file and how it is held");
    if (file.kinds.testFlag(HoldKind::Open))
        return file.isWritten
                 ? HeldFileText::tr("%1 is open for writing.", "a file and how it is held")
                 : HeldFileText::tr("%1 is open.", "a file and how it is held");
    if (file.kinds.testFlag(HoldKind::WorkingDirectory))
        return HeldFileText::tr("%1 is the working folder.", "a file and how it is held");
    if (file.kinds.testFlag(HoldKind::Root))
        return HeldFileText::tr("%1 is its root folder.", "a file and how it is held");
    return HeldFileText::tr("%1 is a script that it was started with.",
                            "a file and how it is held");
}

static QString strongestStaleHold(const HeldFile &file)
{
    if (file.kinds.testFlag(HoldKind::Executable))
        return HeldFileText::tr("%1 is running in an earlier version.",
                                "a file and how it is held");
    if (file.kinds.testFlag(HoldKind::Mapped))
        return HeldFileText::tr("%1 is loaded in an earlier version.", "a file and how it is held");
    if (file.kinds.testFlag(HoldKind::Script))
        return HeldFileText::tr("%1 is a script that has changed since it was started with it.",
                                "a file and how it is held");
    return HeldFileText::tr("%1 is open in an earlier version.", "a file and how it is held");
}

QString sentenceFor(const HeldFile &file)
{
    return (file.isStale ? strongestStaleHold(file) : strongestHold(file)).arg(file.path);
}

} // namespace Entracte
