// SPDX-License-Identifier: MIT
#pragma once

#include "faults/filetree.h"
#include "faults/sampleversions.h"
#include "faults/victim.h"
#include "support/faultshim.h"

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

/// What a child tells before it ends by itself.
struct Report
{
    std::array<int, FaultShim::callCount> counts;
    int hits;
    char message[2000];
};

/// What all cases of one run share. There is one: a case is a fork of this process.
struct Bench
{
    bool all = false; ///< every number of every call
    std::string only; ///< the cases whose name contains it

    std::string folder;   ///< everything happens below it
    std::string archives; ///< holds the payloads
    std::vector<std::string> failures;
    std::vector<std::string> skipped;
    int caseCount = 0;
    FileTree receiptOne;                      ///< .entracte of an installed version 1
    std::map<std::string, timespec> timesOne; ///< when its files were made, as its receipt knows
    Report *report = nullptr;                 ///< of the last child; shared with it
};
extern Bench bench;

/// The main() of a table of faults × file systems: makes a folder and, as root, a mount namespace,
/// learns what an installed version 1 is, and has \a play play its cases; without a namespace
/// \a playWithout. `--all` takes every number, `--only TEXT` the cases whose name contains TEXT.
int playFaults(int argc, char *argv[], void (*play)(), void (*playWithout)(const std::string &why));

struct Ended
{
    bool isKilled = false; ///< by the fault that was arranged
    Victim::Outcome outcome = Victim::Outcome::Done;
    std::string accident; ///< how it ended when that was no outcome at all
    std::string message;
    int hits = 0;
};

inline constexpr uid_t somebody = 65534;
inline constexpr uid_t somebodyElse = 1000;

/// A place where the product is installed, and who installs it.
struct Place
{
    std::string name;
    std::string home; ///< the folder that holds the target
    uid_t victim = 0; ///< who runs the installer
    uid_t owner = 0;  ///< of the installed files
    uid_t homeOwner = 0;
    int homeMode = 0755;
    int every = 1; ///< which numbers are tried
    int everyInAll = 1;
    std::function<void(const std::string &target)> prepare = {};     ///< before the files are there
    std::function<void(const std::string &target)> finish = {};      ///< when they are
    std::function<void(const Place &, const FileTree &)> reset = {}; ///< instead of the usual way

    std::string target() const { return home + "/Product"; }
    int step() const; ///< every or everyInAll, as this run goes
};

using Deed = std::function<Victim::Outcome(QString &message)>;
using Arrange = std::function<void()>;

/// Starts a child that does \a deed as the place's victim, under what \a arrange arranged.
pid_t start(const Place &place, const Arrange &arrange, const Deed &deed);
Ended run(const Place &place, const Arrange &arrange, const Deed &deed);

Deed recovering(const std::string &target);
/// The second time there is nothing left to do.
Deed recoveringTwice(const std::string &target, const std::string &home);

/// What is done to a place, from what to what.
struct Operation
{
    std::string name;
    SampleVersions::State old;
    SampleVersions::State fresh;
    std::string subfolder = {}; ///< of the target in the home

    std::string target(const Place &place) const { return place.home + subfolder + "/Product"; }

    Deed deed(const Place &place) const;
};

const Operation &updating();
/// The same but for what is in a folder that is closed to its owner.
const Operation &updatingTheOpen();
/// A first installation, into a folder whose parent is missing too.
const Operation &installingFirst();
const Operation &removing();

/// Makes the place as it is before the operation.
void reset(const Place &place, const Operation &operation);

/// Makes the files of an installed \a target as old as the receipt says, then the seal, then the
/// person who edits two.
void age(const std::string &target, uid_t owner);

/// Whether anything is in the home that an ended operation may not leave there.
std::string leftBeside(const Place &place, const Operation &operation, bool isThere);
