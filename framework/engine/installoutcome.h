// SPDX-License-Identifier: MIT
#pragma once

#include "engine/exitcode.h"
#include "engine/installerchain.h"
#include "manifest/manifest.h"
#include "restart/affectedapplication.h"
#include "restart/restartbackend.h"

#include <QCoreApplication>
#include <QList>
#include <QStringList>

namespace Entracte {

struct InstallPlan;

/// How an installation ended, for the finished page, the log and the exit status.
struct InstallOutcome
{
    ExitCode exitCode = ExitCode::Done;
    QString message;                        ///< one sentence; the error's, or what was achieved
    QList<AffectedApplication> reopened;    ///< came back
    QList<AffectedApplication> notReopened; ///< closed by us, did not come back; reason set
    QList<AffectedApplication>
        keptOldVersion;            ///< still run the old version (ContinueWithoutClosing)
    QList<ChainedOutcome> chained; ///< the other installers of this installation
    QStringList backups;           ///< foreign or edited files that were kept, new names
    RebootReasons rebootReasons;   ///< why closing applications was not enough
    /// What is to be started anew, beyond single applications, before nobody uses old files.
    RestartLevel advisedLevel = RestartLevel::None;

    /// advisedLevel for a person: one sentence; empty if no more than applications need it.
    QString advice() const;
};

/// Until when \a application, which was not closed, uses the old version: one sentence.
QString usesOldVersion(const AffectedApplication &application);

/// Says in a sentence and a number how an installation ends. What happened on the way is in the
/// outcome already: each of the three ends it in one way. Values in, values out; to be called once
/// everybody is back who will come back.
class Conclusion
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Conclusion)

public:
    Conclusion(const Product &product, InstallOutcome happened);

    InstallOutcome failed(const Error &error) const;
    /// \a inTheWay: those that the new version waits for.
    InstallOutcome deferred(const QList<AffectedApplication> &inTheWay) const;
    InstallOutcome succeeded(const InstallPlan &plan) const;

    /// The errors that are no mishap: a person or a policy wanted it so.
    static Error cancelled();
    static Error timeIsOver();
    static Error filesInUse(const QList<AffectedApplication> &inTheWay);

    /// One sentence for the log for each edited file of \a plan beside which the new one lies.
    static QStringList keptEdits(const InstallPlan &plan);

private:
    Product m_product;
    InstallOutcome m_happened;
};

} // namespace Entracte
