// SPDX-License-Identifier: MIT
#pragma once

#include "faults/bench.h"

#include <optional>

/// How often cases of one kind ended as what.
struct Cell
{
    int old = 0;
    int fresh = 0;
    int untouched = 0; ///< where neither is to be
    int bad = 0;

    void add(SampleVersions::Verdict::Kind kind)
    {
        using Kind = SampleVersions::Verdict::Kind;
        ++(kind == Kind::Old ? old : kind == Kind::New ? fresh : bad);
        ++bench.caseCount;
    }
    std::string text() const
    {
        if (old + fresh + untouched + bad == 0)
            return "-";
        std::string text;
        const auto tell = [&text](const char *word, int count, bool always) {
            if (count > 0 || always)
                text +=
                    (text.empty() ? "" : " | ") + std::string(word) + ' ' + std::to_string(count);
        };
        tell("old", old, untouched == 0);
        tell("new", fresh, untouched == 0);
        tell("untouched", untouched, false);
        tell("FAILED", bad, false);
        return text;
    }
};

struct Row
{
    std::string name;
    std::string numbers;
    std::vector<Cell> cells;
};

void print(const std::string &title, const std::vector<std::string> &columns,
           const std::vector<Row> &rows);

/// Whether a case of this name, or one below it, is to be played.
bool isChosen(const std::string &name);

void skip(const std::string &name, const std::string &reason);
/// Notes a case that failed.
void note(const std::string &name, const Ended &end, const std::string &reason);

/// Recovers twice and judges; \a compare compares, where the usual way will not do.
SampleVersions::Verdict
recoverAndJudge(const Place &place, const Operation &operation, const Ended &end,
                const std::function<SampleVersions::Verdict()> &compare = {});

/// The counts of an operation without any fault; nullopt if that already fails.
std::optional<std::array<int, FaultShim::callCount>> calibrate(const Place &place,
                                                               const Operation &operation);

std::string nameOf(const Place &place, const Operation &operation, FaultShim::Call call, int number,
                   const std::string &fault);

/// Which numbers of \a count are tried: every \a step th, but at least one. Where they begin
/// differs from one \a name to another, so that together many more are tried than in one place.
std::vector<int> numbers(int count, int step, const std::string &name);
