// SPDX-License-Identifier: MIT
// payloaddriver VERB ARGUMENT… [--no-digest] [--no-sync]
//
// Does one thing that an installer does to its payload, and prints one line of JSON: the
// microseconds of each phase, and "peakResident", the most kilobytes that were ever resident.
// Status 0: done. 1: failed, with a sentence on stderr. 2: wrong usage. 3: not possible with this
// framework yet, and the line is {"unavailable": "why"}.
#include "core/result.h"
#include "core/workerjob.h"
#include "manifest/manifest.h"
#include "payload/payloadextractor.h"
#include "payload/payloadsurvey.h"
#include "payload/payloadwriter.h"
#include "plan/planner.h"
#include "restart/restartbackend.h"
#include "transaction/transaction.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextStream>
#include <QVersionNumber>

#include <algorithm>
#include <iterator>
#include <memory>

using namespace Entracte;
using namespace Qt::StringLiterals;

namespace {

enum Status { Done = 0, Failed = 1, Usage = 2, Unavailable = 3 };

/// What is left out, so that the price of it can be measured.
struct Switches
{
    bool digest = true; ///< SHA-256 of every file, beside its CRC
    bool sync = true;   ///< wait until the disk has it
};

/// What a verb came to: its phases, or why there are none.
struct Outcome
{
    QJsonObject phases;
    QString unavailable;
};

/// Times one phase after the other.
class Phases
{
public:
    Phases() { m_timer.start(); }

    void end(const QString &name)
    {
        m_phases.insert(name, m_timer.nsecsElapsed() / 1000);
        m_timer.start();
    }

