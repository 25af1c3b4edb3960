// SPDX-License-Identifier: MIT
#include "restart/eventlog.h"
#include "restart/sessionconnection.h"
#include "restart/sessionmember.h"
#include "restart/sessionrecovery.h"
#include "restart/sessionserver.h"
#include "tools/applicationjson.h"
#include "tools/commands.h"
#include "tools/sessionholder.h"

#include <QCborMap>
#include <QDir>
#include <QEventLoop>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTextStream>

#include <algorithm>
#include <optional>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

using Operation = SessionMessage::Operation;

constexpr char tokenVariable[] = "ENTRACTE_SESSION_TOKEN";

enum SessionStatus { Done = 0, NotDone = 1, Wrong = 2 };

int complain(const QString &sentence)
{
    QTextStream(stderr) << sentence << Qt::endl;
    return Wrong;
}

/// What follows `session VERB`.
struct Words
{
    QStringList rest;

    bool takeFlag(const QString &flag) { return rest.removeAll(flag) > 0; }

    /// The value of every "\a option VALUE".
    QStringList takeValues(const QString &option)
    {
        QStringList values;
        for (qsizetype at; (at = rest.indexOf(option)) >= 0;) {
            values.append(rest.value(at + 1));
            rest.remove(at, std::min<qsizetype>(2, rest.size() - at));
        }
        return values;
    }

    /// An option that nobody took.
    QString stray() const
    {
        for (const QString &word : rest)
            if (word.startsWith(u"--"_s))
                return word;
        return {};
    }
};

QString sessionKey()
{
    return qEnvironmentVariable(SessionMember::keyVariable);
}

QString sessionToken()
{
    return qEnvironmentVariable(tokenVariable);
}

/// PID, or PID:STARTTIME.
std::optional<UniqueProcess> processFrom(const QString &text)
{
    bool isPid = false;
    bool isTime = true;
    const qint64 pid = text.section(u':', 0, 0).toLongLong(&isPid);
    UniqueProcess process = uniqueProcess(pid);
    if (text.contains(u':'))
        process.startTime = text.section(u':', 1).toULongLong(&isTime);
    return isPid && isTime && pid > 0 ? std::optional(process) : std::nullopt;
}

/// Prints the documented result: for people "351 ERROR_FAIL_SHUTDOWN Some applications …", for
/// programs one JSON object with whatever else the answer holds.
int print(const SessionMessage &reply, bool asJson)
{
    QTextStream out(stdout);
    QJsonObject object = reply.body.toMap().toJsonObject();
    if (asJson) {
        object.insert(u"code"_s, int(reply.code));
        object.insert(u"result"_s, nameOf(reply.code));
        object.insert(u"text"_s, reply.text);
        out << QJsonDocument(object).toJson();
    } else {
        for (const QJsonValue application : object.value(u"applications"_s).toArray())
            out << application[u"pid"_s].toInteger() << '\t' << application[u"type"_s].toString()
                << '\t' << application[u"status"_s].toInt() << '\t'
                << application[u"name"_s].toString() << '\n';
        for (const QJsonValue filter : object.value(u"filters"_s).toArray())
            out << QJsonDocument(filter.toObject()).toJson(QJsonDocument::Compact) << '\n';
        out << int(reply.code) << ' ' << nameOf(reply.code) << ' ' << reply.text << '\n';
    }
    return reply.code == RestartCode::Success ? Done : NotDone;
}

int print(const Result<> &result, bool asJson)
{
    return print(result ? SessionMessage::reply(RestartCode::Success)
                        : SessionMessage::reply(restartCodeOf(result), result.error().message),
                 asJson);
}

