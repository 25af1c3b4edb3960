// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

namespace Entracte {

/// What an administrator must be able to read after a program was ended without its consent
/// (spec 86; Windows event 10006 and its neighbours).
struct ForcedClose
{
    AffectedApplication application;
    int signal = 0;          ///< SIGTERM to a program that does not catch it, or SIGKILL
    UniqueProcess installer; ///< who asked for it
    QString reason;          ///< why politeness was not enough
};

/// One line at warning level in entracte.restart, fields as NAME=value, so that it is there without
/// --verbose and a journal can take it apart.
void record(const ForcedClose &close);

} // namespace Entracte
