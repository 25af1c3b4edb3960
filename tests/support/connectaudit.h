// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>

/// Every place that this process connects a Unix socket to as root: `connect` of libc, defined in
/// the executable that links this, so that the framework, Qt and libdbus all come through here.
namespace ConnectAudit {

/// Since the start, or since forget(); abstract names begin with '@'. Of any thread.
QList<QByteArray> places();
void forget();

} // namespace ConnectAudit
