// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QCoreApplication>

namespace Entracte {

class Directory;
class WorkPlace;

/// Finishes or undoes what a transaction left that died (Transaction::recover).
class Recovery
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Recovery)

public:
    enum class Waiting { No, UntilFree };

    static Result<> run(const QString &targetDirectory, Waiting waiting);

private:
    static Result<> runIn(WorkPlace &place, const QString &targetDirectory, Waiting waiting);
};

} // namespace Entracte
