// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/payloadentry.h"

#include <QByteArrayView>
#include <QCoreApplication>

#include <functional>
#include <memory>

namespace Entracte {

class PayloadArchive;

/// One worker's reader of archive entries: its buffers, inflater and digest are reused from entry
/// to entry, and none of them grows with an entry. Not thread-safe; archives are.
class EntryReader
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::EntryReader)

public:
    enum class Verification {
        Crc,          ///< everything but the digest; for measuring what the digest costs
        CrcAndSha256, ///< the digest too: held to the index's promise, and told by sha256()
    };

    explicit EntryReader(Verification verification = Verification::CrcAndSha256);
    ~EntryReader();

    /// Says that the next entries to be read are those of \a archive between \a begin and \a end,
    /// in this order, so that several small ones come in one go. \a archive must live until the
    /// next call.
    void expect(const PayloadArchive &archive, qint64 begin, qint64 end);

    /// Takes the unpacked bytes, in blocks of up to 256 KiB, until it returns an error.
    using Sink = std::function<Result<>(QByteArrayView block)>;

    /// Hands the unpacked bytes of \a entry, one of \a archive, to \a sink. BadPayload, with the
    /// rule in the sentence, when
    ///  - the local header says anything else than the central directory did,
    ///  - the data does not unpack to exactly the promised size, CRC and (where the index promises
    ///    one) SHA-256, or its packed size is not exactly used up,
    ///  - the archive has become shorter.
    /// Never delivers more bytes than promised. What was delivered is true only when this succeeds.
    Result<> read(const PayloadArchive &archive, const PayloadEntry &entry, const Sink &sink);

    /// The SHA-256 of what read() has delivered last; empty with Verification::Crc.
    QByteArray sha256() const;

    /// True when \a fileName exists as a regular file with exactly the bytes of \a entry. Cheap
    /// when the sizes differ.
    Result<bool> hasSameBytes(const PayloadArchive &archive, const PayloadEntry &entry,
                              const QString &fileName);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
