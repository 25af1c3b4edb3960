// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <memory>

namespace Entracte {

/// SHA-256 by OpenSSL, which uses the processor's instructions for it: about ten times as fast as
/// QCryptographicHash of Qt 6.4. One object serves any number of digests, one after the other.
class Sha256
{
public:
    Sha256();
    ~Sha256();

    /// Begins a new digest; false if this system's OpenSSL offers no SHA-256.
    bool reset();
    void addData(QByteArrayView data);

    /// The 32 bytes; ends the digest.
    QByteArray result();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
