// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/reopenentries.h"

#include "client/registrationpath.h"
#include "client/restartregistration.h"
#include "platform/linux/autostartentry.h"
#include "platform/linux/identification/unitname.h"
#include "platform/linux/process.h"
#include "platform/linux/registration.h"
#include "platform/linux/relaunch/reopenfolder.h"

#include <QDir>
#include <QFileInfo>
#include <QHash>

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

/// More than a person has open; a folder full of registrations starts no storm.
constexpr size_t mostPrograms = 64;

QByteArray recordFolder()
{
    const QByteArray configured = qgetenv("XDG_STATE_HOME");
    return (configured.startsWith('/') ? configured : qgetenv("HOME") + "/.local/state")
         + "/entracte/reopen";
}

/// Under sudo the home may be somebody else's: nothing of root's belongs there.
bool isHomeOurs()
{
    struct stat status;
    return stat(qgetenv("HOME").constData(), &status) == 0 && status.st_uid == geteuid();
}

/// systemd starts services itself, and the session what it started at its beginning.
bool comesBackByItself(const UniqueProcess &process)
{
    const Unit unit = unitIn(controlGroupOf(pid_t(process.pid)));
    return unit.kind == Unit::Kind::Service || unit.name.endsWith(u"@autostart.service"_s);
}

/// The registered programs of this user that live, whatever they have to do with the installation.
QList<UniqueProcess> registeredProcesses()
{
    const QDir folder(registrationFolder(qEnvironmentVariable("XDG_RUNTIME_DIR"), geteuid()));
    QList<UniqueProcess> found;
    for (const QString &name : folder.entryList({u"*.json"_s}, QDir::Files)) {
        const QString numbers = name.chopped(5);
        const UniqueProcess process{numbers.section(u'-', 0, 0).toLongLong(),
                                    numbers.section(u'-', 1).toULongLong()};
        if (process.pid > 0 && isAlive(process))
            found.append(process);
    }
    return found;
}

bool canBeBroughtBack(const AffectedApplication &application)
{
    return isOpenedByPeople(application) && application.restartability != Restartability::Cannot;
}

Error refusal(const QString &sentence, const QByteArray &path, int errorNumber)
{
    return Error::fromErrno(errorNumber,
                            sentence.arg(QFile::decodeName(path), systemReply(errorNumber)));
}

/// Makes \a path with whatever is missing above it.
bool makeFolder(const QByteArray &path)
{
    QDir().mkpath(QFileInfo(QFile::decodeName(path)).path());
    return mkdir(path.constData(), 0700) == 0 || errno == EEXIST;
}

} // namespace

bool isOpenedByPeople(const AffectedApplication &application)
{
    switch (application.type) {
    case ApplicationType::Unknown:
    case ApplicationType::MainWindow:
    case ApplicationType::OtherWindow:
    case ApplicationType::Console:
        return true;
    case ApplicationType::Service:
    case ApplicationType::Shell:
    case ApplicationType::Critical:
        return false;
    }
    Q_UNREACHABLE();
}

std::vector<ReopenEntries::Program>
ReopenEntries::programs(const QList<AffectedApplication> &applications)
{
    QHash<UniqueProcess, QString> names; ///< of those who may come back, so far
    for (const AffectedApplication &application : applications)
        if (canBeBroughtBack(application) && isAlive(application.process))
            names.insert(application.process, application.name);
    for (const UniqueProcess &process : registeredProcesses())
        names.insert(process, names.value(process));

    std::vector<Program> found;
    for (auto one = names.cbegin(); one != names.cend() && found.size() < mostPrograms; ++one) {
        const pid_t pid = pid_t(one.key().pid);
        if (pid == getpid() || ownerOf(pid) != geteuid() || comesBackByItself(one.key()))
            continue;
        const std::optional<Registration> registration = registrationOf(one.key());
        const bool wasGiven = !one.value().isEmpty();
        if (registration ? (registration->flags & int(Client::RestartFlag::NoReboot)) != 0
                               || (!registration->arguments && !wasGiven)
                         : !wasGiven)
            continue;
        Program program{one.value(), QFile::encodeName(executableOf(pid)), argumentsOf(pid),
                        QFile::encodeName(workingDirectoryOf(pid))};
        if (registration && registration->arguments) {
            program.arguments = program.arguments.mid(0, 1);
            for (const QString &argument : *registration->arguments)
                program.arguments.append(argument.toLocal8Bit());
        }
        if (program.name.isEmpty() && registration)
            program.name = registration->name;
        if (program.name.isEmpty())
            program.name = plainText(QFileInfo(QFile::decodeName(program.program)).fileName());
        if (!program.arguments.isEmpty() && program.program.startsWith('/') && isAlive(one.key()))
            found.push_back(program);
    }
    return found;
}

