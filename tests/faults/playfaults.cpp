// SPDX-License-Identifier: MIT
#include "faults/bench.h"
#include "faults/laboratory.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using Victim::Outcome;

/// The receipt that a real version 1 has.
static void learnReceipt()
{
    const Place place{.name = "a first installation", .home = bench.folder + "/first"};
    Operation operation = installingFirst();
    operation.subfolder.clear();
    reset(place, operation);
    const Ended end = run(place, {}, operation.deed(place));
    require(end.accident.empty() && end.outcome == Outcome::Done,
            "a first installation: " + end.accident + end.message);
    for (const auto &[path, node] : readTree(place.target())) {
        struct stat status;
        require(::lstat((place.target() + '/' + path).c_str(), &status) == 0, path);
        if (path.starts_with(".entracte"))
            bench.receiptOne[path] = node;
        else if (node.kind == FileNode::Kind::File)
            bench.timesOne[path] = status.st_mtim;
    }
    emptyFolder(place.home);
    ::rmdir(place.home.c_str());
}

static Report *sharedReport()
{
    void *const shared =
        ::mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(shared != MAP_FAILED, "shared memory");
    return new (shared) Report{};
}

static int playAll(void (*play)(), void (*playWithout)(const std::string &why))
{
    const auto started = std::chrono::steady_clock::now();
    bench.report = sharedReport();
    ::umask(022);
    const std::string reason = Laboratory::enter(bench.folder);
    bench.archives = bench.folder;
    for (const int version : {1, 2, 3})
        require(SampleVersions::pack(version,
                                     bench.folder + "/version-" + std::to_string(version) + ".zip"),
                "packing");
    learnReceipt();
    if (reason.empty())
        play();
    else
        playWithout(reason);

    for (const std::string &skipped : bench.skipped)
        std::printf("\nskipped %s", skipped.c_str());
    for (const std::string &failure : bench.failures)
        std::printf("\nFAILED %s", failure.c_str());
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - started);
    const bool isGood = bench.failures.empty();
    std::printf("\n\n%d cases in %.1f s: %s\n", bench.caseCount, took.count(),
                isGood ? "never anything but old or new" : "FAILED");
    if (!reason.empty())
        emptyFolder(bench.folder);
    if (!isGood || (bench.caseCount == 0 && bench.skipped.empty()))
        return 1;
    return bench.caseCount > 0 ? 0 : 77; // 77: skipped
}

int playFaults(int argc, char *argv[], void (*play)(), void (*playWithout)(const std::string &why))
{
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--all") {
            bench.all = true;
        } else if (word == "--only" && i + 1 < argc) {
            bench.only = argv[++i];
        } else {
            std::fprintf(stderr, "%s [--all] [--only TEXT]\n", argv[0]);
            return 64;
        }
    }

    const char *const temporary = std::getenv("TMPDIR");
    std::string folder = std::string(temporary ? temporary : "/tmp") + "/tst_faults-XXXXXX";
    require(::mkdtemp(folder.data()) != nullptr, folder);
    ::chmod(folder.c_str(), 0755);
    bench.folder = folder;

    // The mounts go with the child; this one only has the empty folder to remove.
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        std::exit(playAll(play, playWithout));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    emptyFolder(folder);
    ::rmdir(folder.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