/// Becomes the user \a name for good: the agent of a root installer (design section 6).
bool becomeUser(const QString &name)
{
    const passwd *user = getpwnam(name.toLocal8Bit().constData());
    if (!user || initgroups(user->pw_name, user->pw_gid) != 0
        || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0
        || setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
        return false;
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    if (!runtime.isEmpty() && QFileInfo(runtime).ownerId() != user->pw_uid)
        qputenv("XDG_RUNTIME_DIR", QByteArray("/run/user/") + QByteArray::number(user->pw_uid));
    return setuid(0) != 0;
}

Result<> finish(std::unique_ptr<Job> job)
{
    Result<> outcome;
    QEventLoop loop;
    QObject::connect(job.get(), &Job::finished, &loop, [&](const Result<> &result) {
        outcome = result;
        loop.quit();
    });
    job->start();
    loop.exec();
    return outcome;
}

/// Asks the primary with its token; \a watch sees the steps of a task.
SessionMessage askPrimary(SessionMessage question,
                          const std::function<void(const SessionMessage &)> &watch)
{
    const auto clock = std::make_shared<SystemClock>();
    const auto store = createSessionStore(clock);
    Result<std::unique_ptr<SessionSeat>> seat = store->reach(sessionKey());
    if (!seat)
        return SessionMessage::reply(restartCodeOf(seat), seat.error().message);
    SessionConnection connection(std::move(*seat), clock);
    if (watch)
        QObject::connect(&connection, &SessionConnection::progressed, watch);
    question.token = sessionToken();
    SessionMessage answer;
    QEventLoop loop;
    connection.ask(question, SessionConnection::forAsLongAsItTakes,
                   [&](const SessionMessage &reply) {
                       answer = reply;
                       loop.quit();
                   });
    loop.exec();
    return answer;
}

QString usualServiceLimit()
{
    return QString::number(RestartBackend::serviceLimit.count());
}

int start(Words words, bool asJson)
{
    const QStringList owners = words.takeValues(u"--owner"_s);
    const QString rules = words.takeValues(u"--rules"_s).value(0, u"native"_s);
    const QString limit = words.takeValues(u"--service-timeout"_s).value(0, usualServiceLimit());
    const auto owner = processFrom(owners.value(0, QString::number(getppid())));
    if (!owner || (rules != "native"_L1 && rules != "windows"_L1) || limit.toInt() < 1
        || !words.rest.isEmpty())
        return complain(
            Commands::tr("Use: entracte session start [--owner PID] [--rules native|windows] "
                         "[--service-timeout SECONDS] [--json].",
                         "command line error"));

    int report[2];
    if (pipe(report) != 0) // inherited by the holder on purpose
        return complain(sentenceFor(RestartCode::WriteFault));
    const bool isStarted =
        QProcess::startDetached(QCoreApplication::applicationFilePath(),
                                {u"session"_s, u"hold"_s, u"--report"_s, QString::number(report[1]),
                                 u"--rules"_s, rules, u"--service-timeout"_s, limit, u"--owner"_s,
                                 u"%1:%2"_s.arg(owner->pid).arg(owner->startTime)});
    close(report[1]);
    QFile answer;
    const QByteArray told =
        isStarted && answer.open(report[0], QIODevice::ReadOnly) ? answer.readAll() : QByteArray();
    const QJsonObject holder = QJsonDocument::fromJson(told).object();
    if (told.isEmpty() || holder.value(u"code"_s).toInt() != 0)
        return print(SessionMessage::reply(told.isEmpty()
                                               ? RestartCode::WriteFault
                                               : RestartCode(holder.value(u"code"_s).toInt()),
                                           holder.value(u"text"_s).toString()),
                     asJson);
    if (asJson) {
        QTextStream(stdout) << QJsonDocument(holder).toJson();
        return Done;
    }
    // For a shell's eval. Start secondaries without the token: env -u ENTRACTE_SESSION_TOKEN ….
    QTextStream(stdout) << "export " << SessionMember::keyVariable << '='
                        << holder.value(u"key"_s).toString() << '\n'
                        << "export " << tokenVariable << '=' << holder.value(u"token"_s).toString()
                        << '\n';
    return Done;
}

int hold(Words words)
{
    const int report = words.takeValues(u"--report"_s).value(0).toInt();
    const auto owner = processFrom(words.takeValues(u"--owner"_s).value(0));
    const bool isWindows = words.takeValues(u"--rules"_s).value(0) == "windows"_L1;
    const int limit = words.takeValues(u"--service-timeout"_s).value(0).toInt();
    setsid();
    qunsetenv(SessionMember::keyVariable);
    qunsetenv(tokenVariable);
    SessionHolder holder(isWindows ? RestartRules::Windows : RestartRules::Native,
                         owner.value_or(UniqueProcess()), std::chrono::seconds(limit));
    const Result<> started = holder.start();
    QJsonObject answer{{u"code"_s, int(restartCodeOf(started))}};
    if (started) {
        answer.insert(u"key"_s, holder.key());
        answer.insert(u"token"_s, holder.token());
    } else {
        answer.insert(u"text"_s, started.error().message);
    }
    // The caller's pipes must not stay open for as long as we live.
    const int nothing = open("/dev/null", O_RDWR);
    for (int standard = 0; standard < 3; ++standard)
        dup2(nothing, standard);
    QFile pipe;
    if (pipe.open(report, QIODevice::WriteOnly, QFileDevice::AutoCloseHandle))
        pipe.write(QJsonDocument(answer).toJson(QJsonDocument::Compact));
    pipe.close();
    if (!started)
        return NotDone;
    QObject::connect(&holder, &SessionHolder::ended, QCoreApplication::instance(),
                     &QCoreApplication::quit, Qt::QueuedConnection);
    return QCoreApplication::exec();
}

Result<Resources> resourcesFrom(Words &words)
{
    Resources resources;
    resources.services = words.takeValues(u"--service"_s);
    for (const QString &text : words.takeValues(u"--process"_s)) {
        const auto process = processFrom(text);
        if (!process)
            return restartError(
                RestartCode::BadArguments,
                Commands::tr("“%1” is not the number of a process.", "command line error")
                    .arg(text));
        resources.processes.append(*process);
    }
    for (const QString &file : std::as_const(words.rest))
        resources.files.append(QDir::cleanPath(QDir::current().absoluteFilePath(file)));
    words.rest.clear();
    return resources;
}

/// join, register, unregister, await: what a secondary may do; with the token, the primary itself.
int participate(const QString &verb, Words words, bool asJson)
{
    const Result<Resources> resources = resourcesFrom(words);
    if (!resources)
        return print(resources.error(), asJson);

    SessionMessage question;
    question.resources = *resources;
    question.operation = verb == "unregister"_L1 ? Operation::Unregister : Operation::Register;
    const bool registers = verb == "register"_L1 || verb == "unregister"_L1;
    if (verb == "unregister"_L1 && sessionToken().isEmpty()) // a secondary is gone by now
        return print(restartError(RestartCode::SessionCredentialConflict), asJson);
    if (registers && !sessionToken().isEmpty())
        return print(askPrimary(question, {}), asJson);

    const auto clock = std::make_shared<SystemClock>();
    const auto store = createSessionStore(clock);
    SessionMember member(*store, clock);
    Result<> result = finish(member.join(sessionKey()));
    if (result && !resources->isEmpty())
        result = finish(member.registerResources(*resources));
    if (result && verb == "await"_L1)
        result = finish(member.awaitShutdown());
    return print(result, asJson);
}

int runTask(const QString &verb, Words words, bool asJson)
{
    SessionMessage question;
    if (verb == "list"_L1)
        question.operation = Operation::List;
    else if (verb == "restart"_L1)
        question.operation = Operation::Restart;
    else
        question.operation = Operation::Shutdown;
    if (words.takeFlag(u"--force"_s))
        question.flags |= int(ShutdownType::Force);
    if (words.takeFlag(u"--only-restartable"_s))
        question.flags |= int(ShutdownType::OnlyRestartable);
    const bool showsProgress = words.takeFlag(u"--progress"_s);
    if (!words.rest.isEmpty() || (question.flags != 0 && question.operation != Operation::Shutdown))
        return complain(Commands::tr("“%1” is not an option of session %2.", "command line error")
                            .arg(words.rest.value(0), verb));
    return print(askPrimary(question,
                            [showsProgress](const SessionMessage &progress) {
                                if (!showsProgress)
                                    return;
                                const QCborMap step = progress.body.toMap();
                                QTextStream(stderr) << step.value(u"percent"_s).toInteger() << "%\t"
                                                    << step.value(u"phase"_s).toString() << '\t'
                                                    << step.value(u"name"_s).toString() << Qt::endl;
                            }),
                 asJson);
}

int changeFilter(Words words, bool asJson)
{
    const QString verb = words.rest.isEmpty() ? QString() : words.rest.takeFirst();
    SessionMessage question;
    if (verb == "list"_L1) {
        question.operation = Operation::Filters;
        return print(askPrimary(question, {}), asJson);
    }

    const QStringList programs = words.takeValues(u"--program"_s);
    const QStringList processes = words.takeValues(u"--process"_s);
    const QStringList services = words.takeValues(u"--service"_s);
    RestartFilter filter;
    if (words.takeFlag(u"--no-shutdown"_s))
        filter.action = FilterAction::NoShutdown;
    words.takeFlag(u"--no-restart"_s);
    if (programs.size() + processes.size() + services.size() != 1 || !words.rest.isEmpty()
        || (verb != "add"_L1 && verb != "remove"_L1))
        return complain(Commands::tr("Use: entracte session filter add|remove|list "
                                     "--program PATH|--process PID|--service NAME "
                                     "[--no-restart|--no-shutdown].",
                                     "command line error"));
    if (!programs.isEmpty())
        filter.target = RestartFilter::Executable{
            QDir::cleanPath(QDir::current().absoluteFilePath(programs.constFirst()))};
    else if (!services.isEmpty())
        filter.target = RestartFilter::Service{services.constFirst()};
    else if (const auto process = processFrom(processes.constFirst()))
        filter.target = *process;
    else
        return print(restartError(RestartCode::BadArguments), asJson);
    question.operation = verb == "add"_L1 ? Operation::AddFilter : Operation::RemoveFilter;
    question.filter = filter;
    return print(askPrimary(question, {}), asJson);
}

/// Brings back what installers closed that died before they could: each once.
int recover(bool asJson)
{
    const auto clock = std::make_shared<SystemClock>();
    const auto store = createSessionStore(clock);
    Result<SessionStore::AbandonedSessions> abandoned = store->abandoned();
    if (!abandoned)
        return print(abandoned.error(), asJson);

    const auto backend = createRestartBackend(clock);
    SessionRecovery recovery(*std::move(abandoned), *backend, clock, std::chrono::milliseconds(0));
    const std::unique_ptr<EventLog> log = createEventLog();
    QObject::connect(&recovery, &SessionRecovery::happened, &recovery,
                     [&log](const RestartEvent &event) { log->write(event); });
    QEventLoop loop;
    QObject::connect(&recovery, &Job::finished, &loop, &QEventLoop::quit, Qt::QueuedConnection);
    recovery.start();
    loop.exec();

    QJsonArray applications;
    bool allCameBack = true;
    for (const AffectedApplication &application : recovery.applications()) {
        applications.append(toJson(application));
        allCameBack &= !application.status.testFlag(ApplicationStatus::ErrorOnRestart);
    }
    return print(
        SessionMessage::reply(allCameBack ? RestartCode::Success : RestartCode::FailRestart, {},
                              QCborMap::fromJsonObject({{u"applications"_s, applications}})),
        asJson);
}

} // namespace

