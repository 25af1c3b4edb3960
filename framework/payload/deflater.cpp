// SPDX-License-Identifier: MIT
#include "payload/deflater.h"

#include <libdeflate.h>
#include <zlib.h>

#include <array>

namespace Entracte {

namespace {

constexpr int noWrapper = -15;  // zlib: raw deflate, any window
constexpr int isLastBlock = 64; // zlib: in data_type
constexpr int isBetweenBlocks = 128;
constexpr int unusedBits = 7;

/// Takes the mark of the last block away from \a packed and ends it with an empty stored block, on
/// a whole byte. libdeflate cannot leave a stream open, so the last block must be looked for.
void openEnd(QByteArray &packed)
{
    z_stream stream = {};
    inflateInit2(&stream, noWrapper);
    std::array<Bytef, 64 * 1024> ignored;
    stream.next_in = reinterpret_cast<Bytef *>(packed.data());
    stream.avail_in = uInt(packed.size());
    const auto position = [&stream] { // in bits
        return qsizetype(stream.total_in) * 8 - (stream.data_type & unusedBits);
    };
    qsizetype header = 0;
    while (true) {
        stream.next_out = ignored.data();
        stream.avail_out = uInt(ignored.size());
        [[maybe_unused]] const int reply = inflate(&stream, Z_BLOCK);
        Q_ASSERT(reply == Z_OK);
        if (!(stream.data_type & isBetweenBlocks))
            continue;
        if (stream.data_type & isLastBlock)
            break;
        header = position();
    }
    const qsizetype end = position();
    inflateEnd(&stream);

    packed[header / 8] = char(packed[header / 8] & ~(1 << (header % 8)));
    // Three zero bits are the header of a stored block; its length begins at the next whole byte.
    packed.resize((end + 3 + 7) / 8, '\0');
    packed.append(QByteArrayView("\x00\x00\xff\xff", 4));
}

} // namespace

struct Deflater::Private
{
    struct Free
    {
        void operator()(libdeflate_compressor *compressor) const
        {
            libdeflate_free_compressor(compressor);
        }
    };
    std::unique_ptr<libdeflate_compressor, Free> compressor;
};

Deflater::Deflater(int level)
    : d(std::make_unique<Private>())
{
    d->compressor.reset(libdeflate_alloc_compressor(level));
    Q_CHECK_PTR(d->compressor);
}

Deflater::~Deflater() = default;

QByteArray Deflater::deflate(QByteArrayView plain, qsizetype most)
{
    QByteArray packed(most, Qt::Uninitialized);
    packed.truncate(qsizetype(libdeflate_deflate_compress(d->compressor.get(), plain.data(),
                                                          size_t(plain.size()), packed.data(),
                                                          size_t(packed.size()))));
    return packed;
}

QByteArray Deflater::deflateOpen(QByteArrayView plain)
{
    QByteArray packed = deflateLast(plain);
    openEnd(packed);
    return packed;
}

QByteArray Deflater::deflateLast(QByteArrayView plain)
{
    return deflate(plain, qsizetype(libdeflate_deflate_compress_bound(d->compressor.get(),
                                                                      size_t(plain.size()))));
}

} // namespace Entracte
