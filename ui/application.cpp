// SPDX-License-Identifier: MIT
#include "ui/application.h"

#include "core/translators.h"
#include "engine/installlog.h"
#include "engine/installoptions.h"
#include "engine/maintenance.h"
#include "engine/silentuidelegate.h"
#include "manifest/manifestreader.h"
#include "restart/reopening.h"
#include "ui/installwizard.h"

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <QLoggingCategory>
#include <QMessageBox>
#include <QTextStream>

using namespace Qt::StringLiterals;

namespace Entracte {

struct Application::Private
{
    Guardian::Starter startGuardian;
    std::unique_ptr<QCoreApplication> application;
    Result<InstallOptions> options = InstallOptions();
};

static QStringList wordsOf(int argc, char **argv)
{
    QStringList words;
    for (int i = 1; i < argc; ++i)
        words.append(QString::fromLocal8Bit(argv[i]));
    return words;
}

static bool needsWindows(const Result<InstallOptions> &options)
{
    return options && options->command == InstallOptions::Command::Install && !options->silent
        && !options->showHelp && !options->showVersion;
}

static bool hasDisplay()
{
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY")
        || qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
}

static int complain(const Error &error)
{
    QTextStream(stderr) << error.message << Qt::endl;
    return static_cast<int>(exitCodeFor(error.code));
}

Application::Application(int &argc, char **argv)
    : d(std::make_unique<Private>())
{
    Reopening::takeUp(argc, argv);
    d->startGuardian = Guardian::takeUp(argc, argv);
    d->options = InstallOptions::parse(wordsOf(argc, argv));
    if (needsWindows(d->options) && hasDisplay())
        d->application = std::make_unique<QApplication>(argc, argv);
    else
        d->application = std::make_unique<QCoreApplication>(argc, argv);

    const InstallOptions &options = d->options ? *d->options : InstallOptions();
    installTranslators(options.language);
    if (auto *widgets = qobject_cast<QApplication *>(d->application.get()))
        widgets->setLayoutDirection(QLocale().textDirection());
    if (options.verbosity == InstallOptions::Verbosity::Verbose)
        QLoggingCategory::setFilterRules(u"entracte.*=true"_s);

    // Once more, now that errors speak the right language.
    d->options = InstallOptions::parse(wordsOf(argc, argv));
}

Application::~Application() = default;

int Application::run(const QString &manifestFile, const Customise &customise)
{
    if (!d->options)
        return complain(d->options.error());
    const InstallOptions &options = *d->options;
    const QString manifest =
        QDir(QCoreApplication::applicationDirPath()).absoluteFilePath(manifestFile);

    if (options.showHelp) {
        QTextStream(stdout) << InstallOptions::helpText(
            QFileInfo(QCoreApplication::applicationFilePath()).fileName());
        return 0;
    }
    if (options.showVersion) {
        const Result<Manifest> read = ManifestReader::read(manifest);
        if (!read)
            return complain(read.error());
        QTextStream(stdout) << read->product.name << ' ' << read->product.version.toString()
                            << '\n';
        return 0;
    }
    if (options.command != InstallOptions::Command::Install)
        return maintain(manifest, options);
    if (options.silent)
        return installSilently(manifest, options, d->startGuardian);
    if (!hasDisplay())
        return complain(
            {ErrorCode::Usage, tr("There is no display to show windows on; use --silent to "
                                  "install without them.",
                                  "command line error")});
    return runWizard(manifest, customise);
}

static void showProblem(const Error &error)
{
    auto *box =
        new QMessageBox(QMessageBox::Critical, Application::tr("Installation", "window title"),
                        error.message, QMessageBox::Close);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

int Application::runWizard(const QString &manifestFile, const Customise &customise)
{
    const Result<Manifest> manifest = ManifestReader::read(manifestFile);
    const Result<std::unique_ptr<InstallLog>> log = InstallLog::open(*d->options);
    const std::optional<Error> problem = !manifest ? std::optional(manifest.error())
                                       : !log      ? std::optional(log.error())
                                                   : std::nullopt;
    if (problem) {
        showProblem(*problem);
        QApplication::exec();
        return complain(*problem);
    }

    InstallWizard wizard(*manifest, *d->options, InstallEngine::Ports::real(d->startGuardian));
    (*log)->follow(wizard.engine());
    if (customise)
        customise(wizard);
    wizard.show();
    QApplication::exec();
    return static_cast<int>(wizard.exitCode());
}

} // namespace Entracte
