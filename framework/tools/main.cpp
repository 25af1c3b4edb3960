// SPDX-License-Identifier: MIT
#include "core/translators.h"
#include "engine/exitcode.h"
#include "restart/reopening.h"
#include "tools/commands.h"

#include <QTextStream>

using namespace Entracte;
using namespace Qt::StringLiterals;

static QString helpText()
{
    return Commands::tr(
        "Usage: entracte COMMAND\n\n"
        "  run MANIFEST [options]   install straight from an unpacked folder\n"
        "  lint MANIFEST            find every mistake in a manifest\n"
        "  pack FOLDER -o ARCHIVE   make a payload of a folder\n"
        "  in-use FILE… [--json | --tree]\n"
        "                           who uses these files or folders, by application\n"
        "  ask PID [--json]         what closing this program would meet\n"
        "  session VERB …           the restart manager for scripts\n\n"
        "entracte run MANIFEST --help lists the options of an installer.\n",
        "--help");
}

/// The tool speaks the environment's language unless an option of the command names another.
static QString requestedLanguage(const QStringList &arguments)
{
    const qsizetype option = arguments.indexOf(u"--language"_s);
    if (option >= 0)
        return arguments.value(option + 1);
    for (const QString &argument : arguments)
        if (argument.startsWith(u"--language="_s))
            return argument.section(u'=', 1);
    return {};
}

int main(int argc, char *argv[])
{
    Reopening::takeUp(argc, argv);
    const Guardian::Starter startGuardian = Guardian::takeUp(argc, argv);
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationName(u"entracte"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(ENTRACTE_VERSION));
    const QStringList arguments = QCoreApplication::arguments().mid(1);
    installTranslators(requestedLanguage(arguments));

    const QString command = arguments.value(0);
    if (command == "run"_L1)
        return Commands::run(arguments.mid(1), startGuardian);
    if (command == "lint"_L1)
        return Commands::lint(arguments.mid(1));
    if (command == "pack"_L1)
        return Commands::pack(arguments.mid(1));
    if (command == "in-use"_L1)
        return Commands::inUse(arguments.mid(1));
    if (command == "ask"_L1)
        return Commands::ask(arguments.mid(1));
    if (command == "session"_L1)
        return Commands::session(arguments.mid(1));
    if (command == "--version"_L1) {
        QTextStream(stdout) << "entracte " << QCoreApplication::applicationVersion() << Qt::endl;
        return 0;
    }
    const bool askedForHelp = command == "--help"_L1;
    QTextStream(askedForHelp ? stdout : stderr) << helpText();
    return static_cast<int>(askedForHelp ? ExitCode::Done : ExitCode::Usage);
}
