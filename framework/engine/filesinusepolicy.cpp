// SPDX-License-Identifier: MIT
#include "engine/filesinusepolicy.h"

#include <algorithm>

namespace Entracte {

std::optional<FilesInUseAnswer> FilesInUsePolicy::answer(const QList<AffectedApplication> &inTheWay,
                                                         bool canDefer)
{
    const auto decided = [](FilesInUseDecision decision) {
        return FilesInUseAnswer{decision, {}, true};
    };
    switch (m_policy) {
    case InUsePolicy::Ask:
        return std::nullopt;
    case InUsePolicy::Skip:
        return decided(FilesInUseDecision::ContinueWithoutClosing);
    case InUsePolicy::Defer:
        return decided(canDefer ? FilesInUseDecision::Defer : FilesInUseDecision::Cancel);
    case InUsePolicy::Fail:
        return decided(FilesInUseDecision::Cancel);
    case InUsePolicy::Close:
    case InUsePolicy::Force:
        return decided(close(inTheWay));
    }
    Q_UNREACHABLE();
}

FilesInUseDecision FilesInUsePolicy::close(const QList<AffectedApplication> &inTheWay)
{
    if (!mayAsk(inTheWay) || mayNotClose(inTheWay))
        return FilesInUseDecision::Cancel;
    ++m_rounds;
    return m_policy == InUsePolicy::Force ? FilesInUseDecision::ForceClose
                                          : FilesInUseDecision::CloseApplications;
}

// Once; and once more those who came, or came back, meanwhile, but never who has refused. Something
// that always comes back would be for ever.
bool FilesInUsePolicy::mayAsk(const QList<AffectedApplication> &inTheWay) const
{
    const bool haveRefused =
        std::any_of(inTheWay.cbegin(), inTheWay.cend(), [](const auto &application) {
            return application.status.testFlag(ApplicationStatus::ErrorOnStop);
        });
    return m_rounds == 0 || (m_rounds == 1 && !haveRefused);
}

// Promise 1 of the design: what cannot come back is never closed by a silent policy but force.
bool FilesInUsePolicy::mayNotClose(const QList<AffectedApplication> &inTheWay) const
{
    return std::any_of(inTheWay.cbegin(), inTheWay.cend(), [this](const auto &application) {
        return application.isCritical()
            || (m_policy != InUsePolicy::Force
                && application.restartability == Restartability::Cannot);
    });
}

} // namespace Entracte
