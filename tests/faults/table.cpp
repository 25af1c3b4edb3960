// SPDX-License-Identifier: MIT
#include "faults/table.h"

#include <algorithm>
#include <cstdio>

using SampleVersions::Verdict;
using Victim::Outcome;
using Call = FaultShim::Call;

void print(const std::string &title, const std::vector<std::string> &columns,
           const std::vector<Row> &rows)
{
    std::printf("\n%s\n  %-34s %6s", title.c_str(), "", "n");
    for (const std::string &column : columns)
        std::printf("  %-18s", column.c_str());
    std::printf("\n");
    for (const Row &row : rows) {
        std::printf("  %-34s %6s", row.name.c_str(), row.numbers.c_str());
        for (const Cell &cell : row.cells)
            std::printf("  %-18s", cell.text().c_str());
        std::printf("\n");
    }
    std::fflush(stdout);
}

bool isChosen(const std::string &name)
{
    return bench.only.empty() || name.find(bench.only) != std::string::npos
        || bench.only.starts_with(name + '/');
}

void skip(const std::string &name, const std::string &reason)
{
    bench.skipped.push_back(name + ": " + reason);
    std::printf("\n%s\n  bench.skipped: %s\n", name.c_str(), reason.c_str());
}

void note(const std::string &name, const Ended &end, const std::string &reason)
{
    std::string text = name + ": " + reason;
    if (!end.message.empty())
        text += "  [it said: " + end.message + ']';
    bench.failures.push_back(text);
    if (bench.failures.size() <= 60)
        std::printf("  FAILED %s\n", text.c_str());
    std::fflush(stdout);
}

Verdict recoverAndJudge(const Place &place, const Operation &operation, const Ended &end,
                        const std::function<Verdict()> &compare)
{
    using enum Verdict::Kind;
    if (!end.accident.empty())
        return {Neither, "the installer " + end.accident};
    const std::string target = operation.target(place);
    const Ended recovered = run(place, {}, recoveringTwice(target, place.home));
    if (!recovered.accident.empty() || recovered.isKilled || recovered.outcome != Outcome::Done)
        return {Neither, "recovery " + recovered.accident + ": " + recovered.message};

    Verdict verdict =
        compare ? compare() : SampleVersions::judge(target, operation.old, operation.fresh);
    if (verdict.kind == Neither)
        return verdict;
    const bool isThere = verdict.kind == New || !operation.old.tree.empty();
    if (const std::string left = leftBeside(place, operation, isThere); !left.empty())
        return {Neither, left};
    // What the installer claimed must be true.
    if (!end.isKilled && end.outcome == Outcome::Done && verdict.kind != New)
        return {Neither, "it reported success, but the old version is there"};
    if (!end.isKilled && verdict.kind != Old
        && (end.outcome == Outcome::NotStaged || end.outcome == Outcome::NotCommitted))
        return {Neither, "it reported that nothing was installed, but the new version is there"};
    return verdict;
}

std::optional<std::array<int, FaultShim::callCount>> calibrate(const Place &place,
                                                               const Operation &operation)
{
    reset(place, operation);
    const Ended end = run(place, {}, operation.deed(place));
    const auto counts = bench.report->counts;
    const Verdict verdict = recoverAndJudge(place, operation, end);
    if (verdict.kind == Verdict::Kind::New && end.outcome == Outcome::Done)
        return counts;
    note(place.name + '/' + operation.name + "/no fault", end,
         verdict.reason.empty() ? "it was not installed" : verdict.reason);
    return std::nullopt;
}

std::string nameOf(const Place &place, const Operation &operation, Call call, int number,
                   const std::string &fault)
{
    return place.name + '/' + operation.name + '/' + FaultShim::nameOf(call) + ':'
         + std::to_string(number) + ':' + fault;
}

std::vector<int> numbers(int count, int step, const std::string &name)
{
    std::vector<int> chosen;
    unsigned hash = 2166136261; // FNV-1a
    for (const char letter : name)
        hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619;
    const int start = int(hash % unsigned(std::max(1, std::min(step, count))));
    for (int number = 1 + start; number <= count; number += step)
        chosen.push_back(number);
    return chosen;
}
