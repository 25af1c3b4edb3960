// SPDX-License-Identifier: MIT
#include "core/error.h"
#include "engine/exitcode.h"
#include "engine/installoptions.h"
#include "engine/maintenance.h"
#include "engine/silentuidelegate.h"
#include "tools/commands.h"

#include <QDir>
#include <QFileInfo>
#include <QTextStream>

#include <cerrno>
#include <vector>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

static int complain(const QString &sentence)
{
    QTextStream(stderr) << sentence << Qt::endl;
    return static_cast<int>(ExitCode::Usage);
}

/// Beside us when installed (bin and libexec are siblings), in ui/ of a build tree.
static QString stubExecutable()
{
    const QDir here(QCoreApplication::applicationDirPath());
    for (const QString &path :
         {u"../libexec/entracte/entracte-stub"_s, u"../../ui/entracte-stub"_s})
        if (QFileInfo(here, path).isExecutable())
            return here.absoluteFilePath(path);
    return {};
}

static int become(const QString &program, const QStringList &arguments)
{
    std::vector<QByteArray> words{QFile::encodeName(program)};
    for (const QString &argument : arguments)
        words.push_back(argument.toLocal8Bit());
    std::vector<char *> argv;
    for (QByteArray &word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);

    execv(argv.front(), argv.data());
    return complain(Commands::tr("The wizard “%1” could not be started: %2.", "command line error")
                        .arg(program, systemReply(errno)));
}

int Commands::run(const QStringList &arguments, const Guardian::Starter &startGuardian)
{
    if (arguments.isEmpty() || arguments.first().startsWith(u'-'))
        return complain(tr("Say which manifest to run: entracte run MANIFEST [options].",
                           "command line error"));
    const Result<InstallOptions> options = InstallOptions::parse(arguments.mid(1));
    if (!options)
        return complain(options.error().message);
    if (options->showHelp) {
        QTextStream(stdout) << InstallOptions::helpText(u"entracte run MANIFEST"_s);
        return 0;
    }
    if (options->command != InstallOptions::Command::Install)
        return maintain(arguments.first(), *options);
    if (options->silent)
        return installSilently(arguments.first(), *options, startGuardian);

    const QString stub = stubExecutable();
    if (stub.isEmpty())
        return complain(tr("This copy of Entracte was built without the wizard; use --silent.",
                           "command line error"));
    return become(stub,
                  QStringList(QFileInfo(arguments.first()).absoluteFilePath()) + arguments.mid(1));
}

} // namespace Entracte
