// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <memory>

namespace Entracte {

/// Makes raw deflate data. One worker's: reused from block to block, not thread-safe.
class Deflater
{
public:
    explicit Deflater(int level);
    ~Deflater();

    /// \a plain deflated; empty if that takes more than \a most bytes.
    QByteArray deflate(QByteArrayView plain, qsizetype most);

    /// \a plain deflated so that other deflate data may follow: blocks packed by different workers
    /// join to one stream this way.
    QByteArray deflateOpen(QByteArrayView plain);

    /// \a plain deflated, whatever its size becomes.
    QByteArray deflateLast(QByteArrayView plain);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
