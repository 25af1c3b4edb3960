// SPDX-License-Identifier: MIT
#include "faults/filetree.h"
#include "faults/laboratory.h"
#include "faults/sampleversions.h"
#include "faults/victim.h"
#include "support/faultshim.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <new>
#include <optional>

#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

using Call = FaultShim::Call;
using Fault = FaultShim::Fault;
using SampleVersions::Verdict;
using Victim::Outcome;

/// The table of faults × file systems. For every kind of call that changes a file system, every
/// number of it and every fault, a child updates an installed product and meets that fault; another
/// recovers; and what stands there then is exactly the old version or exactly the new one, with
/// everything that people put there. A table per file system says how often it was which.
///
/// No QtTest and no QCoreApplication in this process: a case is a fork of it, so it must have no
/// thread. `--all` takes every number on every file system, `--only TEXT` the cases whose name
/// contains TEXT.

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool isSanitized = true;
#else
constexpr bool isSanitized = false;
#endif
constexpr uid_t somebody = 65534;
constexpr uid_t somebodyElse = 1000;

struct Options
{
    bool all = false;
    std::string only;
};
Options options;

std::string base;     ///< everything happens below it
std::string archives; ///< holds the payloads
std::vector<std::string> failures;
std::vector<std::string> skipped;
int caseCount = 0;
FileTree receiptOne;                      ///< .entracte of an installed version 1
std::map<std::string, timespec> timesOne; ///< when its files were made, as its receipt knows

// --- children
// -------------------------------------------------------------------------------------

/// What a child tells before it ends by itself.
struct Report
{
    std::array<int, FaultShim::callCount> counts;
    int hits;
    char message[2000];
};
Report *report = nullptr; ///< shared with the children

struct Ended
{
    bool isKilled = false; ///< by the fault that was arranged
    Outcome outcome = Outcome::Done;
    std::string accident; ///< how it ended when that was no outcome at all
    std::string message;
    int hits = 0;
};

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
    /// A sanitized process is slow to fork: fewer numbers there.
    int step() const { return options.all ? everyInAll : every * (isSanitized ? 8 : 1); }
};

using Deed = std::function<Outcome(QString &message)>;
using Arrange = std::function<void()>;

/// In the child, as the place's victim: \a deed under what \a arrange arranged.
[[noreturn]] void perform(const Place &place, const Arrange &arrange, const Deed &deed)
{
    if (place.victim != 0
        && (::setgroups(0, nullptr) != 0
            || ::setresgid(place.victim, place.victim, place.victim) != 0
            || ::setresuid(place.victim, place.victim, place.victim) != 0))
        ::_exit(99);
    ::prctl(PR_SET_DUMPABLE, 1); // else /proc/self/fd is closed to us
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::alarm(60);
    FaultShim::reset();
    FaultShim::onlyBelow(place.home);
    if (arrange)
        arrange();
    int count = 1;
    char name[] = "victim";
    char *arguments[] = {name, nullptr};
    QCoreApplication app(count, arguments);
    qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &) {});
    QString message;
    const Outcome outcome = deed(message);
    report->hits = FaultShim::hitCount();
    for (int call = 0; call < FaultShim::callCount; ++call)
        report->counts[size_t(call)] = FaultShim::count(Call(call));
    std::snprintf(report->message, sizeof report->message, "%s", message.toUtf8().constData());
    ::_exit(int(outcome));
}

pid_t start(const Place &place, const Arrange &arrange, const Deed &deed)
{
    *report = {};
    std::fflush(nullptr);
    const pid_t child = ::fork();
    require(child >= 0, "fork");
    if (child == 0)
        perform(place, arrange, deed);
    return child;
}

Ended ended(int status)
{
    Ended end;
    end.message = report->message;
    end.hits = report->hits;
    if (WIFSIGNALED(status)) {
        end.isKilled = WTERMSIG(status) == SIGKILL;
        if (!end.isKilled)
            end.accident = std::string("died of ") + ::strsignal(WTERMSIG(status));
        return end;
    }
    end.outcome = Outcome(WEXITSTATUS(status));
    const bool isKnown = WEXITSTATUS(status) == 0
                      || (WEXITSTATUS(status) >= int(Outcome::NotStaged)
                          && WEXITSTATUS(status) <= int(Outcome::NotRecovered));
    if (!isKnown)
        end.accident = "ended with " + std::to_string(WEXITSTATUS(status));
    return end;
}

