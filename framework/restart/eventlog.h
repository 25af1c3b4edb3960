// SPDX-License-Identifier: MIT
#pragma once

#include "restart/restartevent.h"

#include <QString>

#include <memory>

namespace Entracte {

/// Port: where the system keeps what an administrator reads later. Connect to it whatever says what
/// happens (RestartSession::happened):
///
///     connect(&session, &RestartSession::happened, context, [&log](const auto &event) {
///         log.write(event);
///     });
///
/// Never waits and never fails: a log that does not take an event must not hold up an installation.
class EventLog
{
public:
    virtual ~EventLog() = default;

    virtual void write(const RestartEvent &event) = 0;
};

/// The running system's: journald, by its native protocol; where there is none, nothing is written.
/// Every event names \a installer as the one who asked (default: this process), for a process that
/// acts for another. \a socket: another journal's socket.
std::unique_ptr<EventLog> createEventLog(const UniqueProcess &installer = {},
                                         const QString &socket = {});

} // namespace Entracte
