// SPDX-License-Identifier: MIT
#pragma once

#include "core/error.h"
#include "platform/linux/systemd/unitfacts.h"

#include <QCborMap>
#include <QCborValue>
#include <QStringList>

#include <optional>

namespace Entracte {

// What a privileged process has the agent of a user do with that user's services, and the answer.
// Writing leaves out what no unit has; reading trusts nobody: it refuses that, and values of other
// types.

/// One request to the manager of the user's services (UnitManager).
struct UnitRequest
{
    enum class What {
        Look = 1, ///< at the one unit
        Stop,     ///< the one unit
        Start,    ///< the one unit
        Kill,     ///< all processes of the one unit
        Reload,   ///< the unit files; no unit
        Hold,     ///< the units, by a descriptor of the agent
        Release,  ///< the units
        PutBack,  ///< the units
    };

    What what = What::Look;
    QStringList units;

    friend bool operator==(const UnitRequest &, const UnitRequest &) = default;
};

/// What the manager answered; if it did not do it, why is the problem of the reply.
struct UnitAnswer
{
    ErrorCode code = ErrorCode::Failed; ///< of a problem: this one or PermissionDenied
    UnitFacts facts;                    ///< of the unit that was looked at

    friend bool operator==(const UnitAnswer &, const UnitAnswer &) = default;
};

QCborMap toCbor(const UnitRequest &request);
std::optional<UnitRequest> unitRequestFrom(const QCborValue &value);

QCborMap toCbor(const UnitAnswer &answer);
/// Text comes out plain. A limit beyond what anybody waits for comes out as none.
std::optional<UnitAnswer> unitAnswerFrom(const QCborValue &value);

} // namespace Entracte
