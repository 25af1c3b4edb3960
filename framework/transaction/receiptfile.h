// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/installedproduct.h"
#include "transaction/directory.h"

#include <QCoreApplication>

#include <optional>

namespace Entracte {

/// Name of the directory inside every installed tree that belongs to Entracte; payloads may not use
/// it.
inline constexpr char ownDirectoryName[] = ".entracte";

/// `.entracte/receipt`: the committed journal, the record of what a product owns in its target; and
/// `.entracte/seal`, an empty file made when an installation had done its last. A file that says it
/// changed before the seal has not been touched since.
class ReceiptFile
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::ReceiptFile)

public:
    static QString path() { return QStringLiteral(".entracte/receipt"); }
    static QString sealPath() { return QStringLiteral(".entracte/seal"); }

    /// The receipt of \a targetDirectory, nullopt when nothing is installed there. An unreadable
    /// receipt, or one of a newer format, is an error: guessing could delete foreign files.
    static Result<std::optional<Receipt>> read(const QString &targetDirectory);
    static Result<std::optional<Receipt>> read(const Directory &target);

    /// Makes the seal of \a target anew.
    static Result<> seal(Directory &target);
};

} // namespace Entracte
