// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "core/workerjob.h"

#include <QCoreApplication>
#include <QString>

#include <memory>

namespace Entracte {

/// Packs a folder into a payload: a ZIP archive that PayloadArchive accepts and every other
/// unpacker too, with the SHA-256 of its files as its last entry.
///
/// The same tree becomes the same bytes, whatever the number of threads, the order of directories,
/// times, owners, the umask or the locale: entries are sorted by the bytes of their paths and all
/// have one time; a file has the mode 0755 if its owner may execute it, else 0644; a folder has
/// 0755. Symbolic links stay links. Hard links become files of their own.
///
/// Files are deflated unless that gains nothing. Large ones are cut into blocks that are packed
/// side by side and joined; memory depends on the number of threads, not on the size of a file.
class PayloadWriter
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::PayloadWriter)

public:
    struct Options
    {
        int threads = 0;            ///< 0: one per core
        int level = 6;              ///< 1 fast … 12 small
        qint64 time = earliestTime; ///< of every entry, in seconds since 1970, UTC
    };
    static constexpr qint64 earliestTime = 315'532'800; ///< 1980: a ZIP knows no earlier one

    struct Summary
    {
        qint64 entries = 0;
        qint64 plainBytes = 0;
        qint64 archiveBytes = 0;
    };

    /// Looks through \a folder. Errors, each with the name of the file: what EntryPath refuses,
    /// what is neither a file, a folder nor a link, set-id bits, links that lead out of the folder.
    static Result<PayloadWriter> open(const QString &folder);
    PayloadWriter(PayloadWriter &&) noexcept;
    ~PayloadWriter();

    /// Writes \a archive, which appears, or is replaced, when it is complete; on error nothing is
    /// left. It is an error if a file has changed or vanished since open(), if it cannot be read,
    /// and if \a archive lies in the folder. Blocks; reports progress in bytes packed.
    Result<Summary> write(const QString &archive, const Options &options,
                          WorkerJob::Context &context) const;

private:
    PayloadWriter();
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
