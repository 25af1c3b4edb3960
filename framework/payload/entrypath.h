// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"

#include <QCoreApplication>

namespace Entracte {

/// Judges names that come out of an archive. A refused name refuses the archive: nothing is skipped
/// silently, nothing is "repaired".
///
/// What is refused, and why:
///
/// * what does not stay below the target, or would not on another system: empty, absolute, drive
///   letter, backslash, "..", ".", an empty part;
/// * what cannot be stored: not valid text (byte order marks included, which do not survive Qt's
///   conversions), a part over 255 bytes, a path over 3000;
/// * control characters (Cc: NUL, line feed, escape, C1 …) and line and paragraph separators, which
///   forge terminals, logs and the lines of the payload's own index;
/// * the characters that override or isolate text direction (U+202A–202E, U+2066–2069): people
///   decide by the names they are shown, and these make "gpj.exe" read "exe.jpg". Names in Hebrew
///   or Arabic do without them. The marks that these scripts do use (U+200E, U+200F, U+061C, the
///   joiners U+200C and U+200D) pass;
/// * our own directory ".entracte" and every spelling that some file system takes for it: other
/// case,
///   invisible characters in it, dots, spaces or a stream behind it, its short name "ENTRAC~1".
///
/// What only Windows refuses (a trailing dot or space, "aux", "a:b") is an ordinary name here and
/// passes; a target there needs a policy of its own beside this one.
class EntryPath
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::EntryPath)

public:
    /// The safe relative path for \a entryName (a trailing slash is dropped), or the rule that it
    /// breaks. Fast: it is asked for every entry before anything else happens.
    static Result<QString> fromEntryName(const QString &entryName);

    /// Checks that the symbolic link \a path (relative, safe) may point to \a linkTarget: relative,
    /// text as in a name, and staying below the target when resolved by its text.
    static Result<> checkLinkTarget(const QString &path, const QString &linkTarget);
};

} // namespace Entracte
