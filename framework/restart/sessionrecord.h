// SPDX-License-Identifier: MIT
#pragma once

#include "restart/resources.h"

#include <QByteArray>
#include <QMap>

#include <optional>

namespace Entracte {

/// An application as it was when it was about to be closed, and how to start it again.
struct ClosedApplication
{
    AffectedApplication application;
    /// Arguments, environment, directory …, as the back end took them down. Opaque to everybody
    /// else. Holds secrets: never logged, never written but into the session's own 0600 record.
    QByteArray launch;
    /// The request to close was on its way, or about to be. Who ends without having been asked does
    /// so by itself and is not started again (spec 93).
    bool wasAsked = false;
};

/// What a session keeps outside its process, so that the crash of an installer neither loses what
/// secondaries registered nor leaves closed applications closed (spec 4.4, 4.5). Valid only for the
/// boot in which it was written.
struct SessionRecord
{
    QByteArray bootId;
    RestartRules rules = RestartRules::Native;
    QMap<int, Resources> contributions; ///< by participant; the primary is 0, those who left -1
    QList<ClosedApplication> closed;    ///< written before the first of them is asked to close;
                                        ///< those who are back have left it

    /// What all participants together registered.
    Resources resources() const;

    /// Whether \a process belongs to an application that is closed, or about to be.
    bool hasOnRecord(const UniqueProcess &process) const;

    QByteArray toCbor() const;
    /// nullopt if \a bytes are not a whole record of this version, in every value.
    static std::optional<SessionRecord> fromCbor(const QByteArray &bytes);
};

} // namespace Entracte
