// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/processscan.h"
#include "platform/linux/x11display.h"
#include "restart/affectedapplication.h"

#include <QCoreApplication>

namespace Entracte {

/// Turns processes into applications as a person knows them: one row each, with a name, an icon, a
/// type, and what stands against closing it (linux-mechanisms 2).
///
/// Evidence in this order: the application's own registration, a desktop entry that starts the same
/// program, the class of its window, the name of its executable.
class Identification
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Identification)

public:
    static AffectedApplications identify(const ProcessScan &scan, const X11Display &display,
                                         const UniqueProcess &installer = {});
};

} // namespace Entracte
