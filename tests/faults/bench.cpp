// SPDX-License-Identifier: MIT
#include "faults/bench.h"

#include "faults/laboratory.h"

#include <QCoreApplication>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using Call = FaultShim::Call;
using Victim::Outcome;

Bench bench;

#ifdef __SANITIZE_ADDRESS__
static constexpr bool isSanitized = true;
#else
static constexpr bool isSanitized = false;
#endif

/// A sanitized process is slow to fork: fewer numbers there.
int Place::step() const
{
    return bench.all ? everyInAll : every * (isSanitized ? 8 : 1);
}

/// In the child, as the place's victim: \a deed under what \a arrange arranged.
[[noreturn]] static void perform(const Place &place, const Arrange &arrange, const Deed &deed)
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
    bench.report->hits = FaultShim::hitCount();
    for (int call = 0; call < FaultShim::callCount; ++call)
        bench.report->counts[size_t(call)] = FaultShim::count(Call(call));
    std::snprintf(bench.report->message, sizeof bench.report->message, "%s",
                  message.toUtf8().constData());
    ::_exit(int(outcome));
}

pid_t start(const Place &place, const Arrange &arrange, const Deed &deed)
{
    *bench.report = {};
    std::fflush(nullptr);
    const pid_t child = ::fork();
    require(child >= 0, "fork");
    if (child == 0)
        perform(place, arrange, deed);
    return child;
}

static Ended ended(int status)
{
    Ended end;
    end.message = bench.report->message;
    end.hits = bench.report->hits;
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

Deed Operation::deed(const Place &place) const
{
    const QString folder = QString::fromStdString(target(place));
    const int version = fresh.version;
    if (version > 0) {
        const QString archive =
            QString::fromStdString(bench.archives + "/version-" + std::to_string(version) + ".zip");
        return [=](QString &message) { return Victim::install(archive, version, folder, message); };
    }
    return [=](QString &message) { return Victim::remove(folder, message); };
}

const Operation &updating()
{
    static const Operation operation{
        "update", {1, SampleVersions::installed(1)}, {2, SampleVersions::installed(2)}};
    return operation;
}

const Operation &updatingTheOpen()
{
    static const Operation operation{
        "update", {1, SampleVersions::installed(1)}, {3, SampleVersions::installed(3)}};
    return operation;
}

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

static std::vector<std::string> namesIn(const std::string &directory)
{
    std::vector<std::string> names;
    for (const auto &[path, node] : readTree(directory)) {
        if (!path.empty() && path.find('/') == std::string::npos)
            names.push_back(path);
    }
    return names;
}

void age(const std::string &target, uid_t owner)
{
    for (const auto &[path, made] : bench.timesOne) {
        const timespec times[] = {made, made};
        ::utimensat(AT_FDCWD, (target + '/' + path).c_str(), times, AT_SYMLINK_NOFOLLOW);
    }
    if (const auto seal = bench.receiptOne.find(".entracte/seal"); seal != bench.receiptOne.end()) {
        require(::unlink((target + '/' + seal->first).c_str()) == 0, seal->first);
        writeTree(target, {*seal}, owner);
    }
    for (const char *const path : {SampleVersions::editedPath, SampleVersions::keptPath}) {
        const std::string edited = target + '/' + path;
        require(::utimensat(AT_FDCWD, edited.c_str(), nullptr, 0) == 0, edited);
    }
}

void reset(const Place &place, const Operation &operation)
{
    FileTree tree = operation.old.tree;
    if (!tree.empty())
        tree.insert(bench.receiptOne.begin(), bench.receiptOne.end());
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

static bool holdsFiles(const std::string &folder)
{
    std::error_code error;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder, error)) {
        if (!entry.is_directory())
            return true;
    }
    return bool(error);
}

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
