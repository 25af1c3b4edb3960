// SPDX-License-Identifier: MIT
#include "payload/entryreader.h"

#include "core/sha256.h"
#include "payload/payloadarchive.h"
#include "payload/zipformat.h"

#include <QFile>
#include <QFileInfo>

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <memory>

namespace Entracte {

using namespace ZipFormat;

namespace {

constexpr qsizetype packedSize = 1024 * 1024; // an entry up to this is read in one go
constexpr qsizetype refillSize = 256 * 1024;  // what follows of a larger one
constexpr qsizetype plainSize = 256 * 1024;
constexpr qsizetype aheadSize = 128 * 1024; // what is read beyond an entry costs its copying
static_assert(packedSize > localSize + 2 * 0xffff, "a whole header must fit");

/// Not filled with zeros: small archives would pay more for that than for all that is in them.
using Buffer = std::unique_ptr<char[]>;

const uchar *bytesOf(const char *text)
{
    return reinterpret_cast<const uchar *>(text);
}

/// The rule by which the local header at \a header (of \a size bytes, name and extra fields
/// included) disagrees with what the central directory said of \a entry; empty if it agrees.
QString disagreement(const char *header, qsizetype size, const PayloadEntry &entry)
{
    const auto flags = numberAt<quint16>(header + 6);
    if (flags & flagEncrypted)
        return EntryReader::tr("its own header says that it is encrypted", "error message, reason");
    if (numberAt<quint16>(header + 8) != (entry.isDeflated ? methodDeflated : methodStored))
        return EntryReader::tr("its own header names another compression method",
                               "error message, reason");
    const QByteArray name = entry.entryName().toUtf8();
    if (QByteArrayView(header + localSize, numberAt<quint16>(header + 26)) != name)
        return EntryReader::tr("its own header gives it another name", "error message, reason");

    quint64 compressed = numberAt<quint32>(header + 18);
    quint64 plain = numberAt<quint32>(header + 22);
    qsizetype length = 0;
    const char *field =
        extraField(header + localSize + name.size(), header + size, zip64Extra, &length);
    const auto takeZip64 = [&field, &length](quint64 &value) {
        if (value != inZip64Extra || !field || length < 8)
            return;
        value = numberAt<quint64>(field);
        field += 8;
        length -= 8;
    };
    takeZip64(plain);
    takeZip64(compressed);
    const bool mayBeMissing = flags & flagSizesFollow;
    const auto agrees = [mayBeMissing](quint64 said, quint64 promised) {
        return said == promised || (mayBeMissing && said == 0);
    };
    if (!agrees(plain, quint64(entry.size)) || !agrees(compressed, quint64(entry.compressedSize)))
        return EntryReader::tr("its own header gives it another size", "error message, reason");
    if (!agrees(numberAt<quint32>(header + 14), entry.crc32))
        return EntryReader::tr("its own header gives it another checksum", "error message, reason");
    return {};
}

Error damage(const PayloadArchive &archive, const PayloadEntry &entry, const QString &reason)
{
    return {ErrorCode::BadPayload,
            EntryReader::tr("Could not unpack “%2” from the payload “%1”: %3.",
                            "error message; %3: reason")
                .arg(archive.fileName(), entry.entryName(), reason)};
}

Error cutOff(const PayloadArchive &archive, const PayloadEntry &entry)
{
    return damage(archive, entry,
                  EntryReader::tr("the archive ends in the middle of it", "error message, reason"));
}

/// The part of an archive that was read last, with what is expected to be wanted next.
class ArchiveWindow
{
public:
    void expect(const PayloadArchive &archive, qint64 begin, qint64 end)
    {
        m_archive = &archive;
        m_expectedBegin = begin;
        m_expectedEnd = end;
        m_size = 0;
    }

    /// \a wanted bytes from \a offset on, at most packedSize, fewer only at the archive's end;
    /// until the next call.
    Result<QByteArrayView> read(const PayloadArchive &archive, qint64 offset, qint64 wanted)
    {
        const bool isExpected =
            &archive == m_archive && offset >= m_expectedBegin && offset < m_expectedEnd;
        if (isExpected && offset >= m_begin && offset + wanted <= m_begin + m_size)
            return QByteArrayView(m_buffer.get() + (offset - m_begin), wanted);
        const qint64 ahead =
            isExpected ? std::min<qint64>(m_expectedEnd - offset, aheadSize) : qint64(0);
        const Result<qint64> got = archive.readRaw(offset, m_buffer.get(), std::max(wanted, ahead));
        m_begin = offset;
        m_size = got && isExpected ? *got : 0;
        if (!got)
            return got.error();
        return QByteArrayView(m_buffer.get(), std::min(*got, wanted));
    }

private:
    const Buffer m_buffer = std::make_unique_for_overwrite<char[]>(packedSize);
    const PayloadArchive *m_archive = nullptr;
    qint64 m_expectedBegin = 0;
    qint64 m_expectedEnd = 0;
    qint64 m_begin = 0;
    qint64 m_size = 0;
};

/// The packed bytes of one entry, a piece at a time.
class PackedBytes
{
public:
    PackedBytes(const PayloadArchive &archive, const PayloadEntry &entry, ArchiveWindow &window)
        : m_archive(archive)
        , m_entry(entry)
        , m_window(window)
    {
    }

