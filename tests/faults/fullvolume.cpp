// SPDX-License-Identifier: MIT
#include "faults/volume.h"

#include "faults/laboratory.h"

#include <algorithm>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using Call = FaultShim::Call;
using SampleVersions::Verdict;

/// Writes until nothing more fits, but \a spare bytes.
static void fill(const std::string &volume, long spare)
{
    const std::string ballast = volume + "/ballast";
    const int file = ::open(ballast.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    require(file >= 0, ballast);
    static const std::array<char, 64 * 1024> block{};
    for (size_t size = block.size(); size >= 512;) {
        if (::write(file, block.data(), size) <= 0)
            size /= 2;
    }
    struct stat status;
    require(::fstat(file, &status) == 0, ballast);
    if (spare > 0)
        require(::ftruncate(file, std::max(0L, long(status.st_size) - spare)) == 0, ballast);
    ::close(file);
}

void exhaust(const Place &place, const std::string &volume)
{
    const Operation &operation = updating();
    if (!isChosen(place.name + "/full"))
        return;
    const std::string ballast = volume + "/ballast";
    const auto counts = calibrate(place, operation);
    if (!counts)
        return;
    const std::string target = operation.target(place);
    std::vector<Row> rows;
    Row levels{"room left from the beginning", "", {}};
    Cell cell;
    const long step = bench.all ? 4 * 1024 : 64 * 1024;
    for (long spare = 0; spare <= 1400 * 1024; spare += step) {
        reset(place, operation);
        fill(volume, spare);
        const Ended end = run(place, {}, operation.deed(place));
        const Verdict verdict = recoverAndJudge(place, operation, end);
        ::unlink(ballast.c_str());
        cell.add(verdict.kind);
        if (verdict.kind == Verdict::Kind::Neither)
            note(place.name + "/full/" + std::to_string(spare / 1024) + " KiB left", end,
                 verdict.reason);
    }
    levels.cells.push_back(cell);
    rows.push_back(levels);

    // Somebody else fills it; the room comes back only after a first recovery, or never.
    for (const Call call : {Call::Openat, Call::Write, Call::Linkat, Call::Mkdirat, Call::Symlinkat,
                            Call::Renameat2, Call::Unlinkat}) {
        const int count = (*counts)[size_t(call)];
        if (count == 0)
            continue;
        Row row{std::string("full from ") + FaultShim::nameOf(call), std::to_string(count), {}};
        Cell during;
        for (const int number :
             numbers(count, bench.all ? 1 : 5, place.name + FaultShim::nameOf(call))) {
            reset(place, operation);
            const Ended end = run(
                place, [&] { FaultShim::before(call, number, [&] { fill(volume, 0); }); },
                operation.deed(place));
            (void)run(place, {}, recovering(target));
            ::unlink(ballast.c_str());
            const Verdict verdict = recoverAndJudge(place, operation, end);
            during.add(verdict.kind);
            if (verdict.kind == Verdict::Kind::Neither)
                note(nameOf(place, operation, call, number, "full"), end, verdict.reason);
        }
        row.cells.push_back(during);
        rows.push_back(row);
    }
    print(place.name + ", full", {"outcome"}, rows);
}

void restrain(const Place &place, const std::string &folder)
{
    const Operation &operation = updatingTheOpen();
    if (!isChosen(place.name + "/quota"))
        return;
    const auto limit = [&](std::optional<unsigned long long> bytes) {
        const std::string problem = Laboratory::Quota::limit(folder, bytes);
        require(problem.empty(), problem);
    };
    if (const std::string problem = Laboratory::Quota::make(folder); !problem.empty()) {
        skip(place.name, problem);
        return;
    }
    const std::string target = operation.target(place);
    Cell cell;
    const long step = (bench.all ? 4 : 16) * 1024;
    for (long spare = 0; spare <= 800 * 1024; spare += step) {
        limit({});
        reset(place, operation);
        const unsigned long long used = Laboratory::Quota::used(folder);
        require(used > 0, "what lies under a quota of btrfs");
        limit(used + static_cast<unsigned long long>(spare));
        const Ended end = run(place, {}, operation.deed(place));
        (void)run(place, {}, recovering(target));
        Verdict verdict = SampleVersions::judge(target, operation.old, operation.fresh);
        limit({});
        if (verdict.kind != Verdict::Kind::Neither)
            verdict = recoverAndJudge(place, operation, end);
        cell.add(verdict.kind);
        if (verdict.kind == Verdict::Kind::Neither)
            note(place.name + "/quota/" + std::to_string(spare / 1024) + " KiB", end,
                 verdict.reason);
    }
    if (cell.old == 0 || cell.fresh == 0)
        note(place.name + "/quota", {}, "no limit was too small, or none was enough");
    print(place.name, {"outcome"}, {{"bytes left by the quota", "", {cell}}});
}
