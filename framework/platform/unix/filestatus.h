// SPDX-License-Identifier: MIT
#pragma once

#include "transaction/directory.h"

#include <sys/stat.h>

namespace Entracte {

// What the system says of a file, as a FileStatus has it.

FileStamp stampOf(const struct stat &status);
FileKind kindOf(mode_t mode);
FileStatus statusFrom(const struct statx &status);

/// Asks about \a name in the open \a directory, never through a link and never about what would
/// have to be mounted first; false with errno.
bool lookAt(int directory, const char *name, struct statx &status);

} // namespace Entracte
