// SPDX-License-Identifier: MIT
#include "faults/volume.h"

#include "faults/laboratory.h"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

using Call = FaultShim::Call;
using Fault = FaultShim::Fault;
using SampleVersions::Verdict;
using Victim::Outcome;

void cutPower(const std::string &type, const std::string &mountOptions,
              const std::string &copyOptions, int megabytes, bool isPerFile,
              const Operation &operation)
{
    const std::string name =
        type + ", power cut" + (isPerFile ? ", file by file, " : ", ") + operation.name;
    if (!isChosen(name))
        return;
    const std::string fresh = bench.folder + "/fresh.img";
    const std::string image = bench.folder + "/power.img";
    const std::string cut = bench.folder + "/cut.img";
    Place place{.name = name, .home = bench.folder + "/power/home"};
    if (isPerFile) {
        place.finish = [](const std::string &target) {
            require(setImmutable(target + "/bin/plugin", true), "the immutable flag");
        };
    }
    std::string problem = Laboratory::makeImage(fresh, type, megabytes);
    if (problem.empty())
        problem = Laboratory::mountImage(fresh, bench.folder + "/power", mountOptions);
    if (!problem.empty()) {
        skip(name, problem);
        ::unlink(fresh.c_str());
        return;
    }
    reset(place, operation);
    Laboratory::unmountAll(bench.folder + "/power");

    Laboratory::copyImage(fresh, image);
    problem = Laboratory::mountImage(image, bench.folder + "/power", mountOptions);
    require(problem.empty(), problem);
    const Ended whole = run(place, {}, operation.deed(place));
    const auto counts = bench.report->counts;
    Laboratory::unmountAll(bench.folder + "/power");
    if (!whole.accident.empty() || whole.outcome != Outcome::Done) {
        note(name + "/no fault", whole, "it was not installed");
        return;
    }

    std::vector<Row> rows;
    for (int which = 0; which < FaultShim::callCount; ++which) {
        const Call call = Call(which);
        const int count = counts[size_t(which)];
        if (count == 0)
            continue;
        // Where the order on the disk is decided, more often.
        const bool isDecisive = call == Call::Renameat2 || call == Call::Fsync
                             || call == Call::Fdatasync || call == Call::Syncfs;
        const int step = bench.all ? (isDecisive ? 1 : 4) : isDecisive ? 3 : count;
        Row row{FaultShim::nameOf(call), std::to_string(count), {}};
        for (const Fault fault : {Fault::StopBefore, Fault::StopAfter}) {
            Cell cell;
            for (const int number : numbers(count, step, name + FaultShim::nameOf(call))) {
                Laboratory::copyImage(fresh, image);
                problem = Laboratory::mountImage(image, bench.folder + "/power", mountOptions);
                require(problem.empty(), problem);
                const pid_t child = start(
                    place, [&] { FaultShim::arrange(call, number, fault); }, operation.deed(place));
                int status = 0;
                require(::waitpid(child, &status, WUNTRACED) == child, "waitpid");
                const bool isStopped = WIFSTOPPED(status);
                if (isStopped) {
                    Laboratory::copyImage(image, cut);
                    ::kill(child, SIGKILL);
                    require(::waitpid(child, &status, 0) == child, "waitpid");
                }
                Laboratory::unmountAll(bench.folder + "/power");
                if (!isStopped)
                    continue;
                const std::string what = nameOf(place, operation, call, number,
                                                fault == Fault::StopBefore ? "before" : "after");
                problem = Laboratory::mountImage(cut, bench.folder + "/power", copyOptions);
                Ended end;
                end.isKilled = true;
                const Verdict verdict = problem.empty() ? recoverAndJudge(place, operation, end)
                                                        : Verdict{Verdict::Kind::Neither, problem};
                cell.add(verdict.kind);
                if (verdict.kind == Verdict::Kind::Neither)
                    note(what, end, verdict.reason);
                Laboratory::unmountAll(bench.folder + "/power");
            }
            row.cells.push_back(cell);
        }
        rows.push_back(row);
    }
    for (const std::string &file : {fresh, image, cut})
        ::unlink(file.c_str());
    print(name, {"cut before", "cut after"}, rows);
}
