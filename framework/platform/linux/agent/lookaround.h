// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/agent/useragents.h"

#include <QObject>
#include <QSet>

#include <functional>

namespace Entracte {

/// Asks the agents of all users whose programs are to be identified who is on their displays and
/// buses. Nobody is waited for longer than limit: the rows of that user then say less.
class LookAround : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::seconds limit{5};

    /// \a programs: UserAgents::distinctPrograms(). finished() follows from the event loop.
    LookAround(UserAgents &agents, const QList<LaunchRecord> &programs, Clock &clock);

    /// Does not wait any longer: finished() follows.
    void giveUp();

    const DesktopFacts &facts() const { return m_facts; }

signals:
    void finished();

private:
    void finish();

    DesktopFacts m_facts;
    QSet<UserAgent *> m_unanswered;
    bool m_isFinished = false;
};

} // namespace Entracte
