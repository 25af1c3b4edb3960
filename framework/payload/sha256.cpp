// SPDX-License-Identifier: MIT
#include "payload/sha256.h"

#include <openssl/evp.h>

namespace Entracte {

struct Sha256::Private
{
    struct Free
    {
        void operator()(EVP_MD *algorithm) const { EVP_MD_free(algorithm); }
        void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD, Free> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Sha256::Sha256()
    : d(std::make_unique<Private>())
{
}

Sha256::~Sha256() = default;

bool Sha256::reset()
{
    return d->algorithm && d->context
        && EVP_DigestInit_ex2(d->context.get(), d->algorithm.get(), nullptr) == 1;
}

void Sha256::addData(QByteArrayView data)
{
    EVP_DigestUpdate(d->context.get(), data.data(), size_t(data.size()));
}

QByteArray Sha256::result()
{
    QByteArray digest(EVP_MD_get_size(d->algorithm.get()), Qt::Uninitialized);
    EVP_DigestFinal_ex(d->context.get(), reinterpret_cast<uchar *>(digest.data()), nullptr);
    return digest;
}

} // namespace Entracte
