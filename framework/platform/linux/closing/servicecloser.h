// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/closing/closer.h"
#include "platform/linux/closing/closingmembers.h"
#include "platform/linux/closing/forcedend.h"
#include "platform/linux/systemd/servicerecord.h"

#include <QCoreApplication>

namespace Entracte {

/// Stops one service through its manager (spec 3.7): keeps it from being started, then stops its
/// dependents, the farthest first, then the service itself, each together with what triggers it and
/// when the one before is down.
///
/// The manager ends a service that does not follow within the limit that its unit sets; the state
/// names that limit. With consent that happens after forceLimit at the latest. When it does not
/// come to an end, or nobody waits for it any more, everything that went down is started again, and
/// a unit that is still stopping as soon as it is down.
///
/// Another user's manager, and who speaks with it, is that user's: that a service of theirs is down
/// its process says, and with consent its processes are ended though the manager does nothing.
class ServiceCloser : public Closer
{
    Q_OBJECT

public:
    /// \a forceLimit: how long each service is given, if it may be ended (spec 71).
    ServiceCloser(const AffectedApplication &application, const ServiceRecord &record,
                  bool mayBeForced, UnitManager &manager, Clock &clock,
                  std::chrono::milliseconds forceLimit, const UniqueProcess &installer);
    ~ServiceCloser() override;

    void start() override;
    void lookNow() override;
    std::chrono::milliseconds patience() const override;

private:
    void hold();
    void stopNext();
    void stop(const QStringList &units);
    void answered(const Result<> &stopped);
    void verify();
    void limitReached();
    void managerLost(const QString &why);
    void allDown();
    void notDown(const QString &reason);
    /// Whether the manager has nothing more to do.
    bool isOver() const { return isSettled() || m_isEnding; }
    void refuse(ClosingState state, const QString &reason);
    void putBack();
    QString sentenceFor(const ServiceRecord::Service &service) const;

    /// How long \a service may take before we act ourselves.
    std::chrono::milliseconds limitOf(const ServiceRecord::Service &service) const;
    void limitStep(std::chrono::milliseconds limit);

    ServiceRecord m_record;
    bool m_mayBeForced;
    UnitManager &m_manager;
    Clock &m_clock;
    std::chrono::milliseconds m_forceLimit;
    QList<ServiceRecord::Service> m_remaining; ///< the last is stopped next
    int m_unanswered = 0;                      ///< requests to stop of this step
    int m_step = 0;                            ///< a limit is that of one step
    bool m_killed = false;
    bool m_hasBegun = false;
    ClosingMembers m_members; ///< of another user's service
    ForcedEnd m_end;
    bool m_isEnding = false; ///< by m_end
};

} // namespace Entracte
