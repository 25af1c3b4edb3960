// SPDX-License-Identifier: MIT
#include "faults/victim.h"

#include "payload/payloadextractor.h"
#include "payload/payloadsurvey.h"
#include "plan/planner.h"
#include "transaction/transaction.h"

#include <QEventLoop>

using namespace Entracte;
using namespace Qt::StringLiterals;

namespace Victim {

namespace {

Manifest manifestOf(const QString &archive, int version, const QString &target)
{
    Manifest manifest;
    manifest.product = {u"org.example.victim"_s, u"Victim"_s, QVersionNumber(version),
                        u"Example Org"_s};
    manifest.targetDirectory = target;
    Component component;
    component.id = u"app"_s;
    component.name = u"Victim"_s;
    component.required = true;
    component.payload = archive;
    manifest.components = {component};
    manifest.editedFiles = {{u"share/kept.*"_s, EditedFilePolicy::Keep, {}}};
    return manifest;
}

/// Stages, commits and closes; takes back what goes wrong.
Outcome play(const std::unique_ptr<PayloadExtractor> &extractor, QString &message)
{
    QEventLoop loop;
    Result<> staged;
    QObject::connect(extractor.get(), &PayloadExtractor::paused, &loop, &QEventLoop::quit);
    QObject::connect(extractor.get(), &Job::finished, &loop, [&](const Result<> &result) {
        staged = result;
        loop.quit();
    });
    extractor->start();
    loop.exec();
    if (!staged) {
        message = staged.error().message;
        return Outcome::NotStaged;
    }

    const std::shared_ptr<Transaction> transaction = extractor->transaction();
    if (const Result<> committed = transaction->commit(); !committed) {
        message = committed.error().message;
        if (committed.error().code == ErrorCode::RollbackIncomplete)
            return Outcome::NotRolledBack;
        if (const Result<> undone = transaction->rollBack(); !undone) {
            message += u' ' + undone.error().message;
            return Outcome::NotRolledBack;
        }
        return Outcome::NotCommitted;
    }
    if (const Result<> closed = transaction->close(); !closed) {
        message = closed.error().message;
        return Outcome::NotClosed;
    }
    return Outcome::Done;
}

} // namespace

Outcome install(const QString &archive, int version, const QString &target, QString &message)
{
    const Manifest manifest = manifestOf(archive, version, target);
    WorkerJob::Context context;
    const Result<PayloadSurvey> survey = PayloadSurvey::take(manifest, target, context);
    if (!survey) {
        message = survey.error().message;
        return Outcome::NotStaged;
    }
    const Result<InstallPlan> plan =
        Planner::plan(manifest, {target, false}, survey->installed, survey->entries);
    if (!plan) {
        message = plan.error().message;
        return Outcome::NotStaged;
    }

    return play(std::make_unique<PayloadExtractor>(*plan, survey->archives), message);
}

Outcome remove(const QString &target, QString &message)
{
    WorkerJob::Context context;
    const Result<PayloadSurvey> survey = PayloadSurvey::take(Manifest(), target, context);
    if (!survey) {
        message = survey.error().message;
        return Outcome::NotStaged;
    }
    const Result<InstallPlan> plan = Planner::planRemoval(target, survey->installed);
    if (!plan) {
        message = plan.error().message;
        return Outcome::NotStaged;
    }
    return play(std::make_unique<PayloadExtractor>(*plan, survey->archives), message);
}

Outcome recover(const QString &target, QString &message)
{
    const Result<> recovered = Transaction::recover(target);
    if (recovered)
        return Outcome::Done;
    message = recovered.error().message;
    return Outcome::NotRecovered;
}

} // namespace Victim
