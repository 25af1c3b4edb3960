// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/launcher.h"

#include "core/logging.h"
#include "platform/linux/relaunch/iopriority.h"
#include "platform/linux/relaunch/launchchild.h"
#include "platform/linux/relaunch/surroundings.h"
#include "platform/unix/wordpointers.h"

#include <QFile>
#include <QSocketNotifier>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace Entracte {

namespace {

/// Where the program is to be, and where it may be instead, best first.
QList<QByteArray> directoriesFor(const LaunchRecord &record)
{
    QList<QByteArray> directories;
    for (QByteArray path = record.workingDirectory(); path.size() > 1;
         path.truncate(path.lastIndexOf('/')))
        directories.append(path);
    if (record.workingDirectory() != "/")
        if (const QByteArray home = environmentValue(record.environment(), "HOME");
            home.startsWith('/'))
            directories.append(home);
    directories.append("/");
    return directories;
}

bool hasOtherGroups(const LaunchTraits &traits)
{
    std::vector<gid_t> ours(size_t(std::max(0, getgroups(0, nullptr))));
    if (getgroups(int(ours.size()), ours.data()) < 0 || traits.gid != getegid())
        return true;
    std::vector<gid_t> theirs(traits.groups.cbegin(), traits.groups.cend());
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    return ours != theirs;
}

QByteArray ownOomAdjustment()
{
    QFile file(QStringLiteral("/proc/self/oom_score_adj"));
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
}

/// Owns what a PreparedLaunch points to.
class Preparation
{
public:
    Preparation(const LaunchRecord &record, int report)
        : m_program(record.program())
        , m_arguments(record.arguments())
        , m_environment(record.environment())
        , m_directories(directoriesFor(record))
    {
        const LaunchTraits &traits = record.traits();
        m_environment.append(record.mark());
        m_launch.program = m_program.constData();
        m_launch.arguments = wordPointers(m_arguments);
        m_launch.environment = wordPointers(m_environment);
        for (const QByteArray &directory : std::as_const(m_directories))
            m_launch.directories.push_back(directory.constData());
        m_launch.uid = traits.uid;
        m_launch.gid = traits.gid;
        m_launch.groups.assign(traits.groups.cbegin(), traits.groups.cend());
        m_launch.hasOtherGroups = hasOtherGroups(traits);
        m_launch.umask = traits.umask;
        m_launch.niceness = traits.niceness;
        if (traits.ioPriority != ioPriorityOf(0))
            m_launch.ioPriority = traits.ioPriority.value_or(-1);
        m_launch.processors.assign(traits.processors.cbegin(), traits.processors.cend());
        for (const ResourceLimit &limit : traits.limits)
            m_launch.limits.push_back({limit.soft, limit.hard});
        if (traits.oomAdjustment)
            m_oomAdjustment = QByteArray::number(*traits.oomAdjustment);
        if (!m_oomAdjustment.isEmpty() && m_oomAdjustment != ownOomAdjustment())
            m_launch.oomAdjustment = m_oomAdjustment.constData();
        m_launch.hasNoNewPrivileges = traits.hasNoNewPrivileges;
        m_launch.report = report;
    }
    Q_DISABLE_COPY_MOVE(Preparation)

    const PreparedLaunch &launch() const { return m_launch; }
    const QList<QByteArray> &directories() const { return m_directories; }

private:
    QByteArray m_program;
    QList<QByteArray> m_arguments;
    QList<QByteArray> m_environment;
    QList<QByteArray> m_directories;
    QByteArray m_oomAdjustment;
    PreparedLaunch m_launch;
};

/// Our side of the pipe: hears what the child tells until execve, or its end, closes the other.
class Report : public QObject
{
public:
    using Done = std::function<void(Result<UniqueProcess>)>;