Ended run(const Place &place, const Arrange &arrange, const Deed &deed)
{
    const pid_t child = start(place, arrange, deed);
    int status = 0;
    require(::waitpid(child, &status, 0) == child, "waitpid");
    return ended(status);
}

Deed recovering(const std::string &target)
{
    return
        [=](QString &message) { return Victim::recover(QString::fromStdString(target), message); };
}

/// The second time there is nothing left to do.
Deed recoveringTwice(const std::string &target, const std::string &home)
{
    return [=](QString &message) {
        if (const Outcome first = recovering(target)(message); first != Outcome::Done)
            return first;
        const FileTree once = readTree(home);
        if (const Outcome second = recovering(target)(message); second != Outcome::Done) {
            message.prepend(QStringLiteral("the second time, "));
            return second;
        }
        const std::string changed = differences(once, readTree(home));
        if (changed.empty())
            return Outcome::Done;
        message = QString::fromStdString("the second time, it changed " + changed);
        return Outcome::NotRecovered;
    };
}

// --- operations
// -----------------------------------------------------------------------------------

using SampleVersions::State;

/// What is done to a place, from what to what.
struct Operation
{
    std::string name;
    State old;
    State fresh;
    std::string subfolder = {}; ///< of the target in the home

    std::string target(const Place &place) const { return place.home + subfolder + "/Product"; }

    Deed deed(const Place &place) const
    {
        const QString folder = QString::fromStdString(target(place));
        const int version = fresh.version;
        if (version > 0) {
            const QString archive =
                QString::fromStdString(archives + "/version-" + std::to_string(version) + ".zip");
            return [=](QString &message) {
                return Victim::install(archive, version, folder, message);
            };
        }
        return [=](QString &message) { return Victim::remove(folder, message); };
    }
};

const Operation &updating()
{
    static const Operation operation{
        "update", {1, SampleVersions::installed(1)}, {2, SampleVersions::installed(2)}};
    return operation;
}

/// The same but for what is in a folder that is closed to its owner.
const Operation &updatingTheOpen()
{
    static const Operation operation{
        "update", {1, SampleVersions::installed(1)}, {3, SampleVersions::installed(3)}};
    return operation;
}

/// A first installation, into a folder whose parent is missing too.
const Operation &installingFirst()
{
    static const Operation operation{"install", {}, {1, SampleVersions::brought(1)}, "/Vendor"};
    return operation;
}

const Operation &removing()
{
    static const Operation operation{
        "remove", {1, SampleVersions::installed(1)}, {0, SampleVersions::installed(0)}};
    return operation;
}

std::vector<std::string> namesIn(const std::string &directory)
{
    std::vector<std::string> names;
    for (const auto &[path, node] : readTree(directory)) {
        if (!path.empty() && path.find('/') == std::string::npos)
            names.push_back(path);
    }
    return names;
}

/// Files as old as the receipt says, then the seal, then the person who edits two.
void age(const std::string &target, uid_t owner)
{
    for (const auto &[path, made] : timesOne) {
        const timespec times[] = {made, made};
        ::utimensat(AT_FDCWD, (target + '/' + path).c_str(), times, AT_SYMLINK_NOFOLLOW);
    }
    if (const auto seal = receiptOne.find(".entracte/seal"); seal != receiptOne.end()) {
        require(::unlink((target + '/' + seal->first).c_str()) == 0, seal->first);
        writeTree(target, {*seal}, owner);
    }
    for (const char *const path : {SampleVersions::editedPath, SampleVersions::keptPath}) {
        const std::string edited = target + '/' + path;
        require(::utimensat(AT_FDCWD, edited.c_str(), nullptr, 0) == 0, edited);
    }
}

