// SPDX-License-Identifier: MIT
#pragma once

#include "restart/affectedapplication.h"

#include <QCoreApplication>

namespace Entracte {

/// Whose sentences these are.
class HeldFileText
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::HeldFile)
};

/// How \a file is held, in one whole sentence that names it.
QString sentenceFor(const HeldFile &file);

} // namespace Entracte
