// SPDX-License-Identifier: MIT
#include "engine/installoptions.h"

#include <QCommandLineParser>
#include <QDir>
#include <QHash>

using namespace Qt::StringLiterals;

namespace Entracte {

/// The options once, for parsing and for --help.
static void describe(QCommandLineParser &parser)
{
    const auto value = [](const char *name) { return QString::fromLatin1(name); };
    parser.addOptions({
        {u"silent"_s,
         InstallOptions::tr("Install without windows; report on the terminal.", "--help")},
        {u"quiet"_s, InstallOptions::tr("As --silent, and report only problems.", "--help")},
        {u"yes"_s, InstallOptions::tr(
                       "Do not ask for confirmation. Says nothing about files in use.", "--help")},
        {u"accept-licenses"_s,
         InstallOptions::tr("Accept the licence without showing it.", "--help")},
        {u"target"_s, InstallOptions::tr("Install into DIR.", "--help"), value("DIR")},
        {u"in-use"_s,
         InstallOptions::tr("What to do about applications that use files to be replaced: ask, "
                            "close, force, skip, defer or fail.",
                            "--help"),
         value("POLICY")},
        {u"in-use-timeout"_s,
         InstallOptions::tr("Cancel if applications are not closed after SECONDS.", "--help"),
         value("SECONDS")},
        {u"service-timeout"_s,
         InstallOptions::tr("Where force is allowed, end a service that has not stopped after "
                            "SECONDS.",
                            "--help"),
         value("SECONDS")},
        {u"no-relaunch"_s, InstallOptions::tr("Leave closed what was closed.", "--help")},
        {u"allow-downgrade"_s,
         InstallOptions::tr("Replace a newer version by this older one.", "--help")},
        {u"log"_s, InstallOptions::tr("Write a log for people to FILE.", "--help"), value("FILE")},
        {u"log-json"_s, InstallOptions::tr("Write a log as JSON lines to FILE.", "--help"),
         value("FILE")},
        {u"json"_s, InstallOptions::tr("With list: print one JSON object.", "--help")},
        {u"verbose"_s, InstallOptions::tr("Report every step.", "--help")},
        {u"language"_s, InstallOptions::tr("Speak the language TAG, for instance fr.", "--help"),
         value("TAG")},
        {u"help"_s, InstallOptions::tr("Show this help.", "--help")},
        {u"version"_s, InstallOptions::tr("Show the version.", "--help")},
    });
}

static Error usage(const QString &sentence)
{
    return {ErrorCode::Usage, sentence};
}

static Result<InstallOptions::Command> commandFrom(const QStringList &words)
{
    using Command = InstallOptions::Command;
    static const QHash<QString, Command> commands{{u"install"_s, Command::Install},
                                                  {u"update"_s, Command::Install},
                                                  {u"list"_s, Command::List},
                                                  {u"recover"_s, Command::Recover},
                                                  {u"cancel"_s, Command::Cancel}};
    if (words.isEmpty())
        return Command::Install;
    if (words.size() == 1 && commands.contains(words.first()))
        return commands.value(words.first());
    return usage(InstallOptions::tr("“%1” is not a command; there are install, update, list, "
                                    "recover and cancel.",
                                    "command line error")
                     .arg(words.last()));
}

static Result<InUsePolicy> policyFrom(const QString &word)
{
    const std::optional<InUsePolicy> policy = inUsePolicyFrom(word);
    if (!policy)
        return usage(
            InstallOptions::tr("“%1” is not one of ask, close, force, skip, defer and fail.",
                               "command line error")
                .arg(word));
    return *policy;
}

static Result<> readSeconds(const QCommandLineParser &parser, const QString &option, int least,
                            std::optional<std::chrono::seconds> &into)
{
    if (!parser.isSet(option))
        return {};
    bool isNumber = false;
    const int seconds = parser.value(option).toInt(&isNumber);
    if (!isNumber || seconds < least)
        return usage(InstallOptions::tr("“%1” is not a number of seconds.", "command line error")
                         .arg(parser.value(option)));
    into = std::chrono::seconds(seconds);
    return {};
}

Result<InstallOptions> InstallOptions::parse(const QStringList &arguments)
{
    QCommandLineParser parser;
    describe(parser);
    if (!parser.parse(QStringList(QString()) + arguments))
        return usage(parser.errorText());
    const Result<Command> command = commandFrom(parser.positionalArguments());
    if (!command)
        return command.error();
    if (parser.isSet(u"json"_s) && *command != Command::List)
        return usage(tr("--json is for list.", "command line error"));

    InstallOptions options;
    options.command = *command;
    options.json = parser.isSet(u"json"_s);
    options.silent = parser.isSet(u"silent"_s) || parser.isSet(u"quiet"_s);
    if (parser.isSet(u"quiet"_s))
        options.verbosity = Verbosity::Quiet;
    else if (parser.isSet(u"verbose"_s))
        options.verbosity = Verbosity::Verbose;
    options.yes = parser.isSet(u"yes"_s);
    options.acceptLicences = parser.isSet(u"accept-licenses"_s);
    options.relaunch = !parser.isSet(u"no-relaunch"_s);
    options.allowDowngrade = parser.isSet(u"allow-downgrade"_s);
    options.logFile = parser.value(u"log"_s);
    options.jsonLogFile = parser.value(u"log-json"_s);
    options.language = parser.value(u"language"_s);
    options.showHelp = parser.isSet(u"help"_s);
    options.showVersion = parser.isSet(u"version"_s);
    if (parser.isSet(u"target"_s))
        options.targetDirectory =
            QDir::cleanPath(QDir::current().absoluteFilePath(parser.value(u"target"_s)));

    if (parser.isSet(u"in-use"_s)) {
        const Result<InUsePolicy> policy = policyFrom(parser.value(u"in-use"_s));
        if (!policy)
            return policy.error();
        options.inUsePolicy = *policy;
    }
    for (const auto &[option, least, limit] :
         {std::tuple{u"in-use-timeout"_s, 0, &options.inUseTimeout},
          std::tuple{u"service-timeout"_s, 1, &options.serviceTimeout}}) {
        const Result<> read = readSeconds(parser, option, least, *limit);
        if (!read)
            return read.error();
    }
    return options;
}

QString InstallOptions::helpText(const QString &programName)
{
    QCommandLineParser parser;
    describe(parser);
    // QCommandLineParser names the running program; the caller may be a command of another one.
    QString text = parser.helpText();
    text.replace(text.indexOf(u':') + 2, text.indexOf(u'\n') - text.indexOf(u':') - 2,
                 programName + u" [install|update|list|recover|cancel] [options]"_s);
    return text
         + tr("\nlist says what is installed and what waits until files are no longer in use; "
              "recover puts right what was interrupted, and puts in place what waits, if it can; "
              "cancel drops what waits.\n",
              "--help")
         + tr("\nExit status: 0 done; 1 failed, rolled back; 2 wrong usage or manifest; 3 cancelled, "
              "nothing changed; 4 cancelled, rolled back; 5 done, something must be restarted to use "
              "it; 6 files in use, nothing changed; 7 files in use, deferred; 8 done, but some applications did not come back; "
              "9 not enough space; 10 verification failed; 11 another installation of this product is "
              "running; 12 downgrade refused; 14 permission denied; 15 failed and rollback "
              "incomplete.\n",
              "--help");
}

InUsePolicy InstallOptions::effectivePolicy(const Manifest &manifest) const
{
    const InUsePolicy policy = inUsePolicy.value_or(manifest.inUsePolicy);
    return silent && policy == InUsePolicy::Ask ? InUsePolicy::Fail : policy;
}

} // namespace Entracte
