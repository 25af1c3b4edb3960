// SPDX-License-Identifier: MIT
// Does one thing that an installer does to its payload: see driver.h. Nothing else is linked, as
// its start is measured too.
#include "benchmarks/driver.h"

#include "core/workerjob.h"
#include "payload/payloadwriter.h"
#include "plan/planner.h"
#include "transaction/transaction.h"

#include <QFileInfo>

using namespace Entracte;
using namespace Driver;
using namespace Qt::StringLiterals;

namespace {

/// The last three phases.
Outcome perform(const Task &task, const Switches &switches, Phases &phases)
{
    const std::unique_ptr<PayloadExtractor> extractor = makeExtractor(task, switches);
    if (const Result<> staged = stage(*extractor); !staged)
        return staged.error();
    phases.end(u"stage"_s);

    if (const Result<> committed = extractor->transaction()->commit(); !committed)
        return committed.error();
    phases.end(u"commit"_s);

    if (const Result<> closed = extractor->transaction()->close(); !closed)
        return closed.error();
    phases.end(u"close"_s);
    return phases.all();
}

Outcome place(const QStringList &arguments, const QVersionNumber &version, const Switches &switches)
{
    Phases phases;
    const Result<Task> task = prepare(arguments[0], arguments[1], version, phases);
    return task ? perform(*task, switches, phases) : Outcome(task.error());
}

Outcome install(const QStringList &arguments, const Switches &switches)
{
    return place(arguments, QVersionNumber(1, 0), switches);
}

Outcome update(const QStringList &arguments, const Switches &switches)
{
    return place(arguments, QVersionNumber(2, 0), switches);
}

Outcome remove(const QStringList &arguments, const Switches &switches)
{
    const QString directory = QFileInfo(arguments[0]).absoluteFilePath();
    Phases phases;
    WorkerJob::Context context;
    const Result<InstalledProduct> installed = PayloadSurvey::takeInstalled(directory, context);
    if (!installed)
        return installed.error();
    phases.end(u"survey"_s);

    Result<InstallPlan> plan = Planner::planRemoval(directory, *installed);
    if (!plan)
        return plan.error();
    phases.end(u"plan"_s);
    return perform({{}, *std::move(plan)}, switches, phases);
}

Outcome pack(const QStringList &arguments, const Switches &)
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
    return phases.all();
}

constexpr Verb verbs[] = {
    {"install"_L1, 2, install, "install ARCHIVE TARGET    survey, plan, stage, commit, close"},
    {"update"_L1, 2, update, "update ARCHIVE TARGET     the same over an installed version"},
    {"remove"_L1, 1, remove, "remove TARGET             survey, plan, stage, commit, close"},
    {"pack"_L1, 2, pack, "pack FOLDER ARCHIVE       pack"},
};

} // namespace

int main(int argc, char *argv[])
{
    return run(argc, argv, verbs);
}
