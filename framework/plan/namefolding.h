// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace Entracte {

/// What a file system regards as one name although it is written in two ways. ext4, XFS and btrfs
/// as they usually are do neither; vfat, exFAT and ext4 directories with the casefold feature fold
/// the case; the latter, HFS+ and APFS normalise too. It is a property of a directory, not of a
/// system: whoever holds the directory finds it out.
struct NameFolding
{
    bool foldsCase = false;  ///< "Lib" is "lib"
    bool normalises = false; ///< "é" in one character is "é" in two

    /// What stands for \a name in comparisons: two names with the same one are one file. Slashes
    /// stay where they are, so whole paths may be given.
    ///
    /// The case is folded in full (“ß” is “ss”), and a file system that does both is taken to
    /// overlook invisible characters as well, as ext4 and HFS+ do. Simpler file systems fold less;
    /// then two names that differ there are one here, never the other way round.
    QString folded(const QString &name) const;

    friend bool operator==(const NameFolding &, const NameFolding &) = default;
};

} // namespace Entracte