    Report(const LaunchRecord &record, Descriptor pipe, QObject *context, Done done)
        : QObject(context)
        , m_program(QFile::decodeName(record.program()))
        , m_directories(directoriesFor(record))
        , m_pipe(std::move(pipe))
        , m_notifier(m_pipe.get(), QSocketNotifier::Read)
        , m_done(std::move(done))
    {
        connect(&m_notifier, &QSocketNotifier::activated, this, &Report::hear);
    }

private:
    void hear()
    {
        std::array<char, 512> block;
        const ssize_t length = read(m_pipe.get(), block.data(), block.size());
        if (length > 0)
            m_told.append(block.data(), length);
        if (length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR)))
            return;
        m_notifier.setEnabled(false);
        deleteLater();
        const Done done = std::move(m_done); // which may delete our parent
        done(outcome());
    }

    /// A pid and no complaint is success.
    Result<UniqueProcess> outcome() const
    {
        UniqueProcess started;
        LaunchMessage message;
        for (qsizetype at = 0; at + qsizetype(sizeof message) <= m_told.size();
             at += sizeof message) {
            std::memcpy(&message, m_told.constData() + at, sizeof message);
            if (message.step == LaunchStep::Started)
                started = uniqueProcess(message.value);
            else if (message.step <= LaunchStep::Execute)
                return failure(message);
            else
                logLoss(message);
        }
        if (started.pid == 0)
            return Error{
                ErrorCode::Failed,
                LaunchRecord::tr("“%1” could not be started again: no process could be made.",
                                 "error message")
                    .arg(m_program)};
        return started;
    }

    Error failure(const LaunchMessage &message) const
    {
        const QString sentence =
            message.step == LaunchStep::Identity
                ? LaunchRecord::tr("“%1” could not be started again as the user it belongs to: %2.",
                                   "error message")
                : LaunchRecord::tr("“%1” could not be started again: %2.", "error message");
        return Error::fromErrno(message.value, sentence.arg(m_program, systemReply(message.value)));
    }

    void logLoss(const LaunchMessage &loss) const
    {
        const QString reply = systemReply(loss.value);
        if (loss.step == LaunchStep::WorkingDirectory)
            qCWarning(lcRestart).noquote()
                << m_program << "cannot be in its working directory" << m_directories.value(0)
                << "again:" << reply << "- it is in" << m_directories.value(loss.detail);
        else
            qCWarning(lcRestart).noquote() << m_program << "does not get back its" << nameOf(loss)
                                           << "- the system answered:" << reply;
    }

    static QString nameOf(const LaunchMessage &loss)
    {
        switch (loss.step) {
        case LaunchStep::OutOfMemory:
            return QStringLiteral("adjustment for a lack of memory");
        case LaunchStep::Processors:
            return QStringLiteral("processors");
        case LaunchStep::Niceness:
            return QStringLiteral("niceness");
        case LaunchStep::IoPriority:
            return QStringLiteral("I/O priority");
        case LaunchStep::Limit:
            return QStringLiteral("limit %1").arg(loss.detail);
        case LaunchStep::Groups:
            return QStringLiteral("groups");
        case LaunchStep::WorkingDirectory:
        case LaunchStep::Started:
        case LaunchStep::Fork:
        case LaunchStep::StandardStreams:
        case LaunchStep::Privileges:
        case LaunchStep::Identity:
        case LaunchStep::Execute:
            break;
        }
        return {};
    }

    QString m_program;
    QList<QByteArray> m_directories;
    Descriptor m_pipe;
    QSocketNotifier m_notifier;
    QByteArray m_told;
    Done m_done;
};

/// Forks with all signals blocked: none may find one of our handlers in the child.
pid_t forkLaunch(const PreparedLaunch &launch)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t middle = fork();
    if (middle == 0)
        runPrepared(launch);
    const int reply = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = reply;
    return middle;
}

/// Above the standard streams, even where we have none ourselves.
Descriptor aboveStreams(Descriptor descriptor)
{
    return descriptor.get() > STDERR_FILENO
             ? std::move(descriptor)
             : Descriptor(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 3));
}

} // namespace

void Launcher::launch(const LaunchRecord &record, QObject *context,
                      std::function<void(Result<UniqueProcess>)> done)
{
    const auto failed = [&record](int reply) {
        return Error::fromErrno(
            reply, LaunchRecord::tr("“%1” could not be started again: %2.", "error message")
                       .arg(QFile::decodeName(record.program()), systemReply(reply)));
    };
    if (!areSameSurroundings(record.traits().surroundings, surroundingsOf(getpid())))
        return done(Error{
            ErrorCode::Failed,
            LaunchRecord::tr("“%1” ran in other namespaces than the installer, and the service "
                             "manager of its user did not take it.",
                             "error message")
                .arg(QFile::decodeName(record.program()))});
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return done(failed(errno));
    Descriptor heard(ends[0]);
    const Descriptor told = aboveStreams(Descriptor(ends[1]));

    const Preparation preparation(record, told.get());
    const pid_t middle = forkLaunch(preparation.launch());
    if (middle < 0)
        return done(failed(errno));
    while (waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
    } // it exits at once
    new Report(record, std::move(heard), context, std::move(done));
}

} // namespace Entracte
