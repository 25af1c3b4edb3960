// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/payloadentry.h"

#include <QByteArray>
#include <QCoreApplication>

#include <vector>

#include <sys/stat.h>

namespace Entracte {

/// What lies below a folder that is being packed, as it was found; one entry to be.
struct FolderItem
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::FolderItem)

public:
    QByteArray path; ///< below the folder, in the bytes of the file system
    EntryKind kind = EntryKind::File;
    int mode = 0644; ///< as in the archive: 0644 or 0755
    QByteArray linkTarget;
    struct stat found = {};

    qint64 size() const { return kind == EntryKind::File ? found.st_size : 0; }

    /// Everything below \a root, sorted by the bytes of the paths. What does not belong into a
    /// payload is an error (PayloadWriter::open). Blocks.
    static Result<std::vector<FolderItem>> allBelow(const QByteArray &root);
};

/// The file of a FolderItem, held to what was found there. Several threads may each have one.
class FolderFile
{
public:
    /// Both must live as long as this. Opening it fails at the first read().
    FolderFile(const QByteArray &absolutePath, const FolderItem &item);
    FolderFile(const FolderFile &) = delete;
    FolderFile &operator=(const FolderFile &) = delete;
    ~FolderFile();

    /// Fills \a to from \a begin on and makes sure that nobody has touched the file.
    Result<> read(qint64 begin, char *to, qint64 size) const;

private:
    const QByteArray m_path;
    const FolderItem &m_item;
    const int m_fd;
    const int m_openError;
};

} // namespace Entracte
