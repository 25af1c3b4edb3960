// SPDX-License-Identifier: MIT
#include "faults/laboratory.h"
#include "faults/sweep.h"
#include "faults/volume.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

/// The table of faults (tst_faults.cpp) on file systems in images, which need root: ext4, xfs,
/// btrfs, full ones, a quota, and power that goes.

namespace {

/// Work for one file system in an image, called \a name; \a use gets the folder it is mounted on.
void withImage(const std::string &name, const std::string &type, int megabytes,
               const std::string &mountOptions, const std::vector<std::string> &makeOptions,
               const std::function<void(const std::string &)> &use)
{
    const std::string image = bench.folder + '/' + type + ".img";
    const std::string folder = bench.folder + '/' + type;
    std::string problem = Laboratory::makeImage(image, type, megabytes, makeOptions);
    if (problem.empty())
        problem = Laboratory::mountImage(image, folder, mountOptions);
    if (!problem.empty()) {
        skip(name, problem);
    } else {
        use(folder);
        Laboratory::unmountAll(folder);
    }
    ::unlink(image.c_str());
}

void playImmutable(const std::string &type, const std::string &folder)
{
    const auto frozen = [&](const char *what, const char *path) {
        Place place{.name = std::string("an immutable file that ") + what + ", " + type,
                    .home = folder + "/immutable",
                    .every = 20};
        place.finish = [path](const std::string &target) {
            require(setImmutable(target + path, true), target + path);
        };
        return place;
    };
    ::mkdir((folder + "/immutable").c_str(), 0755);
    std::ofstream(folder + "/immutable/probe") << "x";
    if (!setImmutable(folder + "/immutable/probe", true)) {
        skip("immutable files, " + type, std::string("the flag: ") + std::strerror(errno));
        return;
    }
    sweep(frozen("stays", "/lib/same.so"), updating());
    sweep(frozen("is foreign", "/bin/plugin"), updating());
    expectRefusal(frozen("must be replaced", "/lib/core.so"), "core.so");
    expectRefusal(frozen("must go", "/gone/file"), "gone/file");
    Laboratory::unmountAll(folder + "/immutable");
    emptyFolder(folder + "/immutable");
}

void playInImages()
{
    withImage("ext4", "ext4", 256, "commit=300", {}, [](const std::string &folder) {
        playPlain("ext4", folder, 6);
        playImmutable("ext4", folder);
    });
    withImage("xfs", "xfs", 320, "", {}, [](const std::string &folder) {
        playPlain("xfs", folder, 20);
        if (bench.all)
            playImmutable("xfs", folder);
    });
    withImage("btrfs", "btrfs", 256, "", {}, [](const std::string &folder) {
        playPlain("btrfs", folder, 20);
        if (bench.all)
            playImmutable("btrfs", folder);
    });

    if (const std::string problem =
            Laboratory::mountOn(bench.folder + "/small", "tmpfs", "mode=0755,size=4m");
        problem.empty()) {
        exhaust({.name = "a tmpfs of 4 MB", .home = bench.folder + "/small/home"},
                bench.folder + "/small");
        Laboratory::unmountAll(bench.folder + "/small");
    } else {
        skip("a tmpfs of 4 MB", problem);
    }
    withImage("an ext4 of 8 MB", "ext4", 8, "", {"-m", "0"}, [](const std::string &folder) {
        exhaust({.name = "an ext4 of 8 MB", .home = folder + "/home"}, folder);
    });
    withImage("a btrfs with a quota", "btrfs", 128, "", {}, [](const std::string &folder) {
        restrain({.name = "a btrfs with a quota",
                  .home = folder + "/counted/home",
                  .victim = somebody,
                  .owner = somebody,
                  .homeOwner = somebody},
                 folder + "/counted");
    });

    const auto cutAll = [](bool isPerFile, const Operation &operation) {
        cutPower("ext4", "commit=300", "", 64, isPerFile, operation);
        cutPower("xfs", "", "nouuid", 320, isPerFile, operation);
        cutPower("btrfs", "commit=300", "", 128, isPerFile, operation);
    };
    cutAll(false, updating());
    cutAll(true, updating());
    if (bench.all) {
        cutAll(false, installingFirst());
        cutAll(false, removing());
        cutAll(true, removing());
    }
}

} // namespace

int main(int argc, char *argv[])
{
    return playFaults(argc, argv, playInImages,
                      [](const std::string &why) { skip("every file system in an image", why); });
}
