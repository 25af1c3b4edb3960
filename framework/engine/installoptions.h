// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "manifest/manifest.h"

#include <QCoreApplication>
#include <QStringList>

#include <chrono>
#include <optional>

namespace Entracte {

/// Everything the command line of an installer may choose (design section 7). Values only: the
/// wizard and the silent mode read the same struct.
struct InstallOptions
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::InstallOptions)

public:
    enum class Verbosity { Quiet, Normal, Verbose };

    /// The first word; none is Install, and so is "update". All others ask nobody and need no
    /// windows (maintain()).
    enum class Command {
        Install,
        List,    ///< says what is installed and what waits
        Recover, ///< finishes or undoes what was interrupted; puts in place what waits, if it can
        Cancel,  ///< drops what waits
    };

    Command command = Command::Install;
    bool json = false; ///< List only
    bool silent = false;
    Verbosity verbosity = Verbosity::Normal;
    bool yes = false;
    bool acceptLicences = false;
    QString targetDirectory; ///< absolute; empty: the manifest's
    std::optional<InUsePolicy> inUsePolicy;
    bool relaunch = true;
    std::optional<std::chrono::seconds> inUseTimeout;
    std::optional<std::chrono::seconds> serviceTimeout; ///< Manifest::serviceTimeout, if not said
    bool allowDowngrade = false;
    QString logFile;
    QString jsonLogFile;
    QString language; ///< BCP 47 tag; empty: the environment's
    bool showHelp = false;
    bool showVersion = false;

    /// Reads \a arguments (without the program's name). An unknown option or value is an error of
    /// one sentence with code Usage.
    static Result<InstallOptions> parse(const QStringList &arguments);

    /// The text of --help.
    static QString helpText(const QString &programName);

    /// The policy that applies: the option's, else the manifest's; in silent mode Ask means Fail.
    InUsePolicy effectivePolicy(const Manifest &manifest) const;
};

} // namespace Entracte
