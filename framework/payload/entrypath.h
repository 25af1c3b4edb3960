// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QCoreApplication>

namespace Entracte {

/// Judges names that come out of an archive. A refused name refuses the archive: nothing is skipped
/// silently, nothing is "repaired".
class EntryPath
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::EntryPath)

public:
    /// The safe relative path for \a entryName (a trailing slash is dropped), or the rule that it
    /// breaks: empty, absolute, drive letter, backslash, "..", ".", empty component, control
    /// character, a component over 255 bytes, our own directory ".entracte".
    static Result<QString> fromEntryName(const QString &entryName);

    /// Checks that the symbolic link \a path (relative, safe) may point to \a linkTarget: relative,
    /// and staying below the target when resolved by its text.
    static Result<> checkLinkTarget(const QString &path, const QString &linkTarget);
};

} // namespace Entracte