    Outcome outcome() const { return {m_phases, {}}; }

private:
    QElapsedTimer m_timer;
    QJsonObject m_phases;
};

// --- the one place where the switches meet the framework --------------------------------------

std::unique_ptr<PayloadExtractor>
makeExtractor(const InstallPlan &plan, const PayloadSurvey &survey, const Switches &switches)
{
    auto extractor = std::make_unique<PayloadExtractor>(plan, survey.archives);
    PayloadExtractor::Measuring measuring;
    if (!switches.digest)
        measuring.verification = EntryReader::Verification::Crc;
    if (!switches.sync)
        measuring.durability = Transaction::Durability::LeftToTheSystem;
    extractor->setMeasuring(measuring);
    return extractor;
}

// --- install, update ---------------------------------------------------------------------------

Manifest manifestFor(const QString &archive, const QString &target, const QVersionNumber &version)
{
    Manifest manifest;
    manifest.product = {u"org.example.benchmark"_s, u"Benchmark"_s, version, u"Example Org"_s};
    manifest.targetDirectory = target;
    Component component;
    component.id = u"app"_s;
    component.required = true;
    component.payload = QFileInfo(archive).absoluteFilePath();
    manifest.components = {component};
    return manifest;
}

/// Returns when everything is staged, or why it is not.
Result<> stage(PayloadExtractor &extractor)
{
    Result<> result;
    QEventLoop loop;
    QObject::connect(&extractor, &PayloadExtractor::paused, &loop, &QEventLoop::quit);
    QObject::connect(&extractor, &Job::finished, &loop, [&](const Result<> &finished) {
        result = finished;
        loop.quit();
    });
    extractor.start();
    loop.exec();
    return result;
}

/// The last three phases.
Result<Outcome> perform(const std::unique_ptr<PayloadExtractor> &extractor, Phases &phases)
{
    if (const Result<> staged = stage(*extractor); !staged)
        return staged.error();
    phases.end(u"stage"_s);

    if (const Result<> committed = extractor->transaction()->commit(); !committed)
        return committed.error();
    phases.end(u"commit"_s);

    if (const Result<> closed = extractor->transaction()->close(); !closed)
        return closed.error();
    phases.end(u"close"_s);
    return phases.outcome();
}

/// The whole road of one version into a target.
Result<Outcome> place(const QString &archive, const QString &target, const QVersionNumber &version,
                      const Switches &switches)
{
    const QString directory = QFileInfo(target).absoluteFilePath();
    const Manifest manifest = manifestFor(archive, directory, version);
    Phases phases;

    WorkerJob::Context context;
    const Result<PayloadSurvey> survey = PayloadSurvey::take(manifest, directory, context);
    if (!survey)
        return survey.error();
    phases.end(u"survey"_s);

    const Result<InstallPlan> plan =
        Planner::plan(manifest, {directory, false}, survey->installed, survey->entries);
    if (!plan)
        return plan.error();
    phases.end(u"plan"_s);

    return perform(makeExtractor(*plan, *survey, switches), phases);
}

// --- the verbs ---------------------------------------------------------------------------------

Result<Outcome> install(const QStringList &arguments, const Switches &switches)
{
    return place(arguments[0], arguments[1], QVersionNumber(1, 0), switches);
}

Result<Outcome> update(const QStringList &arguments, const Switches &switches)
{
    return place(arguments[0], arguments[1], QVersionNumber(2, 0), switches);
}

Result<Outcome> remove(const QStringList &arguments, const Switches &switches)
{
    const QString directory = QFileInfo(arguments[0]).absoluteFilePath();
    Phases phases;

    WorkerJob::Context context;
    const Result<InstalledProduct> installed = PayloadSurvey::takeInstalled(directory, context);
    if (!installed)
        return installed.error();
    phases.end(u"survey"_s);

    const Result<InstallPlan> plan = Planner::planRemoval(directory, *installed);
    if (!plan)
        return plan.error();
    phases.end(u"plan"_s);
    return perform(makeExtractor(*plan, {}, switches), phases);
}

Result<Outcome> pack(const QStringList &arguments, const Switches &)
{
    Phases phases;
    WorkerJob::Context context;
    const Result<PayloadWriter> writer = PayloadWriter::open(arguments[0]);
    if (!writer)
        return writer.error();
    const Result<PayloadWriter::Summary> packed = writer->write(arguments[1], {}, context);
    if (!packed)
        return packed.error();
    phases.end(u"pack"_s);
    return phases.outcome();
}

/// What lies between the last application's end and the first one's start: the last look at every
/// registered file, and the swap.
Result<Outcome> gap(const QStringList &arguments, const Switches &switches)
{
    const QString directory = QFileInfo(arguments[1]).absoluteFilePath();
    const Manifest manifest = manifestFor(arguments[0], directory, QVersionNumber(2, 0));
    WorkerJob::Context context;
    const Result<PayloadSurvey> survey = PayloadSurvey::take(manifest, directory, context);
    if (!survey)
        return survey.error();
    const Result<InstallPlan> plan =
        Planner::plan(manifest, {directory, false}, survey->installed, survey->entries);
    if (!plan)
        return plan.error();
    QStringList registered;
    for (const PayloadEntry &entry : survey->entries) {
        if (entry.kind == EntryKind::File && registered.size() < arguments[2].toInt())
            registered.append(directory + u'/' + entry.path);
    }
    if (registered.size() < arguments[2].toInt())
        return Error{ErrorCode::Usage, u"The archive has fewer files than that."_s};
    const std::unique_ptr<RestartBackend> backend =
        createRestartBackend(std::make_shared<SystemClock>());
    const std::unique_ptr<PayloadExtractor> extractor = makeExtractor(*plan, *survey, switches);
    if (const Result<> staged = stage(*extractor); !staged)
        return staged.error();

    Phases phases;
    QElapsedTimer whole;
    whole.start();
    if (backend->probe(registered) != RestartBackend::Occupancy::Free)
        return Error{ErrorCode::Failed, u"Somebody uses the files, or the volume does not tell."_s};
    phases.end(u"probe"_s);
    if (const Result<> committed = extractor->transaction()->commit(); !committed)
        return committed.error();
    phases.end(u"exchange"_s);
    Outcome outcome = phases.outcome();
    outcome.phases.insert(u"total"_s, whole.nsecsElapsed() / 1000);
    if (const Result<> closed = extractor->transaction()->close(); !closed)
        return closed.error();
    return outcome;
}

struct Verb
{
    QLatin1StringView name;
    qsizetype arguments;
    Result<Outcome> (*perform)(const QStringList &, const Switches &);
    const char *help;
};

constexpr Verb verbs[] = {
    {"install"_L1, 2, install, "install ARCHIVE TARGET    survey, plan, stage, commit, close"},
    {"update"_L1, 2, update, "update ARCHIVE TARGET     the same over an installed version"},
    {"remove"_L1, 1, remove, "remove TARGET             survey, plan, stage, commit, close"},
    {"pack"_L1, 2, pack, "pack FOLDER ARCHIVE       pack"},
    {"gap"_L1, 3, gap,
     "gap ARCHIVE TARGET FILES  probe, exchange, total: nobody runs from the last application's "
     "end to the first one's start, with FILES registered"},
};

int printUsage()
{
    QTextStream err(stderr);
    err << "usage: payloaddriver VERB ARGUMENT… [--no-digest] [--no-sync]\n";
    for (const Verb &verb : verbs)
        err << "  " << verb.help << '\n';
    return Usage;
}

/// VmHWM of this process, in kilobytes: mapped files included, so no less than what it allocated.
qint64 peakResident()
{
    QFile status(u"/proc/self/status"_s);
    if (!status.open(QIODevice::ReadOnly))
        return -1;
    for (const QByteArray &line : status.readAll().split('\n'))
        if (line.startsWith("VmHWM:"))
            return line.mid(6).chopped(2).trimmed().toLongLong();
    return -1;
}

void print(const QJsonObject &object)
{
    QTextStream(stdout) << QJsonDocument(object).toJson(QJsonDocument::Compact) << '\n';
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    QStringList arguments = QCoreApplication::arguments().mid(1);
    Switches switches;
    switches.digest = arguments.removeAll(u"--no-digest"_s) == 0;
    switches.sync = arguments.removeAll(u"--no-sync"_s) == 0;

    const auto *verb = std::find_if(std::begin(verbs), std::end(verbs), [&](const Verb &known) {
        return known.name == arguments.value(0);
    });
    if (verb == std::end(verbs) || arguments.size() - 1 != verb->arguments)
        return printUsage();

    Result<Outcome> outcome = verb->perform(arguments.mid(1), switches);
    if (!outcome) {
        QTextStream(stderr) << outcome.error().message << '\n';
        return Failed;
    }
    if (!outcome->unavailable.isEmpty()) {
        print({{u"unavailable"_s, outcome->unavailable}});
        return Unavailable;
    }
    outcome->phases.insert(u"peakResident"_s, peakResident());
    print(outcome->phases);
    return Done;
}
