// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QCoreApplication>
#include <QList>

namespace Entracte {

class X11Display;

/// Whose sentences these are.
class ClosingPreview
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::ClosingPreview)
};

/// What ApplicationCloser and the restart would meet, step by step; asks nobody, does nothing.
QList<ClosingStep> previewClosing(const AffectedApplication &application,
                                  const X11Display &display);

} // namespace Entracte
