// SPDX-License-Identifier: MIT
#pragma once

#include "plan/filestamp.h"
#include "plan/payloadentry.h"

#include <QHash>
#include <QMap>
#include <QSet>
#include <QVersionNumber>

namespace Entracte {

/// One file the product owns, as its receipt records it.
struct InstalledFile
{
    EntryKind kind = EntryKind::File;
    qint64 size = 0;
    qint64 modified = 0; ///< when it was installed, nanoseconds since 1970; File only
    int mode = 0;
    QByteArray sha256;  ///< 32 raw bytes; File only
    QString linkTarget; ///< SymbolicLink only
};

/// What a committed installation left behind: the content of `.entracte/receipt` in the target. The
/// file is part of the tree that is swapped in, so it is always true of the tree it stands in.
struct Receipt
{
    QString productId;
    QVersionNumber version;
    QString transactionId;              ///< ties the tree to the journal that made it
    QMap<QString, InstalledFile> files; ///< by path relative to the target

    /// When the installation had done its last, by the file system's own clock; 0: it never did.
    qint64 sealed = 0;

    /// True if the file that \a file records, and that looks like \a stamp now, is certainly still
    /// the one that was installed: nobody can set the time at which an inode changed.
    bool isUntouched(const InstalledFile &file, const FileStamp &stamp) const
    {
        return stamp.changed < sealed && stamp.size == file.size && stamp.modified == file.modified;
    }
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

    /// Every path that exists on disk among those the payload or the receipt name, and how it
    /// looked: who changes one of them from now on is noticed. Also what stands beside the edited
    /// ones under the names that one of them could be given.
    QHash<QString, FileStamp> present;

    /// Of these, the ones that may not be changed or removed, not even by root.
    QSet<QString> immutable;

    /// The SHA-256 of the unchanged files.
    QHash<QString, QByteArray> digests;
};

} // namespace Entracte
