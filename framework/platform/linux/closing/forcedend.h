// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "platform/linux/closing/closingmembers.h"
#include "restart/affectedapplication.h"

#include <QObject>

namespace Entracte {

/// Ends an application that was asked and did not follow, with consent: SIGTERM, then SIGKILL,
/// always by the process that the installation runs in, whoever asked before it. What ends without
/// a chance to save is put on record (forcedclose.h).
class ForcedEnd : public QObject
{
    Q_OBJECT

public:
    /// \a members, of the application, and \a clock outlive this. \a installer: on whose behalf.
    ForcedEnd(ClosingMembers &members, Clock &clock, const UniqueProcess &installer);

    /// Begins; once. \a reason: why politeness was not enough. \a wasTerminated: it got SIGTERM as
    /// a request, so it gets SIGKILL at once.
    void begin(const AffectedApplication &application, const QString &reason, bool wasTerminated);

signals:
    /// Not even SIGKILL ended it; \a why as a sentence.
    void failed(const QString &why);

private:
    void send(int signal);
    void limitReached();

    ClosingMembers &m_members;
    Clock &m_clock;
    UniqueProcess m_installer;
    AffectedApplication m_application;
    QString m_reason;
    bool m_wasKilled = false;
};

} // namespace Entracte
