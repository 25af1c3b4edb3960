// SPDX-License-Identifier: MIT
#include "payload/filedigest.h"

#include "core/sha256.h"
#include "payload/cancellation.h"

#include <QFile>

namespace Entracte {

static constexpr qint64 blockSize = 256 * 1024;

Result<QByteArray> FileDigest::of(const QString &fileName, const WorkerJob::Context &context)
{
    QFile file(fileName);
    Sha256 hash;
    QByteArray block(blockSize, Qt::Uninitialized);
    const bool isOpen = file.open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    qint64 got = 0;
    while (isOpen && (got = file.read(block.data(), block.size())) > 0) {
        hash.add(QByteArrayView(block).first(got));
        if (context.isCancelled())
            return Cancellation::error();
    }
    if (isOpen && got == 0)
        return hash.result();
    return Error{ErrorCode::Failed, tr("Could not read “%1”: %2.", "error message; %2: system")
                                        .arg(fileName, file.errorString())};
}

} // namespace Entracte
