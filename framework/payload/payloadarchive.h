// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/payloadentry.h"

#include <QCoreApplication>
#include <QIODevice>
#include <QList>

#include <functional>
#include <memory>

namespace Entracte {

/// A payload ZIP, read only. The one place that knows QuaZip.
///
/// Not thread-safe; each worker opens its own. The archive must not change while it is open.
class PayloadArchive
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::PayloadArchive)

public:
    /// Opens \a fileName and reads the whole central directory. Errors (BadPayload, one sentence
    /// with the archive's name and, where there is one, the entry's): missing, truncated or damaged
    /// archive, an entry that EntryPath refuses, a kind that is never installed, set-id bits,
    /// encryption, a method other than stored and deflated, a name that occurs twice, an entry
    /// below a file or a link.
    static Result<std::unique_ptr<PayloadArchive>> open(const QString &fileName);
    ~PayloadArchive();

    const QList<PayloadEntry> &entries() const;

    /// Hands the unpacked bytes of \a entry to \a sink in blocks until it returns an error. Fails
    /// with BadPayload when size or CRC do not keep the directory's promise; never delivers more
    /// bytes than promised.
    using Sink = std::function<Result<>(QByteArrayView block)>;
    Result<> read(const PayloadEntry &entry, const Sink &sink);

    /// True when \a fileName exists as a regular file with exactly the bytes of \a entry. Cheap
    /// when the sizes differ.
    Result<bool> hasSameBytes(const PayloadEntry &entry, const QString &fileName);

private:
    PayloadArchive();
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
