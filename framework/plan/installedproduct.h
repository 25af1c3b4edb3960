// SPDX-License-Identifier: MIT
#pragma once

#include "plan/payloadentry.h"

#include <QMap>
#include <QSet>
#include <QVersionNumber>

namespace Entracte {

/// One file the product owns, as its receipt records it.
struct InstalledFile
{
    EntryKind kind = EntryKind::File;
    qint64 size = 0;
    int mode = 0;
    QByteArray sha256;  ///< 32 raw bytes; File only
    QString linkTarget; ///< SymbolicLink only
};

/// What a committed installation left behind: the content of `.entracte/receipt.json` in the
/// target. The file is part of the tree that is swapped in, so it is always true of the tree it
/// stands in.
struct Receipt
{
    static constexpr int formatVersion = 1;

    QString productId;
    QVersionNumber version;
    QString transactionId;              ///< ties the tree to the journal that made it
    QMap<QString, InstalledFile> files; ///< by path relative to the target
};

/// What is there now, read once before planning and then only compared with (design section 4).
struct InstalledProduct
{
    bool isInstalled = false; ///< a receipt was found
    Receipt receipt;          ///< empty unless isInstalled

    /// Paths of the offered payload whose content, kind and mode on disk are already what the
    /// payload would put there.
    QSet<QString> unchanged;

    /// Paths that exist on disk, would be replaced or removed, and are not what the receipt
    /// recorded: foreign files in our way, and files of ours that somebody edited. They are kept
    /// under another name, never lost.
    QSet<QString> edited;

    /// Every path that exists on disk among those the payload or the receipt name.
    QSet<QString> present;
};

} // namespace Entracte