/// The place as it is before the operation.
void reset(const Place &place, const Operation &operation)
{
    FileTree tree = operation.old.tree;
    if (!tree.empty())
        tree.insert(receiptOne.begin(), receiptOne.end());
    if (place.reset) {
        place.reset(place, tree);
        return;
    }
    Laboratory::unmountAll(place.home);
    ::mkdir(place.home.c_str(), 0755);
    emptyFolder(place.home);
    require((::geteuid() != 0 || ::chown(place.home.c_str(), place.homeOwner, place.homeOwner) == 0)
                && ::chmod(place.home.c_str(), mode_t(place.homeMode)) == 0,
            place.home);
    if (tree.empty())
        return;
    require(::mkdir(place.target().c_str(), 0755) == 0, place.target());
    if (place.prepare)
        place.prepare(place.target());
    writeTree(place.target(), tree, place.owner);
    age(place.target(), place.owner);
    if (place.finish)
        place.finish(place.target());
}

bool holdsFiles(const std::string &folder)
{
    std::error_code error;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder, error)) {
        if (!entry.is_directory())
            return true;
    }
    return bool(error);
}

/// Whether anything is in the home that an ended operation may not leave there.
std::string leftBeside(const Place &place, const Operation &operation, bool isThere)
{
    for (const std::string &name : namesIn(place.home + operation.subfolder)) {
        if (name != "Product")
            return name + " was left beside the target";
    }
    // A first installation that dies before its journal is on the disk may leave the folders it
    // made to hold the target: empty ones.
    if (!isThere && !operation.subfolder.empty() && holdsFiles(place.home))
        return "something was left where the target was to be";
    return {};
}

// --- the table
// ------------------------------------------------------------------------------------

struct Cell
{
    int old = 0;
    int fresh = 0;
    int untouched = 0; ///< where neither is to be
    int bad = 0;

    void add(Verdict::Kind kind)
    {
        ++(kind == Verdict::Kind::Old ? old : kind == Verdict::Kind::New ? fresh : bad);
        ++caseCount;
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
    return options.only.empty() || name.find(options.only) != std::string::npos
        || options.only.starts_with(name + '/');
}

void skip(const std::string &name, const std::string &reason)
{
    skipped.push_back(name + ": " + reason);
    std::printf("\n%s\n  skipped: %s\n", name.c_str(), reason.c_str());
}

void note(const std::string &name, const Ended &end, const std::string &reason)
{
    std::string text = name + ": " + reason;
    if (!end.message.empty())
        text += "  [it said: " + end.message + ']';
    failures.push_back(text);
    if (failures.size() <= 60)
        std::printf("  FAILED %s\n", text.c_str());
    std::fflush(stdout);
}

/// Recovers twice and judges; \a accepts compares, where the usual way will not do.
Verdict recoverAndJudge(const Place &place, const Operation &operation, const Ended &end,
                        const std::function<Verdict()> &compare = {})
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
    return options.all ? all : few;
}

