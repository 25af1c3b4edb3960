// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <optional>

namespace Entracte {

struct DesktopEntry
{
    QString name; ///< in the current language
    QString icon;
};

/// The desktop entry whose Exec= starts \a executable (absolute path), searched in the standard
/// application folders. Reads a few hundred small files: ask only for programs that matter.
std::optional<DesktopEntry> desktopEntryFor(const QString &executable);

} // namespace Entracte