int Commands::session(const QStringList &arguments)
{
    Words words{arguments};
    const QString verb = words.rest.isEmpty() ? QString() : words.rest.takeFirst();
    const bool asJson = words.takeFlag(u"--json"_s);
    if (const QStringList users = words.takeValues(u"--user"_s);
        !users.isEmpty() && !becomeUser(users.constFirst()))
        return complain(tr("Acting as user “%1” is not possible.", "command line error")
                            .arg(users.constFirst()));

    if (verb == "start"_L1)
        return start(words, asJson);
    if (verb == "hold"_L1)
        return hold(words);
    if (verb == "list"_L1 || verb == "shutdown"_L1 || verb == "restart"_L1)
        return runTask(verb, words, asJson);
    if (verb == "filter"_L1)
        return changeFilter(words, asJson);

    static const QStringList participating{u"join"_s, u"register"_s, u"unregister"_s, u"await"_s};
    if (participating.contains(verb)) {
        Words check = words;
        check.takeValues(u"--service"_s);
        check.takeValues(u"--process"_s);
        if (!check.stray().isEmpty())
            return complain(tr("“%1” is not an option of session %2.", "command line error")
                                .arg(check.stray(), verb));
        return participate(verb, words, asJson);
    }
    if (!words.rest.isEmpty())
        return complain(tr("“%1” is not an option of session %2.", "command line error")
                            .arg(words.rest.constFirst(), verb));
    if (verb == "recover"_L1)
        return recover(asJson);
    SessionMessage question;
    if (verb == "cancel"_L1 || verb == "end"_L1) {
        question.operation = verb == "end"_L1 ? Operation::End : Operation::Cancel;
        return print(askPrimary(question, {}), asJson);
    }
    return complain(tr("Use: entracte session start|join|register|unregister|await|list|shutdown|"
                       "restart|cancel|filter|end|recover.",
                       "command line error"));
}

} // namespace Entracte
