// SPDX-License-Identifier: MIT
#include "restart/affectedapplicationmodel.h"
#include "restart/restartsession.h"
#include "tools/applicationjson.h"
#include "tools/commands.h"

#include <QEventLoop>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTextStream>

using namespace Qt::StringLiterals;

namespace Entracte {

enum InUseStatus { Free = 0, InUse = 1, Trouble = 2 };

static void print(const RestartSession &session)
{
    QTextStream out(stdout);
    const QList<AffectedApplication> applications = session.inTheWay();
    for (const AffectedApplication &application : applications) {
        out << Commands::tr("%1 (process %2, user %3)", "in-use: name, number, login name")
                   .arg(application.name)
                   .arg(application.process.pid)
                   .arg(application.owner)
            << '\n';
        for (const HeldFile &file : application.files)
            out << "    " << file.path << '\n';
    }
    for (const QString &file : session.ubiquitousFiles())
        out << Commands::tr("“%1” is a library of the system that nearly every program uses. Start "
                            "the session or the computer anew instead of closing them.",
                            "in-use result")
                   .arg(file)
            << '\n';
    if (applications.isEmpty() && session.ubiquitousFiles().isEmpty())
        out << Commands::tr("Nobody uses these files.", "in-use result") << '\n';
    if (session.processesNotInspected() > 0)
        out << Commands::tr("%n process(es) of other users could not be inspected.",
                            "in-use result", session.processesNotInspected())
            << '\n';
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

    if (asJson) {
        QJsonArray applications;
        for (const AffectedApplication &application : session.inTheWay())
            applications.append(toJson(application));
        QTextStream(stdout) << QJsonDocument(applications).toJson();
    } else {
        print(session);
    }
    return session.isClear() && session.ubiquitousFiles().isEmpty() ? Free : InUse;
}

} // namespace Entracte