ReopeningOutlook ReopenEntries::outlookFor(const std::vector<Program> &programs,
                                           const QList<AffectedApplication> &applications)
{
    ReopeningOutlook outlook;
    if (isHomeOurs())
        for (const Program &program : programs)
            outlook.names.append(program.name);
    outlook.names.sort(Qt::CaseInsensitive);
    for (const AffectedApplication &application : applications) {
        const bool isMissed = isOpenedByPeople(application) && isAlive(application.process)
                           && ownerOf(pid_t(application.process.pid)) == geteuid();
        if (isMissed && !isHomeOurs())
            outlook.losses.append(
                {application.name, tr("The home folder “%1” belongs to somebody else.",
                                      "why a program does not come back")
                                       .arg(qEnvironmentVariable("HOME"))});
        else if (isMissed && application.restartability == Restartability::Cannot
                 && !registrationOf(application.process)) // that says itself what it wants
            outlook.losses.append({application.name, application.reason});
    }
    return outlook;
}

ReopeningOutlook ReopenEntries::look(const QList<AffectedApplication> &applications) const
{
    return outlookFor(programs(applications), applications);
}

Result<> ReopenEntries::write(const ReopenFolder &folder, const std::vector<Program> &programs,
                              const QDateTime &time)
{
    const QByteArray autostart = autostartFolder();
    const Descriptor entries(makeFolder(autostart)
                                 ? ::open(autostart.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                                 : -1);
    if (!entries.isValid())
        return refusal(tr("“%1” cannot be written to, so that nothing would be opened again: %2.",
                          "error message"),
                       autostart, errno);
    if (!folder.writeCopy())
        return refusal(
            tr("What opens programs again could not be copied to “%1”: %2.", "error message"),
            folder.copyPath(), errno);
    for (const Program &program : programs) {
        const QByteArray id = ReopenFolder::newId();
        const ReopenRecord record{program.program, program.arguments, program.workingDirectory,
                                  autostart,       thisBoot(),        time.toMSecsSinceEpoch()};
        if (!folder.write(id, record))
            return refusal(tr("How to open a program again could not be written to “%1”: %2.",
                              "error message"),
                           folder.path(), errno);
        if (!writePrivateFile(entries.get(), ReopenFolder::entryNameOf(id),
                              autostartEntry(program.name, {folder.copyPath(), reopenWord, id})))
            return refusal(tr("“%1” cannot be written to, so that nothing would be opened again: "
                              "%2.",
                              "error message"),
                           autostart, errno);
    }
    return {};
}

Result<ReopeningOutlook> ReopenEntries::arrange(const QDateTime &time,
                                                const QList<AffectedApplication> &applications)
{
    if (const Result<> forgotten = forget(); !forgotten)
        return forgotten.error();
    const std::vector<Program> programs = ReopenEntries::programs(applications);
    const ReopeningOutlook outlook = outlookFor(programs, applications);
    if (outlook.names.isEmpty())
        return outlook;

    const QByteArray path = recordFolder();
    const bool isMade = makeFolder(path);
    const ReopenFolder folder(path);
    if (!isMade || !folder.isValid())
        return refusal(
            tr("How to open a program again could not be written to “%1”: %2.", "error message"),
            path, errno);
    if (const Result<> written = write(folder, programs, time); !written) {
        (void)forget(); // what could not be written whole is worth nothing; the first error counts
        return written.error();
    }
    return outlook;
}

Result<ReopeningOutlook> ReopenEntries::carryOut(const ReopenTask &task)
{
    switch (task.what) {
    case ReopenTask::What::Look:
        return look(task.applications);
    case ReopenTask::What::Arrange:
        return arrange(task.time, task.applications);
    case ReopenTask::What::Forget:
        break;
    }
    const Result<> forgotten = forget();
    return forgotten ? Result<ReopeningOutlook>(ReopeningOutlook()) : forgotten.error();
}

Result<> ReopenEntries::forget()
{
    const QString autostart = QFile::decodeName(autostartFolder());
    const QString prefix = QLatin1StringView(ReopenFolder::entryPrefix) + u"*.desktop"_s;
    for (const QString &name : QDir(autostart).entryList({prefix}, QDir::Files | QDir::System))
        if (const QByteArray entry = QFile::encodeName(autostart + u'/' + name);
            unlink(entry.constData()) != 0 && errno != ENOENT)
            return refusal(tr("“%1” could not be removed: %2.", "error message"), entry, errno);

    const ReopenFolder folder(recordFolder());
    if (!folder.isValid())
        return {}; // there is none, or none that we would use
    for (const QByteArray &id : folder.ids())
        if (!folder.take(id) && errno != ENOENT)
            return refusal(tr("“%1” could not be removed: %2.", "error message"), folder.path(),
                           errno);
    folder.tidyUp();
    return {};
}

} // namespace Entracte
