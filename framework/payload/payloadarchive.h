// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/payloadentry.h"

#include <QCoreApplication>
#include <QList>

#include <memory>

namespace Entracte {

/// A payload ZIP, read only: its directory is parsed once, then many threads read from it. The one
/// place that knows QuaZip, which understands the container; EntryReader unpacks what is in it.
///
/// The archive may have other bytes before it, an executable for instance. The file stays open and
/// is read by position, never mapped: one that is cut off meanwhile is an error, not a signal.
class PayloadArchive
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::PayloadArchive)

public:
    /// The entry that promises the SHA-256 of the others, in the format of `sha256sum`, one line
    /// for every regular file. It is taken into their PayloadEntry::sha256 and not listed itself.
    static constexpr char indexName[] = ".entracte/sha256";

    /// Opens \a fileName and reads the whole central directory. Errors (BadPayload, one sentence
    /// with the archive's name and, where there is one, the entry's): missing, truncated or damaged
    /// archive, an entry that EntryPath refuses, a kind that is never installed, set-id bits,
    /// encryption, a method other than stored and deflated, a name that occurs twice, an entry
    /// below a file or a link, sizes that cannot be true, entries that share bytes of the archive,
    /// an index that does not speak of exactly the regular files.
    static Result<std::shared_ptr<const PayloadArchive>> open(const QString &fileName);
    ~PayloadArchive();

    const QString &fileName() const;
    const QList<PayloadEntry> &entries() const; ///< sorted by path

    /// Copies up to \a most bytes of the archive from \a offset on and returns how many there were,
    /// less than \a most only at its end. Thread-safe.
    Result<qint64> readRaw(qint64 offset, char *to, qint64 most) const;

    /// Where the entry at \a offset must have ended: the next one or the directory begins there.
    qint64 endOfEntryAt(qint64 offset) const;

private:
    PayloadArchive();
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
