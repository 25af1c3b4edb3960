// SPDX-License-Identifier: MIT
#pragma once

#include "core/error.h"

#include <QCoreApplication>

namespace Entracte {

/// What whoever works on a payload ends with when somebody has cancelled the installation.
class Cancellation
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Cancellation)

public:
    static Error error();
};

} // namespace Entracte
