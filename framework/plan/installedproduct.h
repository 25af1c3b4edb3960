// SPDX-License-Identifier: MIT
#pragma once

#include "plan/filestamp.h"
#include "plan/installedfiles.h"

#include <QHash>
#include <QSet>
#include <QVersionNumber>

namespace Entracte {

/// What a committed installation left behind: the content of `.entracte/receipt` in the target. The
/// file is part of the tree that is swapped in, so it is always true of the tree it stands in.
struct Receipt
{
    QString productId;
    QVersionNumber version;
    QString transactionId; ///< ties the tree to the journal that made it
    InstalledFiles files;

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
    /// looked: who changes one of them from now on is noticed.
    QHash<QString, FileStamp> present;

    /// Of these, the ones that may not be changed or removed, not even by root.
    QSet<QString> immutable;

    /// What else stands beside the edited ones under names that one of them could be given.
    QSet<QString> besideEdited;

    /// The SHA-256 of the unchanged files of payloads that do not promise it.
    QHash<QString, QByteArray> digests;
};

} // namespace Entracte
