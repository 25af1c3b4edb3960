// SPDX-License-Identifier: MIT
#include "platform/linux/agent/usersreopening.h"

#include "core/workerjob.h"
#include "platform/linux/agent/agentenvironment.h"
#include "platform/linux/agent/agentprocess.h"
#include "platform/linux/process.h"
#include "platform/linux/relaunch/launchrecord.h"

#include <QDir>
#include <QPointer>

#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

/// More than log on to one machine; a folder full of names starts no storm.
constexpr qsizetype mostUsers = 64;

/// Those whose runtime folder there is: only the system makes one.
QList<uid_t> loggedInUsers()
{
    QList<uid_t> users;
    const QDir folder(u"/run/user"_s);
    for (const QString &name : folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        bool isNumber = false;
        const uid_t uid = name.toUInt(&isNumber);
        struct stat status;
        if (isNumber && uid != 0
            && ::lstat(QFile::encodeName(folder.filePath(name)).constData(), &status) == 0
            && status.st_uid == uid)
            users.append(uid);
    }
    return users;
}

std::optional<uid_t> ownerOf(const AffectedApplication &application)
{
    return isAlive(application.process) ? Entracte::ownerOf(pid_t(application.process.pid))
                                        : std::nullopt;
}

} // namespace

/// What the users say, until all have said it.
struct UsersReopening::Answers
{
    QPointer<QObject> context;
    std::function<void(const ReopeningOutlook &, const Result<> &firstProblem)> done;
    ReopeningOutlook outlook;
    Result<> firstProblem;
    int missing = 0;

    void add(uid_t uid, const ReopenTask &task, const Result<ReopeningOutlook> &answer);
    void finish();
};

void UsersReopening::Answers::add(uid_t uid, const ReopenTask &task,
                                  const Result<ReopeningOutlook> &answer)
{
    const auto shown = [uid](const QString &name) {
        return uid == ::geteuid()
                 ? name
                 : UsersReopening::tr("%1 (%2)", "a program, the login name of its user")
                       .arg(name, userName(uid));
    };
    if (answer) {
        for (const QString &name : answer->names)
            outlook.names.append(shown(name));
        for (const ReopeningOutlook::Loss &loss : answer->losses)
            outlook.losses.append({shown(loss.application), loss.reason});
    } else {
        if (firstProblem)
            firstProblem = answer.error();
        for (const AffectedApplication &application : task.applications)
            outlook.losses.append({shown(application.name), answer.error().message});
        if (task.applications.isEmpty())
            outlook.losses.append(
                {shown(UsersReopening::tr("What is open", "instead of the name of a program")),
                 answer.error().message});
    }
    if (--missing == 0)
        finish();
}

void UsersReopening::Answers::finish()
{
    outlook.names.sort(Qt::CaseInsensitive);
    if (context)
        QMetaObject::invokeMethod(
            context,
            [done = done, outlook = outlook, problem = firstProblem] { done(outlook, problem); },
            Qt::QueuedConnection);
}

UsersReopening::UsersReopening(std::shared_ptr<Clock> clock)
    : m_clock(std::move(clock))
    , m_jobs(std::make_unique<QObject>())
{
}

UsersReopening::~UsersReopening() = default;

void UsersReopening::look(const QList<AffectedApplication> &applications, QObject *context,
                          Known done)
{
    askFor(ReopenTask::What::Look, {}, applications, context, std::move(done));
}

void UsersReopening::arrange(const QDateTime &time, const QList<AffectedApplication> &applications,
                             QObject *context, Known done)
{
    askFor(ReopenTask::What::Arrange, time, applications, context, std::move(done));
}

void UsersReopening::forget(QObject *context, std::function<void(const Result<> &)> done)
{
    Parts parts;
    parts.insert(::geteuid(), {ReopenTask::What::Forget, {}, {}});
    for (const auto &[uid, agent] : m_agents)
        parts.insert(uid, {ReopenTask::What::Forget, {}, {}});
    const auto answers = std::make_shared<Answers>();
    answers->context = context;
    answers->done = [done = std::move(done)](const ReopeningOutlook &, const Result<> &problem) {
        done(problem);
    };
    ask(parts, answers);
}

