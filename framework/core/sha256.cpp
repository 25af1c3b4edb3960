// SPDX-License-Identifier: MIT
#include "core/sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace Entracte {

struct Sha256::Private
{
    struct Free
    {
        void operator()(EVP_MD *digest) const { EVP_MD_free(digest); }
        void operator()(EVP_MD_CTX *digest) const { EVP_MD_CTX_free(digest); }
    };
    // Without the machine's configuration: no digest of ours depends on it, and reading it in a
    // thread that ends leaks.
    const bool isReady = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1;
    std::unique_ptr<EVP_MD, Free> digest{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Sha256::Sha256()
    : d(std::make_unique<Private>())
{
    if (!d->isReady || !d->digest || !d->context)
        qFatal("OpenSSL offers no SHA-256");
    reset();
}

Sha256::~Sha256() = default;

void Sha256::add(QByteArrayView bytes)
{
    EVP_DigestUpdate(d->context.get(), bytes.data(), size_t(bytes.size()));
}

QByteArray Sha256::result()
{
    QByteArray sum(size, Qt::Uninitialized);
    EVP_DigestFinal_ex(d->context.get(), reinterpret_cast<uchar *>(sum.data()), nullptr);
    reset();
    return sum;
}

void Sha256::reset()
{
    EVP_DigestInit_ex2(d->context.get(), d->digest.get(), nullptr);
}

} // namespace Entracte
