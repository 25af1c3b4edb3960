// SPDX-License-Identifier: MIT
#include "faults/laboratory.h"
#include "faults/sweep.h"

#include <fstream>

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/// The table of faults × file systems, in memory: tmpfs, overlay, and targets of every kind. For
/// every kind of call that changes a file system, every number of it and every fault, a child
/// updates an installed product and meets that fault; another recovers; and what stands there then
/// is exactly the old version or exactly the new one, with everything that people put there. A
/// table per file system says how often it was which.
///
/// No QtTest and no QCoreApplication in this process: a case is a fork of it, so it must have no
/// thread.

namespace {

/// What the exchange of two trees cannot do: the road file by file must.
void playSpecialTargets(const std::string &folder)
{
    const std::string home = folder + "/special";
    std::string problem;
    const auto mounted = [&problem](const std::string &where) {
        problem = Laboratory::mountOn(where, "tmpfs", "mode=0755");
        require(problem.empty(), problem);
    };

    Place place{.name = "a foreign mount inside", .home = home, .every = 5};
    place.prepare = [&](const std::string &target) {
        ::mkdir((target + "/user").c_str(), 0755);
        mounted(target + "/user");
    };
    sweep(place, updating());
    place.every = 20;
    sweep(place, removing());
    disturb(place);
    mislead(place);
    sweepRecovery(place);

    place = {.name = "a bind mount inside", .home = home, .every = 40};
    place.prepare = [&](const std::string &target) {
        const std::string bound = folder + "/bound";
        ::mkdir(bound.c_str(), 0755);
        emptyFolder(bound);
        ::mkdir((target + "/user").c_str(), 0755);
        require(::mount(bound.c_str(), (target + "/user").c_str(), nullptr, MS_BIND, nullptr) == 0,
                "a bind mount");
    };
    sweep(place, updating());

    place = {.name = "a mount with files of ours inside", .home = home, .every = 20};
    place.prepare = [&](const std::string &target) {
        ::mkdir((target + "/lib").c_str(), 0755);
        mounted(target + "/lib");
    };
    sweep(place, updating());

    place = {.name = "the target is a mount", .home = home, .every = 20};
    place.prepare = [&](const std::string &target) { mounted(target); };
    sweep(place, updating());

    place = {.name = "an ordinary user",
             .home = home,
             .victim = somebody,
             .owner = somebody,
             .homeOwner = somebody,
             .every = 20};
    sweep(place, updating());
    sweep(place, installingFirst());

    place = {.name = "an unwritable parent",
             .home = home,
             .victim = somebody,
             .owner = somebody,
             .every = 20};
    sweep(place, updatingTheOpen());
    expectNewOrRefusal(place, updating(), "readonly");

    place = {.name = "a sticky parent, another's target",
             .home = home,
             .victim = somebody,
             .owner = somebody,
             .homeMode = 01777,
             .every = 20};
    place.finish = [](const std::string &target) {
        require(::chown(target.c_str(), somebodyElse, somebodyElse) == 0
                    && ::chmod(target.c_str(), 0777) == 0,
                target);
    };
    {
        // The target keeps the mode it has.
        Operation operation = updatingTheOpen();
        operation.old.tree[""].mode = operation.fresh.tree[""].mode = 0777;
        sweep(place, operation);
    }

    place = {.name = "files of another owner inside",
             .home = home,
             .victim = somebody,
             .owner = somebody,
             .homeOwner = somebody,
             .every = 20};
    place.finish = [](const std::string &target) {
        for (const char *name : {"/bin/plugin", "/lib/same.so", "/lib/core.so"})
            require(::chown((target + name).c_str(), somebodyElse, somebodyElse) == 0,
                    target + name);
    };
    std::ifstream protects("/proc/sys/fs/protected_hardlinks");
    std::string isProtected;
    protects >> isProtected;
    if (isProtected == "1") {
        // They stay theirs; what is replaced becomes the user's.
        Operation operation = updatingTheOpen();
        for (const char *path : {"bin/plugin", "lib/same.so"})
            operation.old.tree[path].owner = operation.fresh.tree[path].owner = somebodyElse;
        operation.old.tree["lib/core.so"].owner = somebodyElse;
        sweep(place, operation);
    } else {
        skip(place.name, "fs.protected_hardlinks is " + isProtected
                             + ": the files of others may be linked, nothing is special");
    }
}

void playOverlay()
{
    const std::string stack = bench.folder + "/overlay";
    const std::string merged = stack + "/merged";
    const std::string layers =
        "lowerdir=" + stack + "/lower,upperdir=" + stack + "/upper,workdir=" + stack + "/work";
    for (const char *const layer : {"", "/lower", "/upper", "/work", "/merged"})
        ::mkdir((stack + layer).c_str(), 0755);
    std::string problem = Laboratory::mountOn(merged, "overlay", layers, "overlay");
    if (!problem.empty()) {
        skip("overlay", problem);
        return;
    }
    playPlain("overlay, upper layer", merged, 20);

    // Installed in an image below, as in a container: every change copies up first.
    Place place{
        .name = "overlay, lower layer", .home = merged + "/home", .every = 12, .everyInAll = 3};
    place.reset = [=](const Place &, const FileTree &tree) {
        Laboratory::unmountAll(merged);
        for (const char *const layer : {"/lower", "/upper", "/work"})
            emptyFolder(stack + layer);
        require(::mkdir((stack + "/lower/home").c_str(), 0755) == 0, stack);
        if (!tree.empty()) {
            writeTree(stack + "/lower/home/Product", tree);
            age(stack + "/lower/home/Product", 0);
        }
        const std::string again = Laboratory::mountOn(merged, "overlay", layers, "overlay");
        require(again.empty(), again);
    };
    sweep(place, updating());
    Laboratory::unmountAll(merged);
}

/// A file system that is mounted read-only over the target.
void playReadOnly(const std::string &folder)
{
    Place place{.name = "a read-only target", .home = folder + "/readonly"};
    place.finish = [](const std::string &target) {
        require(::mount(target.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0
                    && ::mount(nullptr, target.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY,
                               nullptr)
                           == 0,
                "a read-only bind mount");
    };
    expectRefusal(place, "Product");

    place.name = "everything is read-only";
    place.finish = [](const std::string &target) {
        const std::string home = target.substr(0, target.rfind('/'));
        require(::mount(home.c_str(), home.c_str(), nullptr, MS_BIND, nullptr) == 0
                    && ::mount(nullptr, home.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY,
                               nullptr)
                           == 0,
                "a read-only bind mount");
    };
    place.reset = {};
    expectRefusal(place, "Product");
    Laboratory::unmountAll(place.home);
}

void playInMemory()
{
    playPlain("tmpfs", bench.folder, 2);
    sweepRecovery({.name = "tmpfs", .home = bench.folder + "/home"});
    disturb({.name = "tmpfs", .home = bench.folder + "/home"});
    mislead({.name = "tmpfs", .home = bench.folder + "/home"});
    playSpecialTargets(bench.folder);
    playReadOnly(bench.folder);
    playOverlay();
}

} // namespace

int main(int argc, char *argv[])
{
    return playFaults(argc, argv, playInMemory, [](const std::string &why) {
        playPlain("the temporary folder", bench.folder, 2);
        skip("every other file system and target", why);
    });
}
