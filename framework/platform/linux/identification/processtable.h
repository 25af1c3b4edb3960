// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/detection/fileidentity.h"
#include "platform/linux/identification/unitname.h"
#include "restart/affectedapplication.h"

#include <optional>
#include <unordered_map>

#include <sys/types.h>

namespace Entracte {

/// What identification wants to know of one process. Read once, at one moment.
struct ProcessFacts
{
    UniqueProcess process; ///< start time 0 if there is no such process
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    bool hasTerminal = false;
    qint64 owner = -1;
    QString executable; ///< empty if it cannot be read
    std::optional<FileIdentity> program;
    bool isSystemProgram = false; ///< root owns the file: its name was not chosen by a stranger
    Unit unit;

    bool exists() const { return process.startTime != 0; }
    QString folder() const { return executable.left(executable.lastIndexOf(u'/')); }
    QString programName() const { return executable.mid(executable.lastIndexOf(u'/') + 1); }
    /// Something in a tab of a terminal emulator, or of tmux, rather than the emulator itself.
    bool runsInTerminal = false;
};

/// The processes of one listing, looked up as they are asked for.
class ProcessTable
{
public:
    const ProcessFacts &of(pid_t pid);

    /// The parent of \a child, if it is still the one that started it: a number that was given away
    /// since belongs to somebody younger. Null if there is none.
    const ProcessFacts *parentOf(const ProcessFacts &child);

private:
    std::unordered_map<pid_t, ProcessFacts> m_known;
};

} // namespace Entracte
