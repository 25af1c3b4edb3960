// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>

#include <memory>
#include <optional>

namespace Entracte {

/// A SHA-256 that is computed as the bytes pass, by libgcrypt, which uses what the processor has
/// for it and is ready at once. Reusable: result() begins anew.
class Sha256
{
public:
    static constexpr int size = 32;

    /// The 32 raw bytes that \a digits write, 64 of 0–9 and a–f; nullopt for anything else.
    static std::optional<QByteArray> fromHex(QByteArrayView digits);

    Sha256();
    ~Sha256();

    void add(QByteArrayView bytes);

    /// The 32 raw bytes for what was added since the last result().
    QByteArray result();

    /// Forgets what was added.
    void reset();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
