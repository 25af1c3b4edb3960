// SPDX-License-Identifier: MIT
#pragma once

#include "faults/table.h"

/// The volume of \a place is filled before the update, up to ever less room, and in its middle.
void exhaust(const Place &place, const std::string &volume);

/// Ever more may still be written into \a folder, which holds the place in a btrfs. While nothing
/// may, btrfs renames nothing either: then the product is whole all the same, and what lies beside
/// it goes when there is room again.
void restrain(const Place &place, const std::string &folder);

/// The power goes before or after a call: the image as it is then, unsynced bytes missing, is what
/// the next start finds.
void cutPower(const std::string &type, const std::string &mountOptions,
              const std::string &copyOptions, int megabytes, bool isPerFile,
              const Operation &operation);
