// SPDX-License-Identifier: MIT
// detectiondriver VERB FILES-FROM [SWITCH…]
//
// Looks for those who use the files whose absolute paths are the lines of FILES-FROM, and prints
// one line of JSON: microseconds of time ("…Wall") and of user and system time of this process
// ("…Cpu") for each phase, "startCpu" for what came before, and "held", one list of pid, path and
// ways for each file that is held. Status 0: done. 1: failed, with a sentence on stderr. 2: wrong
// usage. 3: not possible with this framework yet, and the line is {"unavailable": "why"}.
#include "platform/linux/detection/processscan.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <optional>

using namespace Entracte;
using namespace Qt::StringLiterals;

namespace {

enum Status { Done = 0, Failed = 1, Usage = 2 };

qint64 microseconds(clockid_t clock)
{
    timespec now;
    clock_gettime(clock, &now);
    return qint64(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

/// Times one phase after the other; all threads count.
class Phases
{
public:
    Phases() { m_report.insert(u"startCpu"_s, m_cpu); }

    void end(const QString &name)
    {
        const qint64 cpu = microseconds(CLOCK_PROCESS_CPUTIME_ID);
        const qint64 wall = microseconds(CLOCK_MONOTONIC);
        m_report.insert(name + u"Cpu"_s, cpu - m_cpu);
        m_report.insert(name + u"Wall"_s, wall - m_wall);
        m_cpu = cpu;
        m_wall = wall;
    }

    QJsonObject &report() { return m_report; }

private:
    QJsonObject m_report;
    qint64 m_cpu = microseconds(CLOCK_PROCESS_CPUTIME_ID);
    qint64 m_wall = microseconds(CLOCK_MONOTONIC);
};

std::optional<QStringList> linesOf(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    const QByteArray text = file.readAll();
    QStringList lines;
    lines.reserve(text.count('\n'));
    for (qsizetype at = 0; at < text.size();) {
        qsizetype end = text.indexOf('\n', at);
        end = end < 0 ? text.size() : end;
        lines.append(QString::fromUtf8(text.constData() + at, end - at));
        at = end + 1;
    }
    return lines;
}

QJsonArray waysOf(HoldKinds kinds)
{
    static constexpr std::pair<HoldKind, QLatin1StringView> names[] = {
        {HoldKind::Executable, "executable"_L1},
        {HoldKind::Mapped, "mapped"_L1},
        {HoldKind::Open, "open"_L1},
        {HoldKind::WorkingDirectory, "cwd"_L1},
        {HoldKind::Script, "script"_L1},
        {HoldKind::Root, "root"_L1}};
    QJsonArray ways;
    for (const auto &[kind, name] : names)
        if (kinds.testFlag(kind))
            ways.append(name);
    return ways;
}

QJsonArray heldIn(const ProcessScan &scan)
{
    QJsonArray held;
    for (const FileHolder &holder : scan.holders)
        for (const HeldFile &file : holder.files)
            held.append(QJsonArray{holder.process.pid, file.path, waysOf(file.kinds)});
    return held;
}

// --- the one place that knows how the framework is asked ---------------------------------------

struct Search
{
    ScanTargets targets;
    ScanFeatures features;
    std::atomic<bool> cancelled = false;

    void add(const QStringList &files)
    {
        auto table = std::make_shared<FileTable>();
        table->add(files, features);
        targets.files = table;
    }
    ProcessScan scan() { return scanProcesses(targets, cancelled, features); }
    bool hasAnybodyGone(const ProcessScan &since)
    {
        return Entracte::hasAnybodyGone(targets, since, cancelled, features);
    }
};

/// What can be left out, so that the price of it, or of the older way, can be measured.
struct Switch
{
    QLatin1StringView name;
    bool ScanFeatures::*feature;
    bool value;
};

constexpr Switch switches[] = {
    {"--map-query"_L1, &ScanFeatures::mapQuery, true},
    {"--no-map-query"_L1, &ScanFeatures::mapQuery, false},
    {"--no-map-jump"_L1, &ScanFeatures::mapJump, false},
    {"--no-leases"_L1, &ScanFeatures::leases, false},
    {"--no-descriptor-count"_L1, &ScanFeatures::descriptorCount, false},
};

// --- the verbs -----------------------------------------------------------------------------------

int list(const QStringList &files, Search &search, Phases &phases)
{
    search.add(files);
    phases.end(u"register"_s);
    const ProcessScan scan = search.scan();
    phases.end(u"scan"_s);
    phases.report().insert(u"held"_s, heldIn(scan));
    return Done;
}

int refresh(const QStringList &files, Search &search, Phases &phases)
{
    constexpr int times = 100;
    search.add(files);
    phases.end(u"register"_s);
    const ProcessScan first = search.scan();
    phases.end(u"scan"_s);
    int gone = 0;
    for (int number = 0; number < times; ++number)
        gone += search.hasAnybodyGone(first);
    phases.end(u"refresh"_s);
    phases.report().insert(u"refreshes"_s, times);
    if (gone == 0)
        phases.report().insert(u"held"_s, heldIn(first));
    return Done;
}

struct Verb
{
    QLatin1StringView name;
    int (*perform)(const QStringList &files, Search &search, Phases &phases);
    const char *help;
};

constexpr Verb verbs[] = {
    {"list"_L1, list, "list FILES-FROM       register, scan"},
    {"refresh"_L1, refresh, "refresh FILES-FROM    register, scan, a hundred refreshes"},
};

int printUsage()
{
    std::fputs("usage: detectiondriver VERB FILES-FROM [SWITCH…]\n", stderr);
    for (const Verb &verb : verbs)
        std::fprintf(stderr, "  %s\n", verb.help);
    for (const Switch &each : switches)
        std::fprintf(stderr, "  %s\n", each.name.data());
    return Usage;
}

} // namespace

int main(int argc, char *argv[])
{
    // No QCoreApplication: nothing here needs one, and its start is not what is measured.
    QStringList arguments;
    for (int number = 1; number < argc; ++number)
        arguments.append(QFile::decodeName(argv[number]));

    Search search;
    for (const Switch &each : switches)
        if (arguments.removeAll(each.name) > 0)
            search.features.*each.feature = each.value;
    const auto *verb = std::find_if(std::begin(verbs), std::end(verbs), [&](const Verb &known) {
        return known.name == arguments.value(0);
    });
    if (verb == std::end(verbs) || arguments.size() != 2)
        return printUsage();
    Phases phases;
    const std::optional<QStringList> files = linesOf(arguments.at(1));
    if (!files) {
        std::fprintf(stderr, "The list %s cannot be read.\n", argv[2]);
        return Failed;
    }
    phases.end(u"read"_s);

    const int status = verb->perform(*files, search, phases);
    std::printf("%s\n", QJsonDocument(phases.report()).toJson(QJsonDocument::Compact).constData());
    return status;
}
