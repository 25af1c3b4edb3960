// SPDX-License-Identifier: MIT
#include "platform/linux/identification/processtable.h"

#include "platform/linux/process.h"

#include <QByteArray>

#include <fcntl.h>
#include <sys/stat.h>

namespace Entracte {

static void readProgram(ProcessFacts &facts)
{
    struct statx status;
    const QByteArray link = "/proc/" + QByteArray::number(facts.process.pid) + "/exe";
    facts.executable = executableOf(pid_t(facts.process.pid));
    facts.program = identityAt(AT_FDCWD, link.constData());
    facts.isSystemProgram =
        statx(AT_FDCWD, link.constData(), AT_STATX_DONT_SYNC, STATX_UID, &status) == 0
        && status.stx_uid == 0;
}

// A terminal emulator gives each tab a session of its own. Its leader is then in the emulator's
// unit; the leader of a terminal that the emulator itself was started from is not.
static bool sitsInTerminal(const ProcessFacts &facts)
{
    if (facts.unit.kind == Unit::Kind::Terminal)
        return true;
    return facts.hasTerminal && unitIn(controlGroupOf(facts.session)).name == facts.unit.name;
}

const ProcessFacts &ProcessTable::of(pid_t pid)
{
    const auto [place, isNew] = m_known.try_emplace(pid);
    ProcessFacts &facts = place->second;
    if (!isNew)
        return facts;
    const Lineage lineage = lineageOf(pid);
    facts.process = {pid, lineage.startTime};
    if (!facts.exists())
        return facts;
    facts.parent = lineage.parent;
    facts.group = lineage.group;
    facts.session = lineage.session;
    facts.hasTerminal = lineage.hasTerminal;
    if (const std::optional<uid_t> owner = ownerOf(pid))
        facts.owner = *owner;
    facts.unit = unitIn(controlGroupOf(pid));
    facts.runsInTerminal = sitsInTerminal(facts);
    readProgram(facts);
    return facts;
}

const ProcessFacts *ProcessTable::parentOf(const ProcessFacts &child)
{
    if (child.parent <= 1)
        return nullptr;
    const ProcessFacts &parent = of(child.parent);
    const bool isOlder = parent.exists() && parent.process.startTime <= child.process.startTime;
    return isOlder ? &parent : nullptr;
}

} // namespace Entracte
