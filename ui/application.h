// SPDX-License-Identifier: MIT
#pragma once

#include <QCoreApplication>

#include <functional>
#include <memory>

namespace Entracte {

class InstallWizard;

/// A whole installer in two lines:
///
///     Entracte::Application app(argc, argv);
///     return app.run(QStringLiteral("manifest.json"));
///
/// To be made first in main(): the same executable also serves as its own guardian
/// (guardian/guardian.h), and as what opens applications again after a restart
/// (restart/reopening.h). Reads the command line of design section 7, chooses between wizard and
/// silent mode, loads the languages, shows what is wrong. Silent mode, --help and --version need no
/// display.
class Application
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::Application)

public:
    /// \a argc and \a argv must outlive the object, as with QApplication.
    Application(int &argc, char **argv);
    ~Application();

    /// Called with the wizard before it is shown: the place to add pages of your own.
    using Customise = std::function<void(InstallWizard &)>;

    /// Runs the installer of \a manifestFile (relative names start at the executable's folder) and
    /// returns the exit status.
    int run(const QString &manifestFile, const Customise &customise = {});

private:
    int runWizard(const QString &manifestFile, const Customise &customise);

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace Entracte
