// SPDX-License-Identifier: MIT
#include "faults/sweep.h"

#include <cerrno>
#include <chrono>
#include <cstdio>

using Call = FaultShim::Call;
using Fault = FaultShim::Fault;
using SampleVersions::Verdict;
using Victim::Outcome;

namespace {

struct Column
{
    std::string name;
    std::function<void(Call, int)> arrange;
    bool kills = false;
};

const std::vector<Column> &columns()
{
    static const std::vector<Column> all{
        {"EIO", [](Call call, int n) { FaultShim::fail(call, n, EIO); }},
        {"ENOSPC",
         [](Call call, int n) { FaultShim::fail(call, n, ENOSPC, FaultShim::Lasting::FromThenOn); },
         false},
        {"kill before", [](Call call, int n) { FaultShim::arrange(call, n, Fault::KillBefore); },
         true},
        {"kill after", [](Call call, int n) { FaultShim::arrange(call, n, Fault::KillAfter); },
         true},
        {"read-only after", // as an ext4 that met an error
         [](Call call, int n) {
             FaultShim::after(call, n, [] {
                 for (int kind = 0; kind < FaultShim::callCount; ++kind)
                     FaultShim::fail(Call(kind), 1, EROFS, FaultShim::Lasting::FromThenOn);
             });
         },
         false},
    };
    static const std::vector<Column> few(all.begin(), all.end() - 1);
    return bench.all ? all : few;
}

} // namespace

void sweep(const Place &place, const Operation &operation)
{
    if (!isChosen(place.name + '/' + operation.name))
        return;
    const auto started = std::chrono::steady_clock::now();
    const int casesBefore = bench.caseCount;
    const auto counts = calibrate(place, operation);
    const bool isOnlyCase = bench.only.find(place.name + '/' + operation.name + '/') == 0;
    std::vector<Row> rows;
    std::vector<std::string> names;
    for (const Column &column : columns())
        names.push_back(column.name);
    for (int which = 0; counts && which < FaultShim::callCount; ++which) {
        const Call call = Call(which);
        const int count = (*counts)[size_t(which)];
        if (count == 0)
            continue;
        Row row{FaultShim::nameOf(call), std::to_string(count), {}};
        for (const Column &column : columns()) {
            Cell cell;
            const std::string cellName =
                place.name + operation.name + FaultShim::nameOf(call) + column.name;
            for (const int number : numbers(count, isOnlyCase ? 1 : place.step(), cellName)) {
                const std::string name = nameOf(place, operation, call, number, column.name);
                if (!isChosen(name))
                    continue;
                reset(place, operation);
                const Ended end = run(
                    place, [&] { column.arrange(call, number); }, operation.deed(place));
                // Several threads: the last numbers are not always reached.
                if (column.kills ? !end.isKilled : end.hits == 0) {
                    if (end.accident.empty())
                        continue;
                }
                const Verdict verdict = recoverAndJudge(place, operation, end);
                cell.add(verdict.kind);
                if (verdict.kind == Verdict::Kind::Neither)
                    note(name, end, verdict.reason);
            }
            row.cells.push_back(cell);
        }
        rows.push_back(row);
    }
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - started);
    std::array<char, 64> figures;
    std::snprintf(figures.data(), figures.size(), " (%d cases, %.1f s)",
                  bench.caseCount - casesBefore, took.count());
    print(place.name + ", " + operation.name + figures.data(), names, rows);
}

void sweepRecovery(const Place &place)
{
    const Operation &operation = updating();
    if (!isChosen(place.name + "/recover"))
        return;
    const auto counts = calibrate(place, operation);
    if (!counts)
        return;
    const std::string target = operation.target(place);
    std::map<int, std::array<Cell, 2>> cells;
    for (int which = 0; which < FaultShim::callCount; ++which) {
        const Call outer = Call(which);
        const int count = (*counts)[size_t(which)];
        const int step =
            outer == Call::Renameat2 ? (bench.all ? 1 : 5) : (bench.all ? 4 : std::max(1, count));
        for (const int start : numbers(count, step, place.name + FaultShim::nameOf(outer))) {
            const auto die = [&] {
                reset(place, operation);
                return run(
                    place, [&] { FaultShim::arrange(outer, start, Fault::KillAfter); },
                    operation.deed(place));
            };
            if (!die().isKilled)
                continue;
            (void)run(place, {}, recovering(target));
            const auto recoveryCounts = bench.report->counts;
            for (int inner = 0; inner < FaultShim::callCount; ++inner) {
                for (const Fault fault : {Fault::KillBefore, Fault::KillAfter}) {
                    const std::string name = place.name + "/recover after "
                                           + FaultShim::nameOf(outer) + ':' + std::to_string(start)
                                           + '/' + FaultShim::nameOf(Call(inner)) + ':';
                    for (const int number :
                         numbers(recoveryCounts[size_t(inner)], bench.all ? 2 : 25, name)) {
                        const Ended end = die();
                        const Ended again = run(
                            place, [&] { FaultShim::arrange(Call(inner), number, fault); },
                            recovering(target));
                        if (!end.isKilled || !again.isKilled)
                            continue;
                        const Verdict verdict = recoverAndJudge(place, operation, end);
                        cells[inner][fault == Fault::KillBefore ? 0 : 1].add(verdict.kind);
                        if (verdict.kind == Verdict::Kind::Neither)
                            note(
                                name + std::to_string(number)
                                    + (fault == Fault::KillBefore ? ":kill before" : ":kill after"),
                                end, verdict.reason);
                    }
                }
            }
        }
    }
    std::vector<Row> rows;
    for (const auto &[inner, both] : cells)
        rows.push_back({FaultShim::nameOf(Call(inner)), "", {both[0], both[1]}});
    print(place.name + ", recovery killed too", {"kill before", "kill after"}, rows);
}

void playPlain(const std::string &name, const std::string &folder, int every)
{
    Place place{.name = name, .home = folder + "/home", .every = every};
    sweep(place, updating());
    place.every = std::max(20, every * 6);
    sweep(place, installingFirst());
    sweep(place, removing());
}
