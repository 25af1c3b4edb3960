// SPDX-License-Identifier: MIT
#include "core/sha256.h"

#include <gcrypt.h>

namespace Entracte {

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
