// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QList>

#include <optional>

namespace Entracte {

/// How one program is started after a restart: what lies in a file of its own, for its owner only,
/// because arguments may hold secrets. The environment is that of the session which starts it: the
/// display and the bus that were recorded would be gone.
struct ReopenRecord
{
    static constexpr qint64 longest = 1024 * 1024; ///< bytes; a larger file is not read

    QByteArray program;          ///< absolute path
    QList<QByteArray> arguments; ///< the first is its own name for itself
    QByteArray workingDirectory;
    QByteArray autostartFolder; ///< where its entry lies
    QByteArray boot;            ///< thisBoot() when it was written
    qint64 restartTime = 0;     ///< milliseconds since 1970

    QByteArray toBytes() const;
    /// nullopt unless \a bytes are a whole, sound record of this format.
    static std::optional<ReopenRecord> fromBytes(const QByteArray &bytes);

    /// The restart that it waits for has not happened yet, and may still.
    bool isEarly() const;
    /// That restart was called off: what runs now began too late to be it, or it is long overdue.
    bool isOutdated() const;
};

/// Tells this run of the system from every other one, in a container too.
QByteArray thisBoot();

} // namespace Entracte
