// SPDX-License-Identifier: MIT
#include "engine/installoutcome.h"

#include "plan/installplan.h"

namespace Entracte {

static QStringList backupsIn(const InstallPlan &plan)
{
    QStringList backups;
    for (const Operation &operation : plan.operations)
        if (const auto *backup = std::get_if<BackUpFile>(&operation))
            backups.append(plan.targetDirectory + u'/' + plan.of(*backup).backupPath);
    return backups;
}

QString InstallOutcome::advice() const
{
    switch (advisedLevel) {
    case RestartLevel::None:
    case RestartLevel::Application:
        break;
    case RestartLevel::Session:
        return Conclusion::tr("Log out and in again, so that the new version is used "
                              "everywhere.",
                              "outcome");
    case RestartLevel::SoftReboot:
    case RestartLevel::Reboot:
        return Conclusion::tr("Restart the computer, so that the new version is used "
                              "everywhere.",
                              "outcome");
    }
    return {};
}

QString usesOldVersion(const AffectedApplication &application)
{
    switch (application.requiredLevel) {
    case RestartLevel::None:
    case RestartLevel::Application:
        break;
    case RestartLevel::Session:
        return Conclusion::tr("%1 uses the old version for as long as you are logged in.",
                              "outcome: an application")
            .arg(application.name);
    case RestartLevel::SoftReboot:
    case RestartLevel::Reboot:
        return Conclusion::tr("%1 uses the old version for as long as the computer runs.",
                              "outcome: an application")
            .arg(application.name);
    }
    return Conclusion::tr("%1 uses the old version until it is closed.", "outcome: an application")
        .arg(application.name);
}

Conclusion::Conclusion(const Product &product, InstallOutcome happened)
    : m_product(product)
    , m_happened(std::move(happened))
{
}

InstallOutcome Conclusion::failed(const Error &error) const
{
    InstallOutcome outcome = m_happened;
    outcome.message = error.message;
    outcome.keptOldVersion.clear();
    outcome.advisedLevel = RestartLevel::None;
    outcome.exitCode = exitCodeFor(error.code);
    const bool somebodyWasClosed = !outcome.reopened.isEmpty() || !outcome.notReopened.isEmpty();
    if (error.code == ErrorCode::Cancelled && somebodyWasClosed)
        outcome.exitCode = ExitCode::CancelledRolledBack;
    return outcome;
}

InstallOutcome Conclusion::deferred(const QList<AffectedApplication> &inTheWay) const
{
    InstallOutcome outcome = m_happened;
    outcome.advisedLevel = RestartLevel::None;
    outcome.message = tr("Version %1 of %2 will be put in place when its files are no longer in "
                         "use by %3, or at the next start.",
                         "outcome; %3: applications")
                          .arg(m_product.version.toString(), m_product.name, namesOf(inTheWay));
    outcome.exitCode =
        outcome.notReopened.isEmpty() ? ExitCode::Deferred : ExitCode::DoneSomeNotReopened;
    return outcome;
}

InstallOutcome Conclusion::succeeded(const InstallPlan &plan) const
{
    InstallOutcome outcome = m_happened;
    outcome.backups = backupsIn(plan);
    outcome.message = plan.isUpdate ? tr("%1 was updated to version %2.", "outcome")
                                    : tr("%1 %2 was installed.", "outcome");
    outcome.message = outcome.message.arg(m_product.name, m_product.version.toString());
    if (!outcome.notReopened.isEmpty())
        outcome.exitCode = ExitCode::DoneSomeNotReopened;
    else if (!outcome.keptOldVersion.isEmpty() || !outcome.advice().isEmpty())
        outcome.exitCode = ExitCode::DoneRestartNeeded;
    return outcome;
}

Error Conclusion::cancelled()
{
    return {ErrorCode::Cancelled,
            tr("The installation was cancelled; nothing was changed.", "outcome")};
}

Error Conclusion::timeIsOver()
{
    return {ErrorCode::FilesInUse,
            tr("The time allowed for closing applications is over; nothing was "
               "changed.",
               "outcome")};
}

Error Conclusion::filesInUse(const QList<AffectedApplication> &inTheWay)
{
    return {ErrorCode::FilesInUse,
            tr("Files that would be replaced are in use by %1; nothing was changed.", "outcome")
                .arg(namesOf(inTheWay))};
}

QStringList Conclusion::keptEdits(const InstallPlan &plan)
{
    QStringList notes;
    for (auto kept = plan.edited.cbegin(); kept != plan.edited.cend(); ++kept) {
        if (kept.key() != kept.value())
            notes.append(tr("The edited file “%1” was kept; the new one is “%2”.", "log")
                             .arg(kept.key(), kept.value()));
    }
    return notes;
}

} // namespace Entracte
