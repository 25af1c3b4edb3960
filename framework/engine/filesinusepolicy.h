// SPDX-License-Identifier: MIT
#pragma once

#include "engine/uidelegate.h"
#include "manifest/manifest.h"

#include <optional>

namespace Entracte {

/// Answers the files-in-use question where no person is to be asked (design section 3). One object
/// for one installation: it remembers how often it has had everybody asked to close.
class FilesInUsePolicy
{
public:
    explicit FilesInUsePolicy(InUsePolicy policy = InUsePolicy::Ask)
        : m_policy(policy)
    {
    }

    /// Nothing if a person is to be asked. ForceClose means everybody who can be forced.
    std::optional<FilesInUseAnswer> answer(const QList<AffectedApplication> &inTheWay,
                                           bool canDefer);

private:
    FilesInUseDecision close(const QList<AffectedApplication> &inTheWay);
    bool mayAsk(const QList<AffectedApplication> &inTheWay) const;
    bool mayNotClose(const QList<AffectedApplication> &inTheWay) const;

    InUsePolicy m_policy;
    int m_rounds = 0;
};

} // namespace Entracte
