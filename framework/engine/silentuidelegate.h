// SPDX-License-Identifier: MIT
#pragma once

#include "engine/installengine.h"
#include "engine/uidelegate.h"

#include <QCoreApplication>
#include <QTextStream>

namespace Entracte {

/// Stands where a person would: the engine applies the policy itself, so there is nothing to ask.
/// It prints one fact per line to \a output (stderr): what will be replaced, who uses it, what was
/// decided, how it ended. --quiet prints nothing but errors.
class SilentUiDelegate : public UiDelegate
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::SilentUiDelegate)

public:
    SilentUiDelegate(const Manifest &manifest, const InstallOptions &options, QTextStream &output);

    QFuture<ReviewDecision> review(const InstallReview &review) override;
    QFuture<FilesInUseAnswer> askFilesInUse(const AffectedApplicationModel &model) override;

    void reportInUse(const AffectedApplicationModel &model);
    /// Something that need not stop anybody.
    void reportNote(const QString &sentence);
    void reportOutcome(const InstallOutcome &outcome);

private:
    void say(const QString &line);
    void complain(const QString &line);

    const Manifest &m_manifest;
    InstallOptions m_options;
    QTextStream &m_output;
};

/// The whole silent mode: reads \a manifestFile, runs the engine in the current event loop and
/// returns the exit status. Needs a QCoreApplication, no display.
int installSilently(const QString &manifestFile, const InstallOptions &options,
                    const Guardian::Starter &startGuardian = {});

} // namespace Entracte
