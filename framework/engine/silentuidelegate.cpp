// SPDX-License-Identifier: MIT
#include "engine/silentuidelegate.h"

#include "engine/installlog.h"
#include "manifest/manifestreader.h"
#include "restart/affectedapplicationmodel.h"

#include <QEventLoop>

#include <cstdio>

namespace Entracte {

SilentUiDelegate::SilentUiDelegate(const Manifest &manifest, const InstallOptions &options,
                                   QTextStream &output)
    : m_manifest(manifest)
    , m_options(options)
    , m_output(output)
{
}

QFuture<ReviewDecision> SilentUiDelegate::review(const InstallReview &review)
{
    const QString version = m_manifest.product.version.toString();
    say(review.plan.isUpdate
            ? tr("Updating %1 in %2 to version %3.", "silent mode")
                  .arg(m_manifest.product.name, review.plan.targetDirectory, version)
            : tr("Installing %1 %2 in %3.", "silent mode")
                  .arg(m_manifest.product.name, version, review.plan.targetDirectory));
    return QtFuture::makeReadyFuture(ReviewDecision::Install);
}

QFuture<FilesInUseAnswer> SilentUiDelegate::askFilesInUse(const AffectedApplicationModel &)
{
    return QtFuture::makeReadyFuture(FilesInUseAnswer{FilesInUseDecision::Cancel, {}, true});
}

void SilentUiDelegate::reportInUse(const AffectedApplicationModel &model)
{
    for (int row = 0; row < model.rowCount(); ++row) {
        const AffectedApplication &application = model.application(row);
        say(tr("%1 (process %2) uses files that will be replaced.", "silent mode")
                .arg(application.name)
                .arg(application.process.pid));
    }
}

void SilentUiDelegate::reportNote(const QString &sentence)
{
    say(sentence);
}

void SilentUiDelegate::reportOutcome(const InstallOutcome &outcome)
{
    for (const AffectedApplication &application : outcome.reopened)
        say(tr("%1 is open again.", "silent mode").arg(application.name));
    for (const AffectedApplication &application : outcome.notReopened)
        complain(tr("%1 could not be opened again: %2", "silent mode")
                     .arg(application.name, application.reason));
    for (const AffectedApplication &application : outcome.keptOldVersion)
        say(usesOldVersion(application));
    if (const QString advice = outcome.advice(); !advice.isEmpty())
        say(advice);
    for (const ChainedOutcome &chained : outcome.chained)
        chained.isInstalled() ? say(tr("%1 was installed.", "silent mode").arg(chained.name))
                              : complain(chained.problem);
    for (const QString &backup : outcome.backups)
        say(tr("A file that did not belong to the old version was kept as “%1”.", "silent mode")
                .arg(backup));

    const bool isDone = outcome.exitCode == ExitCode::Done;
    const QString line = tr("%1 (%2: %3)", "silent mode: outcome, exit status, its name")
                             .arg(outcome.message)
                             .arg(static_cast<int>(outcome.exitCode))
                             .arg(QLatin1StringView(symbolicName(outcome.exitCode)));
    isDone ? say(line) : complain(line);
}

void SilentUiDelegate::say(const QString &line)
{
    if (m_options.verbosity != InstallOptions::Verbosity::Quiet)
        complain(line);
}

void SilentUiDelegate::complain(const QString &line)
{
    m_output << line << Qt::endl;
}

static std::optional<Error> refusal(const Manifest &manifest, const InstallOptions &options)
{
    if (!manifest.branding.licence.isEmpty() && !options.acceptLicences)
        return Error{ErrorCode::Usage,
                     SilentUiDelegate::tr("A silent installation of %1 needs --accept-licenses.",
                                          "silent mode")
                         .arg(manifest.product.name)};
    return std::nullopt;
}

int installSilently(const QString &manifestFile, const InstallOptions &options,
                    const Guardian::Starter &startGuardian)
{
    QTextStream output(stderr);
    const Result<Manifest> manifest = ManifestReader::read(manifestFile);
    if (!manifest) {
        output << manifest.error().message << Qt::endl;
        return static_cast<int>(exitCodeFor(manifest.error().code));
    }
    if (const std::optional<Error> refused = refusal(*manifest, options)) {
        output << refused->message << Qt::endl;
        return static_cast<int>(exitCodeFor(refused->code));
    }

    const Result<std::unique_ptr<InstallLog>> log = InstallLog::open(options);
    if (!log) {
        output << log.error().message << Qt::endl;
        return static_cast<int>(exitCodeFor(log.error().code));
    }

    SilentUiDelegate delegate(*manifest, options, output);
    InstallEngine engine(*manifest, delegate, InstallEngine::Ports::real(startGuardian));
    (*log)->follow(engine);
    QEventLoop loop;
    QObject::connect(&engine, &InstallEngine::stateChanged, &engine,
                     [&](InstallEngine::State state) {
                         if (state == InstallEngine::State::ShuttingDown)
                             delegate.reportInUse(engine.affectedApplications());
                     });
    QObject::connect(&engine, &InstallEngine::noted, &engine,
                     [&](const QString &sentence) { delegate.reportNote(sentence); });
    QObject::connect(&engine, &InstallEngine::finished, &loop, &QEventLoop::quit,
                     Qt::QueuedConnection);
    engine.start(options);
    loop.exec();

    delegate.reportOutcome(engine.outcome());
    return static_cast<int>(engine.outcome().exitCode);
}

} // namespace Entracte
