// SPDX-License-Identifier: MIT
#include "faults/sweep.h"

#include <cstdio>
#include <utility>

using SampleVersions::Verdict;
using Victim::Outcome;

void expectRefusal(const Place &place, const std::string &mentioned)
{
    const Operation &operation = updating();
    if (!isChosen(place.name + "/refused"))
        return;
    reset(place, operation);
    const FileTree before = readTree(place.home);
    const Ended end = run(place, {}, operation.deed(place));
    const Ended first = run(place, {}, recovering(operation.target(place)));
    const std::string changed = differences(before, readTree(place.home));
    std::string reason = end.accident + first.accident;
    if (end.outcome != Outcome::NotStaged && end.outcome != Outcome::NotCommitted)
        reason += " it was not refused, but ended as " + std::to_string(int(end.outcome));
    if (end.message.find(mentioned) == std::string::npos)
        reason += " the sentence does not mention " + mentioned;
    if (first.outcome != Outcome::Done)
        reason += " recovery said: " + first.message;
    if (!changed.empty())
        reason += " changed: " + changed;
    Cell cell;
    cell.add(reason.empty() ? Verdict::Kind::Old : Verdict::Kind::Neither);
    std::swap(cell.untouched, cell.old);
    if (!reason.empty())
        note(place.name + "/refused", end, reason);
    print(place.name, {"outcome"}, {{"refused", "", {cell}}});
    std::printf("  it says: %s\n", end.message.c_str());
}

void expectNewOrRefusal(const Place &place, const Operation &operation,
                        const std::string &mentioned)
{
    const std::string name = place.name + ", " + mentioned;
    if (!isChosen(name))
        return;
    reset(place, operation);
    const Ended end = run(place, {}, operation.deed(place));
    Verdict verdict = recoverAndJudge(place, operation, end);
    if (verdict.kind == Verdict::Kind::Old && end.message.find(mentioned) == std::string::npos)
        verdict = {Verdict::Kind::Neither, "the sentence does not mention " + mentioned};
    Cell cell;
    cell.add(verdict.kind);
    if (verdict.kind == Verdict::Kind::Neither)
        note(name, end, verdict.reason);
    print(name, {"outcome"}, {{operation.name, "", {cell}}});
    std::printf("  it says: %s\n", end.message.c_str());
}
