// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/installedproduct.h"

#include <QCoreApplication>

#include <optional>

namespace Entracte {

/// Name of the directory inside every installed tree that belongs to Entracte; payloads may not use
/// it.
inline constexpr char ownDirectoryName[] = ".entracte";

/// Reads and writes `.entracte/receipt.json`, the record of what a product owns in its target.
class ReceiptFile
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::ReceiptFile)

public:
    /// The receipt of \a targetDirectory, nullopt when nothing is installed there. An unreadable
    /// receipt, or one of a newer format, is an error: guessing could delete foreign files.
    static Result<std::optional<Receipt>> read(const QString &targetDirectory);

    static QByteArray serialize(const Receipt &receipt);
};

} // namespace Entracte
