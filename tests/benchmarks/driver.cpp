// SPDX-License-Identifier: MIT
#include "benchmarks/driver.h"

#include "core/workerjob.h"
#include "manifest/manifest.h"
#include "plan/planner.h"
#include "transaction/transaction.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QTextStream>

#include <algorithm>

using namespace Entracte;
using namespace Qt::StringLiterals;

namespace Driver {

namespace {

enum Status { Done = 0, Failed = 1, Usage = 2 };

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

int printUsage(std::span<const Verb> verbs)
{
    QTextStream err(stderr);
    err << "usage: VERB ARGUMENT… [--no-digest] [--no-sync]\n";
    for (const Verb &verb : verbs)
        err << "  " << verb.help << '\n';
    return Usage;
}

} // namespace

Result<Task> prepare(const QString &archive, const QString &target, const QVersionNumber &version,
                     Phases &phases)
{
    const QString directory = QFileInfo(target).absoluteFilePath();
    const Manifest manifest = manifestFor(archive, directory, version);
    WorkerJob::Context context;
    Result<PayloadSurvey> survey = PayloadSurvey::take(manifest, directory, context);
    if (!survey)
        return survey.error();
    phases.end(u"survey"_s);

    Result<InstallPlan> plan =
        Planner::plan(manifest, {directory, false}, survey->installed, survey->entries);
    if (!plan)
        return plan.error();
    phases.end(u"plan"_s);
    return Task{*std::move(survey), *std::move(plan)};
}

std::unique_ptr<PayloadExtractor> makeExtractor(const Task &task, const Switches &switches)
{
    auto extractor = std::make_unique<PayloadExtractor>(task.plan, task.survey.archives);
    PayloadExtractor::Measuring measuring;
    if (!switches.digest)
        measuring.verification = EntryReader::Verification::Crc;
    if (!switches.sync)
        measuring.durability = Transaction::Durability::LeftToTheSystem;
    extractor->setMeasuring(measuring);
    return extractor;
}

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

int run(int argc, char *argv[], std::span<const Verb> verbs)
{
    QCoreApplication app(argc, argv);
    QStringList arguments = QCoreApplication::arguments().mid(1);
    Switches switches;
    switches.digest = arguments.removeAll(u"--no-digest"_s) == 0;
    switches.sync = arguments.removeAll(u"--no-sync"_s) == 0;

    const auto verb = std::find_if(verbs.begin(), verbs.end(), [&](const Verb &known) {
        return known.name == arguments.value(0);
    });
    if (verb == verbs.end() || arguments.size() - 1 != verb->arguments)
        return printUsage(verbs);

    Outcome outcome = verb->perform(arguments.mid(1), switches);
    if (!outcome) {
        QTextStream(stderr) << outcome.error().message << '\n';
        return Failed;
    }
    outcome->insert(u"peakResident"_s, peakResident());
    QTextStream(stdout) << QJsonDocument(*outcome).toJson(QJsonDocument::Compact) << '\n';
    return Done;
}

} // namespace Driver