void UsersReopening::askFor(ReopenTask::What what, const QDateTime &time,
                            const QList<AffectedApplication> &applications, QObject *context,
                            Known done)
{
    const auto answers = std::make_shared<Answers>();
    answers->context = context;
    answers->done = [done = std::move(done)](const ReopeningOutlook &outlook, const Result<> &) {
        done(outlook);
    };
    QList<AffectedApplication> reopenable;
    for (const AffectedApplication &application : applications) {
        const std::optional<uid_t> owner = ownerOf(application);
        if (!owner || !isOpenedByPeople(application))
            continue;
        if (*owner != ::geteuid() && ::geteuid() != 0)
            answers->outlook.losses.append(
                {application.name,
                 tr("It runs for %1, and only an installer that root runs may arrange that.",
                    "why a program does not come back; %1 is a login name")
                     .arg(userName(*owner))});
        else
            reopenable.append(application);
    }
    ask(partsOf(what, time, reopenable), answers);
}

UsersReopening::Parts UsersReopening::partsOf(ReopenTask::What what, const QDateTime &time,
                                              const QList<AffectedApplication> &applications)
{
    Parts parts;
    parts.insert(::geteuid(), {what, time, {}});
    for (const AffectedApplication &application : applications)
        if (const std::optional<uid_t> owner = ownerOf(application)) {
            ReopenTask &task = parts[*owner];
            task.what = what;
            task.time = time;
            task.applications.append(application);
        }
    if (::geteuid() == 0 && AgentProcess::isPossible())
        for (const uid_t uid : loggedInUsers())
            if (parts.size() < mostUsers && !parts.contains(uid))
                parts.insert(uid, {what, time, {}});
    return parts;
}

void UsersReopening::ask(const Parts &parts, const std::shared_ptr<Answers> &answers)
{
    answers->missing = int(parts.size());
    for (auto part = parts.cbegin(); part != parts.cend(); ++part) {
        const uid_t uid = part.key();
        const ReopenTask task = *part;
        if (uid == ::geteuid()) {
            carryOutOurselves(task, answers);
        } else if (UserAgent *const agent = agentFor(uid, task.applications)) {
            agent->carryOut(task, m_jobs.get(),
                            [uid, task, answers](const Result<ReopeningOutlook> &answer) {
                                answers->add(uid, task, answer);
                            });
        } else {
            answers->add(
                uid, task,
                Error{ErrorCode::Failed, tr("Nothing can be done with the rights of user %1.",
                                            "why a program does not come back; %1 is a login name")
                                             .arg(userName(uid))});
        }
    }
}

void UsersReopening::carryOutOurselves(const ReopenTask &task,
                                       const std::shared_ptr<Answers> &answers)
{
    const auto outcome = std::make_shared<ReopeningOutlook>();
    auto *job = new WorkerJob(
        [task, outcome](WorkerJob::Context &) -> Result<> {
            Result<ReopeningOutlook> done = ReopenEntries().carryOut(task);
            if (!done)
                return done.error();
            *outcome = *std::move(done);
            return {};
        },
        m_jobs.get());
    QObject::connect(job, &Job::finished, job,
                     [job, task, outcome, answers](const Result<> &result) {
                         job->deleteLater();
                         answers->add(::geteuid(), task,
                                      result ? Result<ReopeningOutlook>(*outcome) : result.error());
                     });
    job->start();
}

/// Null if there is no way to have one.
UserAgent *UsersReopening::agentFor(uid_t uid, const QList<AffectedApplication> &applications)
{
    if (const auto known = m_agents.find(uid); known != m_agents.end())
        return known->second.get();
    std::optional<UserIdentity> identity = UserIdentity::ofLogin(uid);
    QList<QByteArray> environment;
    for (const AffectedApplication &application : applications) {
        const LaunchRecord record = LaunchRecord::of(application.process);
        if (!record.isValid() || record.traits().uid != uid)
            continue;
        if (!identity)
            identity = UserIdentity(record);
        environment = record.environment();
        break;
    }
    if (!identity || !AgentProcess::isPossible())
        return nullptr;
    return m_agents
        .emplace(uid, std::make_unique<UserAgent>(*identity, agentEnvironment(uid, environment),
                                                  *m_clock))
        .first->second.get();
}

std::unique_ptr<Reopening> createReopening(std::shared_ptr<Clock> clock)
{
    return std::make_unique<UsersReopening>(std::move(clock));
}

} // namespace Entracte
