// SPDX-License-Identifier: MIT
#include "faults/sweep.h"

#include <cstdio>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

using Call = FaultShim::Call;
using Fault = FaultShim::Fault;
using SampleVersions::Verdict;
using Victim::Outcome;

static void putByRename(const std::string &path, const std::string &bytes)
{
    std::ofstream(path + ".draft") << bytes;
    ::rename((path + ".draft").c_str(), path.c_str());
}

void disturb(const Place &place)
{
    const Operation &operation = updating();
    if (!isChosen(place.name + "/people at work"))
        return;
    const auto counts = calibrate(place, operation);
    if (!counts)
        return;
    const std::string target = operation.target(place);
    const auto work = [&] {
        std::ofstream(target + "/user/late") << "made meanwhile\n";
        putByRename(target + "/user/notes", "my notes, saved again\n");
        putByRename(target + '/' + SampleVersions::editedPath, "conf, edited again\n");
        putByRename(target + '/' + SampleVersions::keptPath, "kept, edited again\n");
        ::unlink((target + "/bin/plugin").c_str());
        ::mkdir((target + "/theirs").c_str(), 0755);
        std::ofstream(target + "/theirs/deep") << "made in a new folder\n";
    };
    const std::set<std::string> promised{"made meanwhile\n",          "my notes, saved again\n",
                                         "conf, edited again\n",      "kept, edited again\n",
                                         "theirs, where ours goes\n", "made in a new folder\n"};
    std::vector<Row> rows;
    for (int which = 0; which < FaultShim::callCount; ++which) {
        const Call call = Call(which);
        const int count = (*counts)[size_t(which)];
        if (count == 0)
            continue;
        Row row{FaultShim::nameOf(call), std::to_string(count), {}};
        for (const bool kills : {false, true}) {
            Cell cell;
            for (const int number :
                 numbers(count, bench.all ? 1 : 14, place.name + FaultShim::nameOf(call))) {
                const std::string name =
                    nameOf(place, operation, call, number, kills ? "people, then kill" : "people");
                reset(place, operation);
                const Ended end = run(
                    place,
                    [&] {
                        FaultShim::before(call, number, work);
                        if (kills)
                            FaultShim::arrange(call, number, Fault::KillAfter);
                    },
                    operation.deed(place));
                if (kills ? !end.isKilled : end.hits == 0)
                    continue;
                const Verdict verdict = recoverAndJudge(place, operation, end, [&] {
                    return SampleVersions::judgeOwned(target, promised);
                });
                cell.add(verdict.kind);
                if (verdict.kind == Verdict::Kind::Neither)
                    note(name, end, verdict.reason);
            }
            row.cells.push_back(cell);
        }
        rows.push_back(row);
    }
    print(place.name + ", people at work", {"before the call", "then a kill after"}, rows);
}

void mislead(const Place &place)
{
    const Operation &operation = updating();
    if (!isChosen(place.name + "/misled"))
        return;
    const auto counts = calibrate(place, operation);
    if (!counts)
        return;
    const std::string target = operation.target(place);
    const std::string elsewhere = place.home + "-elsewhere";
    FileTree decoys;
    for (const auto &[path, node] : SampleVersions::installed(1))
        decoys[path] = node.kind == FileNode::Kind::File ? plainFile("decoy\n", 0640) : node;
    std::vector<Row> rows;
    for (const char *const folder : {"share", "lib", "user", "gone", "readonly"}) {
        Row row{folder, "", {}};
        Cell cell;
        for (int which = 0; which < FaultShim::callCount; ++which) {
            for (const int number : numbers((*counts)[size_t(which)], bench.all ? 3 : 40,
                                            place.name + folder + FaultShim::nameOf(Call(which)))) {
                const std::string name = nameOf(place, operation, Call(which), number,
                                                std::string("misled at ") + folder);
                reset(place, operation);
                ::mkdir(elsewhere.c_str(), 0755);
                emptyFolder(elsewhere);
                writeTree(elsewhere, decoys, place.victim);
                const FileTree before = readTree(elsewhere);
                const std::string path = target + '/' + folder;
                const Ended end = run(
                    place,
                    [&] {
                        FaultShim::before(Call(which), number, [&] {
                            ::rename(path.c_str(), (elsewhere + "-taken").c_str());
                            (void)!::symlink((elsewhere + '/' + folder).c_str(), path.c_str());
                        });
                    },
                    operation.deed(place));
                const Ended first = run(place, {}, recovering(target));
                const std::string changed = differences(before, readTree(elsewhere));
                const std::string accident = end.accident + first.accident;
                cell.add(changed.empty() && accident.empty() ? Verdict::Kind::Old
                                                             : Verdict::Kind::Neither);
                if (!changed.empty() || !accident.empty())
                    note(name, end, accident + "; elsewhere " + changed);
                ::mkdir((elsewhere + "-taken").c_str(), 0755);
                emptyFolder(elsewhere + "-taken");
                ::rmdir((elsewhere + "-taken").c_str());
            }
        }
        cell.untouched = cell.old; // old and new mean nothing in a folder that was taken away
        cell.old = 0;
        row.cells.push_back(cell);
        rows.push_back(row);
    }
    emptyFolder(elsewhere);
    ::rmdir(elsewhere.c_str());
    print(place.name + ", misled by links to elsewhere", {"outcome"}, rows);
}