/// The counts of an operation without any fault; nullopt if that already fails.
std::optional<std::array<int, FaultShim::callCount>> calibrate(const Place &place,
                                                               const Operation &operation)
{
    reset(place, operation);
    const Ended end = run(place, {}, operation.deed(place));
    const auto counts = report->counts;
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

/// Which numbers of \a count are tried: every \a step th, but at least one. Where they begin
/// differs from one \a name to another, so that together many more are tried than in one place.
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

void sweep(const Place &place, const Operation &operation)
{
    if (!isChosen(place.name + '/' + operation.name))
        return;
    const auto started = std::chrono::steady_clock::now();
    const int casesBefore = caseCount;
    const auto counts = calibrate(place, operation);
    const bool isOnlyCase = options.only.find(place.name + '/' + operation.name + '/') == 0;
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
    std::snprintf(figures.data(), figures.size(), " (%d cases, %.1f s)", caseCount - casesBefore,
                  took.count());
    print(place.name + ", " + operation.name + figures.data(), names, rows);
}

/// A recovery that is killed itself, at every call of its own, and then one that is not.
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
        const int step = outer == Call::Renameat2 ? (options.all ? 1 : 5)
                                                  : (options.all ? 4 : std::max(1, count));
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
            const auto recoveryCounts = report->counts;
            for (int inner = 0; inner < FaultShim::callCount; ++inner) {
                for (const Fault fault : {Fault::KillBefore, Fault::KillAfter}) {
                    const std::string name = place.name + "/recover after "
                                           + FaultShim::nameOf(outer) + ':' + std::to_string(start)
                                           + '/' + FaultShim::nameOf(Call(inner)) + ':';
                    for (const int number :
                         numbers(recoveryCounts[size_t(inner)], options.all ? 2 : 25, name)) {
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

// --- people at work
// -------------------------------------------------------------------------------

void putByRename(const std::string &path, const std::string &bytes)
{
    std::ofstream(path + ".draft") << bytes;
    ::rename((path + ".draft").c_str(), path.c_str());
}

/// In the middle of an update people save, edit, make and delete files; with and without a death of
/// the installer just then.
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
                 numbers(count, options.all ? 1 : 14, place.name + FaultShim::nameOf(call))) {
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

/// Somebody puts a link to elsewhere where a folder of the product was. Elsewhere nothing changes.
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
            for (const int number : numbers((*counts)[size_t(which)], options.all ? 3 : 40,
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

// --- places that must be refused
// ------------------------------------------------------------------

/// Without any fault: a sentence, and not one byte or mode is different.
void expectRefusal(const Place &place, const std::string &mentioned)
{
    const Operation &operation = updating();
    if (!isChosen(place.name + "/refused"))
        return;
    reset(place, operation);
    const FileTree before = readTree(place.home);
    const Ended end = run(place, {}, operation.deed(place));
    const Ended first = run(place, {}, recovering(operation.target(place)));
    const std::string changed = differences(before, readTree(place.home));
    std::string reason = end.accident + first.accident;
    if (end.outcome != Outcome::NotStaged && end.outcome != Outcome::NotCommitted)
        reason += " it was not refused, but ended as " + std::to_string(int(end.outcome));
    if (end.message.find(mentioned) == std::string::npos)
        reason += " the sentence does not mention " + mentioned;
    if (first.outcome != Outcome::Done)
        reason += " recovery said: " + first.message;
    if (!changed.empty())
        reason += " changed: " + changed;
    Cell cell;
    cell.add(reason.empty() ? Verdict::Kind::Old : Verdict::Kind::Neither);
    std::swap(cell.untouched, cell.old);
    if (!reason.empty())
        note(place.name + "/refused", end, reason);
    print(place.name, {"outcome"}, {{"refused", "", {cell}}});
    std::printf("  it says: %s\n", end.message.c_str());
}

/// Without any fault: all of \a operation, or a sentence and nothing of it.
void expectNewOrRefusal(const Place &place, const Operation &operation,
                        const std::string &mentioned)
{
    const std::string name = place.name + ", " + mentioned;
    if (!isChosen(name))
        return;
    reset(place, operation);
    const Ended end = run(place, {}, operation.deed(place));
    Verdict verdict = recoverAndJudge(place, operation, end);
    if (verdict.kind == Verdict::Kind::Old && end.message.find(mentioned) == std::string::npos)
        verdict = {Verdict::Kind::Neither, "the sentence does not mention " + mentioned};
    Cell cell;
    cell.add(verdict.kind);
    if (verdict.kind == Verdict::Kind::Neither)
        note(name, end, verdict.reason);
    print(name, {"outcome"}, {{operation.name, "", {cell}}});
    std::printf("  it says: %s\n", end.message.c_str());
}

// --- full volumes
// ---------------------------------------------------------------------------------

/// Writes until nothing more fits, but \a spare bytes.
void fill(const std::string &volume, long spare)
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

/// The volume of \a place is filled before the update, up to ever less room, and in its middle.
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
    const long step = options.all ? 4 * 1024 : 64 * 1024;
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
             numbers(count, options.all ? 1 : 5, place.name + FaultShim::nameOf(call))) {
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

/// Ever more may still be written into \a folder, which holds the place in a btrfs. While nothing
/// may, btrfs renames nothing either: then the product is whole all the same, and what lies beside
/// it goes when there is room again.
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
    const long step = (options.all ? 4 : 16) * 1024;
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

// --- power
// ----------------------------------------------------------------------------------------

/// The power goes before or after a call: the image as it is then, unsynced bytes missing, is what
/// the next start finds.
void cutPower(const std::string &type, const std::string &mountOptions,
              const std::string &copyOptions, int megabytes, bool isPerFile,
              const Operation &operation)
{
    const std::string name =
        type + ", power cut" + (isPerFile ? ", file by file, " : ", ") + operation.name;
    if (!isChosen(name))
        return;
    const std::string fresh = base + "/fresh.img";
    const std::string image = base + "/power.img";
    const std::string cut = base + "/cut.img";
    Place place{.name = name, .home = base + "/power/home"};
    if (isPerFile) {
        place.finish = [](const std::string &target) {
            require(setImmutable(target + "/bin/plugin", true), "the immutable flag");
        };
    }
    std::string problem = Laboratory::makeImage(fresh, type, megabytes);
    if (problem.empty())
        problem = Laboratory::mountImage(fresh, base + "/power", mountOptions);
    if (!problem.empty()) {
        skip(name, problem);
        ::unlink(fresh.c_str());
        return;
    }
    reset(place, operation);
    Laboratory::unmountAll(base + "/power");

    Laboratory::copyImage(fresh, image);
    problem = Laboratory::mountImage(image, base + "/power", mountOptions);
    require(problem.empty(), problem);
    const Ended whole = run(place, {}, operation.deed(place));
    const auto counts = report->counts;
    Laboratory::unmountAll(base + "/power");
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
        const int step = options.all ? (isDecisive ? 1 : 4) : isDecisive ? 3 : count;
        Row row{FaultShim::nameOf(call), std::to_string(count), {}};
        for (const Fault fault : {Fault::StopBefore, Fault::StopAfter}) {
            Cell cell;
            for (const int number : numbers(count, step, name + FaultShim::nameOf(call))) {
                Laboratory::copyImage(fresh, image);
                problem = Laboratory::mountImage(image, base + "/power", mountOptions);
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
                Laboratory::unmountAll(base + "/power");
                if (!isStopped)
                    continue;
                const std::string what = nameOf(place, operation, call, number,
                                                fault == Fault::StopBefore ? "before" : "after");
                problem = Laboratory::mountImage(cut, base + "/power", copyOptions);
                Ended end;
                end.isKilled = true;
                const Verdict verdict = problem.empty() ? recoverAndJudge(place, operation, end)
                                                        : Verdict{Verdict::Kind::Neither, problem};
                cell.add(verdict.kind);
                if (verdict.kind == Verdict::Kind::Neither)
                    note(what, end, verdict.reason);
                Laboratory::unmountAll(base + "/power");
            }
            row.cells.push_back(cell);
        }
        rows.push_back(row);
    }
    for (const std::string &file : {fresh, image, cut})
        ::unlink(file.c_str());
    print(name, {"cut before", "cut after"}, rows);
}

// --- all places
// -----------------------------------------------------------------------------------

/// Work for one file system in an image, called \a name; \a use gets the folder it is mounted on.
void withImage(const std::string &name, const std::string &type, int megabytes,
               const std::string &mountOptions, const std::vector<std::string> &makeOptions,
               const std::function<void(const std::string &)> &use)
{
    const std::string image = base + '/' + type + ".img";
    const std::string folder = base + '/' + type;
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

void playPlain(const std::string &name, const std::string &folder, int every)
{
    Place place{.name = name, .home = folder + "/home", .every = every};
    sweep(place, updating());
    place.every = std::max(20, every * 6);
    sweep(place, installingFirst());
    sweep(place, removing());
}

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

void playOverlay()
{
    const std::string stack = base + "/overlay";
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
    playPlain("tmpfs", base, 2);
    sweepRecovery({.name = "tmpfs", .home = base + "/home"});
    disturb({.name = "tmpfs", .home = base + "/home"});
    mislead({.name = "tmpfs", .home = base + "/home"});
    playSpecialTargets(base);
    playReadOnly(base);
    playOverlay();
}

void playInImages()
{
    withImage("ext4", "ext4", 256, "commit=300", {}, [](const std::string &folder) {
        playPlain("ext4", folder, 6);
        playImmutable("ext4", folder);
    });
    withImage("xfs", "xfs", 320, "", {}, [](const std::string &folder) {
        playPlain("xfs", folder, 20);
        if (options.all)
            playImmutable("xfs", folder);
    });
    withImage("btrfs", "btrfs", 256, "", {}, [](const std::string &folder) {
        playPlain("btrfs", folder, 20);
        if (options.all)
            playImmutable("btrfs", folder);
    });

    if (const std::string problem =
            Laboratory::mountOn(base + "/small", "tmpfs", "mode=0755,size=4m");
        problem.empty()) {
        exhaust({.name = "a tmpfs of 4 MB", .home = base + "/small/home"}, base + "/small");
        Laboratory::unmountAll(base + "/small");
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
    if (options.all) {
        cutAll(false, installingFirst());
        cutAll(false, removing());
        cutAll(true, removing());
    }
}

/// The receipt that a real version 1 has.
void learnReceipt()
{
    const Place place{.name = "a first installation", .home = base + "/first"};
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
            receiptOne[path] = node;
        else if (node.kind == FileNode::Kind::File)
            timesOne[path] = status.st_mtim;
    }
    emptyFolder(place.home);
    ::rmdir(place.home.c_str());
}

/// What one of the two processes found, for the other to sum up.
struct Sum
{
    int cases;
    int failures;
};

template <typename T>
T *share()
{
    void *const shared =
        ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(shared != MAP_FAILED, "shared memory");
    return new (shared) T{};
}

/// Plays in a process of its own, with a report and a folder of its own, and writes into a file.
pid_t playBeside(const std::string &name, void (*what)(), Sum *sum)
{
    std::fflush(nullptr);
    const pid_t child = ::fork();
    require(child >= 0, "fork");
    if (child != 0)
        return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    report = share<Report>();
    base += '/' + name;
    require(::mkdir(base.c_str(), 0755) == 0, base);
    require(std::freopen((base + ".txt").c_str(), "w", stdout) != nullptr, "its output");
    caseCount = 0;
    what();
    for (const std::string &reason : skipped)
        std::printf("\nskipped %s", reason.c_str());
    for (const std::string &failure : failures)
        std::printf("\nFAILED %s", failure.c_str());
    std::printf("\n");
    *sum = {caseCount, int(failures.size())};
    std::fflush(nullptr);
    ::_exit(0);
}

int play()
{
    const auto started = std::chrono::steady_clock::now();
    report = share<Report>();
    ::umask(022);
    const std::string reason = Laboratory::enter(base);
    archives = base;
    for (const int version : {1, 2, 3})
        require(
            SampleVersions::pack(version, base + "/version-" + std::to_string(version) + ".zip"),
            "packing");
    learnReceipt();

    int cases = 0;
    bool isGood = true;
    if (reason.empty()) {
        // Most of a case is waiting: two at a time.
        constexpr std::pair<const char *, void (*)()> halves[] = {{"memory", playInMemory},
                                                                  {"images", playInImages}};
        std::vector<std::pair<pid_t, Sum *>> children;
        for (const auto &[name, what] : halves) {
            Sum *const sum = share<Sum>();
            children.emplace_back(playBeside(name, what, sum), sum);
        }
        for (size_t half = 0; half < children.size(); ++half) {
            int status = 0;
            ::waitpid(children[half].first, &status, 0);
            std::ifstream text(base + '/' + halves[half].first + ".txt");
            for (std::string line; std::getline(text, line);)
                std::printf("%s\n", line.c_str());
            cases += children[half].second->cases;
            isGood = isGood && status == 0 && children[half].second->failures == 0;
        }
    } else {
        playPlain("the temporary folder", base, 2);
        skip("every other file system and target", reason);
        cases = caseCount;
        isGood = failures.empty();
        emptyFolder(base);
    }
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - started);
    std::printf("\n%d cases in %.1f s: %s\n", cases, took.count(),
                isGood ? "never anything but old or new" : "FAILED");
    return isGood && cases > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char *argv[])
{
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--all") {
            options.all = true;
        } else if (word == "--only" && i + 1 < argc) {
            options.only = argv[++i];
        } else {
            std::fprintf(stderr, "tst_faults [--all] [--only TEXT]\n");
            return 64;
        }
    }

    const char *const temporary = std::getenv("TMPDIR");
    std::string folder = std::string(temporary ? temporary : "/tmp") + "/tst_faults-XXXXXX";
    require(::mkdtemp(folder.data()) != nullptr, folder);
    ::chmod(folder.c_str(), 0755);
    base = folder;

    // The mounts go with the child; this one only has the empty folder to remove.
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        std::exit(play());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    emptyFolder(folder);
    ::rmdir(folder.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
