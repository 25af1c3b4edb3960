// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "core/workerjob.h"

#include <QByteArray>
#include <QCoreApplication>
#include <QString>

namespace Entracte {

/// The SHA-256 of a whole file.
class FileDigest
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::FileDigest)

public:
    /// 32 raw bytes. Blocks; looks between two blocks whether \a context is cancelled.
    static Result<QByteArray> of(const QString &fileName, const WorkerJob::Context &context);
};

} // namespace Entracte