    /// Reads the local header and, of a small entry, everything else too.
    Result<> begin()
    {
        const qint64 end = m_archive.endOfEntryAt(m_entry.offset);
        const qint64 room = end - m_entry.offset;
        const Result<QByteArrayView> got =
            m_window.read(m_archive, m_entry.offset, std::min<qint64>(room, packedSize));
        if (!got)
            return got.error();
        const char *header = got->data();
        if (got->size() < localSize)
            return cutOff(m_archive, m_entry);
        if (numberAt<quint32>(header) != localSignature)
            return damage(
                m_archive, m_entry,
                EntryReader::tr("it does not begin with a header", "error message, reason"));
        const qsizetype size =
            localSize + numberAt<quint16>(header + 26) + numberAt<quint16>(header + 28);
        if (size + m_entry.compressedSize > room)
            return damage(m_archive, m_entry,
                          EntryReader::tr("it reaches into what follows it in the archive",
                                          "error message, reason"));
        if (got->size() < size)
            return cutOff(m_archive, m_entry);
        if (const QString reason = disagreement(header, size, m_entry); !reason.isEmpty())
            return damage(m_archive, m_entry, reason);
        m_piece =
            got->sliced(size).first(std::min<qint64>(got->size() - size, m_entry.compressedSize));
        m_left = m_entry.compressedSize - m_piece.size();
        m_offset = m_entry.offset + size + m_piece.size();
        return {};
    }

    QByteArrayView piece() const { return m_piece; }
    qint64 left() const { return m_left; } ///< behind the piece

    Result<> advance()
    {
        const Result<QByteArrayView> got =
            m_window.read(m_archive, m_offset, std::min<qint64>(m_left, refillSize));
        if (!got)
            return got.error();
        if (got->isEmpty())
            return cutOff(m_archive, m_entry);
        m_piece = *got;
        m_offset += got->size();
        m_left -= got->size();
        return {};
    }

private:
    const PayloadArchive &m_archive;
    const PayloadEntry &m_entry;
    ArchiveWindow &m_window;
    QByteArrayView m_piece;
    qint64 m_left = 0;
    qint64 m_offset = 0;
};

} // namespace

struct EntryReader::Private
{
    explicit Private(Verification verification)
        : hashes(verification == Verification::CrcAndSha256)
    {
        isal_inflate_init(&inflater);
    }

    Result<> deliver(QByteArrayView block);
    Result<> copy(PackedBytes &packed);
    Result<> inflateWhole(const PackedBytes &packed);
    Result<> inflatePieces(PackedBytes &packed);
    Result<> checkEnd();
    Error damage(const QString &reason) const { return Entracte::damage(*archive, *entry, reason); }
    Error badDeflate() const
    {
        return damage(tr("its compressed data is damaged", "error message, reason"));
    }
    Error leftOver() const
    {
        return damage(
            tr("its compressed data ends before its compressed size", "error message, reason"));
    }

    const bool hashes;
    Sha256 sha256;
    ArchiveWindow window;
    const Buffer plainBuffer = std::make_unique_for_overwrite<char[]>(plainSize);
    inflate_state inflater;

