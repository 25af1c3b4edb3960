// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "plan/namefolding.h"
#include "plan/payloadentry.h"

#include <QCoreApplication>
#include <QList>

namespace Entracte {

/// Looks for names that are two in the payloads and would be one in the target: there the later
/// file would silently take the place of the earlier one.
class NameCollisions
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::NameCollisions)

public:
    /// Refuses (BadPayload) the first two of \a entries that \a folding makes one, whatever their
    /// kinds, and folders that are only mentioned by what lies in them: "Lib/a" and "lib/b" collide
    /// in "lib". The sentence names both entries, their archives and the rule of the file system.
    ///
    /// \a entries are those of all components to be installed, in any order. The same spelling
    /// twice is not judged here. Nothing is refused, and nothing spent, where names are told apart
    /// byte by byte. Short names that FAT invents ("LIBRAR~1") are not foreseen.
    static Result<> check(const QList<PayloadEntry> &entries, const NameFolding &folding);
};

} // namespace Entracte
