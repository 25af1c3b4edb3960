// SPDX-License-Identifier: MIT
#include "restart/heldfile.h"
#include "restart/restartsession.h"
#include "tools/applicationjson.h"
#include "tools/commands.h"

#include <QEventLoop>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextStream>

using namespace Qt::StringLiterals;

namespace Entracte {

enum InUseStatus { Free = 0, InUse = 1, Trouble = 2 };

static QString nameLine(const AffectedApplication &application)
{
    return Commands::tr("%1 (process %2, user %3)", "in-use: name, number, login name")
        .arg(application.name)
        .arg(application.process.pid)
        .arg(application.owner);
}

static void printList(QTextStream &out, const AffectedApplication &application)
{
    out << nameLine(application) << '\n';
    for (const HeldFile &file : application.files)
        out << "    " << file.path << '\n';
}

/// Application → processes → how each file is held.
static void printTree(QTextStream &out, const AffectedApplication &application)
{
    out << nameLine(application) << '\n';
    if (!application.reason.isEmpty())
        out << "    " << application.reason << '\n';
    for (const UniqueProcess &process : application.processes) {
        out << "    "
            << (process == application.process
                    ? Commands::tr("process %1, %2", "in-use: number, path of the program")
                          .arg(process.pid)
                          .arg(application.executable)
                    : Commands::tr("process %1", "in-use: number").arg(process.pid))
            << '\n';
        for (const HeldFile &file : application.files)
            if (file.processes.contains(process))
                out << "        " << sentenceFor(file) << '\n';
    }
}

/// What no application stands for.
static void printTheRest(QTextStream &out, const RestartSession &session)
{
    for (const QString &file : session.unattributedFiles())
        out << Commands::tr("“%1” is in use by the system itself, or by a process that cannot be "
                            "inspected.",
                            "in-use result")
                   .arg(file)
            << '\n';
    for (const QString &file : session.ubiquitousFiles())
        out << Commands::tr("“%1” is a library of the system that nearly every program uses. Start "
                            "the session or the computer anew instead of closing them.",
                            "in-use result")
                   .arg(file)
            << '\n';
    if (session.processesNotInspected() > 0)
        out << Commands::tr("%n process(es) of other users could not be inspected.",
                            "in-use result", session.processesNotInspected())
            << '\n';
}

static bool isInUse(const RestartSession &session)
{
    return !session.inTheWay().isEmpty() || !session.unattributedFiles().isEmpty()
        || !session.ubiquitousFiles().isEmpty();
}

static void print(const RestartSession &session, bool asTree)
{
    QTextStream out(stdout);
    const QList<AffectedApplication> applications = session.inTheWay();
    for (const AffectedApplication &application : applications)
        asTree ? printTree(out, application) : printList(out, application);
    if (!isInUse(session))
        out << Commands::tr("Nobody uses these files.", "in-use result") << '\n';
    printTheRest(out, session);
}

static int complain(const QString &sentence)
{
    QTextStream(stderr) << sentence << Qt::endl;
    return Trouble;
}

int Commands::inUse(const QStringList &arguments)
{
    QStringList files = arguments;
    const bool asJson = files.removeAll(u"--json"_s) > 0;
    const bool asTree = files.removeAll(u"--tree"_s) > 0;
    if (files.isEmpty())
        return complain(tr("Say which files: entracte in-use FILE….", "command line error"));
    for (QString &file : files) {
        if (file.startsWith(u'-'))
            return complain(tr("“%1” is not an option of in-use.", "command line error").arg(file));
        if (!QFileInfo::exists(file))
            return complain(tr("The file “%1” does not exist.", "command line error").arg(file));
        file = QFileInfo(file).absoluteFilePath();
    }

    RestartSession session(createRestartBackend(std::make_shared<SystemClock>()));
    if (const Result<> registered = session.registerFiles(files); !registered)
        return complain(registered.error().message);
    Result<> outcome;
    QEventLoop loop;
    const std::unique_ptr<Job> list = session.list();
    QObject::connect(list.get(), &Job::finished, &loop, [&](const Result<> &result) {
        outcome = result;
        loop.quit();
    });
    list->start();
    loop.exec();
    if (!outcome)
        return complain(outcome.error().message);

    if (asJson)
        QTextStream(stdout) << QJsonDocument(toJson(session, session.inTheWay())).toJson();
    else
        print(session, asTree);
    return isInUse(session) ? InUse : Free;
}

} // namespace Entracte