    // Of the entry that is being read.
    const PayloadArchive *archive = nullptr;
    const PayloadEntry *entry = nullptr;
    const Sink *sink = nullptr;
    qint64 left = 0;
    quint32 crc = 0;
    QByteArray digest;
};

Result<> EntryReader::Private::deliver(QByteArrayView block)
{
    if (block.size() > left)
        return damage(tr("it is longer than promised", "error message, reason"));
    left -= block.size();
    crc = crc32_gzip_refl(crc, bytesOf(block.data()), quint64(block.size()));
    if (hashes)
        sha256.add(block);
    return (*sink)(block);
}

Result<> EntryReader::Private::copy(PackedBytes &packed)
{
    while (true) {
        for (QByteArrayView rest = packed.piece(); !rest.isEmpty();) {
            const QByteArrayView block = rest.first(std::min(rest.size(), plainSize));
            if (const Result<> delivered = deliver(block); !delivered)
                return delivered.error();
            rest = rest.sliced(block.size());
        }
        if (packed.left() == 0)
            return {};
        if (const Result<> advanced = packed.advance(); !advanced)
            return advanced.error();
    }
}

/// One call without any state to carry over, when everything packed is here and everything plain
/// has room.
Result<> EntryReader::Private::inflateWhole(const PackedBytes &packed)
{
    isal_inflate_reset(&inflater);
    inflater.next_in = const_cast<uchar *>(bytesOf(packed.piece().data()));
    inflater.avail_in = quint32(packed.piece().size());
    inflater.next_out = reinterpret_cast<uchar *>(plainBuffer.get());
    inflater.avail_out = quint32(plainSize);
    const int reply = isal_inflate_stateless(&inflater);
    if (reply == ISAL_OUT_OVERFLOW)
        return damage(tr("it is longer than promised", "error message, reason"));
    if (reply != ISAL_DECOMP_OK)
        return badDeflate();
    if (inflater.avail_in + quint32(std::max(inflater.read_in_length, 0) / 8) > 0)
        return leftOver();
    const qsizetype size = plainSize - qsizetype(inflater.avail_out);
    return size > 0 ? deliver(QByteArrayView(plainBuffer.get(), size)) : Result<>();
}

Result<> EntryReader::Private::inflatePieces(PackedBytes &packed)
{
    isal_inflate_reset(&inflater);
    const auto take = [this](QByteArrayView piece) {
        inflater.next_in = const_cast<uchar *>(bytesOf(piece.data()));
        inflater.avail_in = quint32(piece.size());
    };
    take(packed.piece());
    while (true) {
        inflater.next_out = reinterpret_cast<uchar *>(plainBuffer.get());
        inflater.avail_out = quint32(plainSize);
        if (isal_inflate(&inflater) != ISAL_DECOMP_OK)
            return badDeflate();
        const qsizetype size = plainSize - qsizetype(inflater.avail_out);
        if (size > 0) {
            if (const Result<> delivered = deliver(QByteArrayView(plainBuffer.get(), size));
                !delivered)
                return delivered.error();
        }
        if (inflater.block_state == ISAL_BLOCK_FINISH)
            break;
        if (inflater.avail_in > 0)
            continue;
        if (packed.left() > 0) {
            if (const Result<> advanced = packed.advance(); !advanced)
                return advanced.error();
            take(packed.piece());
        } else if (size == 0) {
            return badDeflate(); // it wants more than there is
        }
    }
    if (packed.left() + inflater.avail_in + std::max(inflater.read_in_length, 0) / 8 > 0)
        return leftOver();
    return {};
}

Result<> EntryReader::Private::checkEnd()
{
    if (left > 0)
        return damage(tr("it is shorter than promised", "error message, reason"));
    if (crc != entry->crc32)
        return damage(tr("the checksum does not match", "error message, reason"));
    if (!hashes)
        return {};
    digest = sha256.result();
    if (!entry->sha256.isEmpty() && digest != entry->sha256)
        return damage(
            tr("its SHA-256 is not the one that the payload promises", "error message, reason"));
    return {};
}

EntryReader::EntryReader(Verification verification)
    : d(std::make_unique<Private>(verification))
{
}

EntryReader::~EntryReader() = default;

void EntryReader::expect(const PayloadArchive &archive, qint64 begin, qint64 end)
{
    d->window.expect(archive, begin, end);
}

Result<> EntryReader::read(const PayloadArchive &archive, const PayloadEntry &entry,
                           const Sink &sink)
{
    d->archive = &archive;
    d->entry = &entry;
    d->sink = &sink;
    d->left = entry.size;
    d->crc = 0;
    d->digest.clear();
    d->sha256.reset();

    PackedBytes packed(archive, entry, d->window);
    if (const Result<> begun = packed.begin(); !begun)
        return begun.error();
    const bool fitsWhole = packed.left() == 0 && entry.size <= plainSize;
    const Result<> unpacked = !entry.isDeflated ? d->copy(packed)
                            : fitsWhole         ? d->inflateWhole(packed)
                                                : d->inflatePieces(packed);
    return unpacked ? d->checkEnd() : unpacked;
}

QByteArray EntryReader::sha256() const
{
    return d->digest;
}

Result<bool> EntryReader::hasSameBytes(const PayloadArchive &archive, const PayloadEntry &entry,
                                       const QString &fileName)
{
    const QFileInfo info(fileName);
    if (info.isSymLink() || !info.isFile() || info.size() != entry.size)
        return false;
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return false; // what we may not look at is not known to be the same

    bool isSame = true;
    const Result<> compared = read(archive, entry, [&](QByteArrayView block) -> Result<> {
        isSame = file.read(block.size()) == block;
        return isSame ? Result<>() : Error{};
    });
    if (!compared && isSame)
        return compared.error();
    return isSame && file.read(1).isEmpty();
}

} // namespace Entracte
