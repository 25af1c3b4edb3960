// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/filetable.h"
#include "restart/affectedapplication.h"

#include <QByteArray>

#include <optional>

namespace Entracte {

/// Whether a file may be a script: by its first two bytes, or by its name.
bool mayBeScript(int file, QByteArrayView name);

/// A registered file that an interpreter was started with. It was read long ago and is held no
/// more, so this is what the command line says, and never certain (spec 38). Nothing is executed.
struct RunScript
{
    int entry;
    bool isStale; ///< the file was changed, or replaced, after the program had started
};

/// The script among \a files that the process runs whose open /proc folder is \a process. Its name
/// is resolved against the working directory, inside the root directory of that process, from what
/// the kernel has in memory, so a dead file server cannot hang us.
std::optional<RunScript> registeredScriptOf(int process, pid_t pid, const FileTable &files,
                                            const ScanFeatures &features);

} // namespace Entracte
