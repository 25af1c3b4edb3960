// SPDX-License-Identifier: MIT
#pragma once

#include "platform/unix/descriptor.h"

namespace Entracte {

/// A copy of this process's executable that is in no file: for a second process of it, because the
/// file itself may be about to be replaced. Nobody can change it, whoever runs it. Invalid, with
/// errno, where it could not be made.
Descriptor copyOfOurselves(const char *name);

/// Writes the bytes of this process's executable to \a into, an empty file; false with errno.
bool copyExecutable(const Descriptor &into);

/// The file itself; for systems that do not execute memory, and executables whose libraries are
/// looked for beside them.
Descriptor ourExecutable();

} // namespace Entracte
