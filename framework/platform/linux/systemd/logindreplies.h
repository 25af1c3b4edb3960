// SPDX-License-Identifier: MIT
#pragma once

#include "restart/systemrestart.h"

#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QList>

namespace Entracte {

// What logind answers, taken apart; empty for an error, or for what is not such an answer.

/// Those of ListInhibitors that block a shutdown.
QList<ShutdownBlock> shutdownBlocksIn(const QDBusMessage &reply);

struct LogonSession
{
    qint64 uid = -1;
    QString user; ///< plain text
    QDBusObjectPath path;
};

/// Those of ListSessions.
QList<LogonSession> logonSessionsIn(const QDBusMessage &reply);

} // namespace Entracte
