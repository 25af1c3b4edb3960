// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

namespace Entracte {

class X11Display;

/// Brings the window in which \a application asks something to the front, else its last one;
/// nothing where it shows none.
void showQuestionOf(const AffectedApplication &application, const X11Display &display);

} // namespace Entracte
