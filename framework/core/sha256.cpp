// SPDX-License-Identifier: MIT
#include "core/sha256.h"

#include <gcrypt.h>

#include <array>

namespace Entracte {

/// What a character is worth as a hexadecimal digit; 16 if it is none.
static constexpr std::array<uchar, 256> digitValues = [] {
    std::array<uchar, 256> values;
    values.fill(16);
    for (uchar digit = 0; digit < 16; ++digit)
        values[uchar("0123456789abcdef"[digit])] = digit;
    return values;
}();

std::optional<QByteArray> Sha256::fromHex(QByteArrayView digits)
{
    if (digits.size() != 2 * size)
        return std::nullopt;
    QByteArray bytes(size, Qt::Uninitialized);
    char *to = bytes.data();
    uchar all = 0;
    for (qsizetype at = 0; at < digits.size(); at += 2) {
        const uchar high = digitValues[uchar(digits[at])];
        const uchar low = digitValues[uchar(digits[at + 1])];
        all |= high | low;
        *to++ = char(high << 4 | low);
    }
    return all < 16 ? std::optional(std::move(bytes)) : std::nullopt;
}

namespace {

/// Once in a program, unless somebody else in it uses libgcrypt and has done it.
bool prepareLibrary()
{
    return gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) != 0
        || (gcry_check_version(GCRYPT_VERSION)
            && gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0) == 0);
}

} // namespace

struct Sha256::Private
{
    ~Private() { gcry_md_close(digest); }

    gcry_md_hd_t digest = nullptr;
};

Sha256::Sha256()
    : d(std::make_unique<Private>())
{
    static const bool isReady = prepareLibrary();
    if (!isReady || gcry_md_open(&d->digest, GCRY_MD_SHA256, 0) != 0)
        qFatal("libgcrypt offers no SHA-256");
}

Sha256::~Sha256() = default;

void Sha256::add(QByteArrayView bytes)
{
    gcry_md_write(d->digest, bytes.data(), size_t(bytes.size()));
}

QByteArray Sha256::result()
{
    const auto *sum = reinterpret_cast<const char *>(gcry_md_read(d->digest, GCRY_MD_SHA256));
    const QByteArray bytes(sum, size);
    reset();
    return bytes;
}

void Sha256::reset()
{
    gcry_md_reset(d->digest);
}

} // namespace Entracte
