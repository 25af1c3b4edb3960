// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

namespace Entracte {

/// The desktop entry that a session runs at its beginning, with \a command as its Exec= in the
/// quoting of the Desktop Entry Specification, section "The Exec key". The session passes it over
/// when \a command's program has gone.
QByteArray autostartEntry(const QString &name, const QList<QByteArray> &command);

/// The folder of such entries: $XDG_CONFIG_HOME/autostart, or where that is by default.
QByteArray autostartFolder();

} // namespace Entracte
