// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/launchrecord.h"

#include "platform/linux/relaunch/relaunchmarks.h"

#include <QDataStream>
#include <QFile>
#include <QObject>
#include <QRandomGenerator>
#include <QSocketNotifier>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace Entracte {

namespace {

/// What belongs to one start of a program and must not reach the next (design section 6).
bool isOfOneStartOnly(const QByteArray &variable)
{
    static constexpr std::array prefixes{
        "NOTIFY_SOCKET=",      "LISTEN_",   "INVOCATION_ID=",
        "JOURNAL_STREAM=",     "ENTRACTE_", "XDG_ACTIVATION_TOKEN=",
        "DESKTOP_STARTUP_ID=",
    };
    for (const char *prefix : prefixes)
        if (variable.startsWith(prefix))
            return true;
    return false;
}

enum class Step : int { Started, Fork, Identity, WorkingDirectory, Execute };

/// What the children write into the pipe; small enough to arrive whole.
struct Message
{
    Step step;
    int value; ///< Started: the pid; else errno
};

/// Everything a child needs, allocated before fork: afterwards only system calls are allowed.
struct Launch
{
    std::vector<char *> arguments;
    std::vector<char *> environment;
    const char *program;
    const char *workingDirectory;
    std::vector<gid_t> groups;
    uid_t uid;
    gid_t gid;
    mode_t umask;
    int niceness;
    int report; ///< write end of the pipe; closed by a successful execve
};

void tell(int pipe, Step step, int value)
{
    const Message message{step, value};
    [[maybe_unused]] const ssize_t written = write(pipe, &message, sizeof message);
}

bool becomeUser(const Launch &launch)
{
    if (geteuid() != 0 || launch.uid == 0)
        return true;
    return setgroups(launch.groups.size(), launch.groups.data()) == 0
        && setresgid(launch.gid, launch.gid, launch.gid) == 0
        && setresuid(launch.uid, launch.uid, launch.uid) == 0 && setresuid(0, 0, 0) != 0;
}

void resetSignals()
{
    for (int signal = 1; signal < NSIG; ++signal)
        ::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void runProgram(const Launch &launch)
{
    setsid();
    resetSignals();
    const int nothing = open("/dev/null", O_RDWR);
    for (int standard = 0; standard < 3; ++standard)
        dup2(nothing, standard);
    // Everything else closes at execve; until then the pipe must stay open.
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    setpriority(PRIO_PROCESS, 0, launch.niceness);
    ::umask(launch.umask);

    if (!becomeUser(launch)) {
        tell(launch.report, Step::Identity, errno);
        _exit(1);
    }
    if (chdir(launch.workingDirectory) != 0 && chdir("/") != 0) {
        tell(launch.report, Step::WorkingDirectory, errno);
        _exit(1);
    }
    execve(launch.program, launch.arguments.data(), launch.environment.data());
    tell(launch.report, Step::Execute, errno);
    _exit(1);
}

/// The middle of a double fork: the program becomes nobody's child, so nobody of ours need wait for
/// it.
[[noreturn]] void forkProgram(const Launch &launch)
{
    const pid_t program = fork();
    if (program == 0)
        runProgram(launch);
    if (program < 0)
        tell(launch.report, Step::Fork, errno);
    else
        tell(launch.report, Step::Started, program);
    _exit(0);
}

std::vector<char *> pointers(QList<QByteArray> &words)
{
    std::vector<char *> list;
    for (QByteArray &word : words)
        list.push_back(word.data());
    list.push_back(nullptr);
    return list;
}

} // namespace

LaunchRecord LaunchRecord::of(const UniqueProcess &process)
{
    const pid_t pid = pid_t(process.pid);
    LaunchRecord record;
    record.m_program = QFile::encodeName(executableOf(pid));
    record.m_arguments = argumentsOf(pid);
    record.m_environment = environmentOf(pid);
    record.m_environment.removeIf(isOfOneStartOnly);
    record.m_workingDirectory = QFile::encodeName(workingDirectoryOf(pid));
    record.m_uid = uid_t(statusField(pid, "Uid").split('\t').value(0).toUInt());
    record.m_gid = gid_t(statusField(pid, "Gid").split('\t').value(0).toUInt());
    for (const QByteArray &group : statusField(pid, "Groups").split(' '))
        if (!group.isEmpty())
            record.m_groups.append(gid_t(group.toUInt()));
    record.m_umask = mode_t(statusField(pid, "Umask").toUInt(nullptr, 8));
    record.m_niceness = getpriority(PRIO_PROCESS, id_t(pid));
    record.m_mark =
        relaunchVariable + QByteArray::number(QRandomGenerator::system()->generate64(), 16);

    const Descriptor descriptor = openProcess(process);
    return descriptor.isValid() ? record : LaunchRecord();
}

QByteArray LaunchRecord::toBytes() const
{
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    stream << m_program << m_arguments << m_environment << m_workingDirectory << m_uid << m_gid
           << m_groups << m_umask << m_niceness << m_mark;
    return bytes;
}

LaunchRecord LaunchRecord::fromBytes(const QByteArray &bytes)
{
    LaunchRecord record;
    QDataStream stream(bytes);
    stream >> record.m_program >> record.m_arguments >> record.m_environment
        >> record.m_workingDirectory >> record.m_uid >> record.m_gid >> record.m_groups
        >> record.m_umask >> record.m_niceness >> record.m_mark;
    return stream.status() == QDataStream::Ok && stream.atEnd() ? record : LaunchRecord();
}

void LaunchRecord::setArguments(const QStringList &arguments)
{
    m_arguments = m_arguments.mid(0, 1);
    for (const QString &argument : arguments)
        m_arguments.append(argument.toLocal8Bit());
}

/// The outcome told by the pipe: a pid and no complaint is success.
static Result<UniqueProcess> outcomeOf(const QByteArray &told, const QByteArray &program)
{
    UniqueProcess started;
    for (qsizetype at = 0; at + qsizetype(sizeof(Message)) <= told.size(); at += sizeof(Message)) {
        Message message;
        std::memcpy(&message, told.constData() + at, sizeof message);
        if (message.step == Step::Started)
            started = uniqueProcess(message.value);
        else
            return Error::fromErrno(
                message.value,
                LaunchRecord::tr("“%1” could not be started again: %2.", "error message")
                    .arg(QFile::decodeName(program), systemReply(message.value)));
    }
    if (started.pid == 0)
        return Error{ErrorCode::Failed,
                     LaunchRecord::tr("“%1” could not be started again: no process could be made.",
                                      "error message")
                         .arg(QFile::decodeName(program))};
    return started;
}

void LaunchRecord::start(QObject *context, std::function<void(Result<UniqueProcess>)> done) const
{
    int pipeEnds[2];
    if (pipe2(pipeEnds, O_CLOEXEC | O_NONBLOCK) != 0)
        return done(
            Error::fromErrno(errno, tr("“%1” could not be started again: %2.", "error message")
                                        .arg(QFile::decodeName(m_program), systemReply(errno))));

    QList<QByteArray> arguments = m_arguments;
    QList<QByteArray> environment = m_environment;
    environment.append(m_mark);
    const Launch launch{pointers(arguments),
                        pointers(environment),
                        m_program.constData(),
                        m_workingDirectory.constData(),
                        {m_groups.cbegin(), m_groups.cend()},
                        m_uid,
                        m_gid,
                        m_umask,
                        m_niceness,
                        pipeEnds[1]};
    const pid_t middle = fork();
    if (middle == 0)
        forkProgram(launch);
    close(pipeEnds[1]);
    if (middle > 0)
        waitpid(middle, nullptr, 0); // it exits at once

    auto *reader = new QSocketNotifier(pipeEnds[0], QSocketNotifier::Read, context);
    auto told = std::make_shared<QByteArray>();
    QObject::connect(
        reader, &QSocketNotifier::activated, context,
        [reader, told, program = m_program, done = std::move(done)](QSocketDescriptor pipe) {
            char block[256];
            const ssize_t length = read(pipe, block, sizeof block);
            if (length > 0) {
                told->append(block, length);
                return;
            }
            if (length < 0 && errno == EAGAIN)
                return;
            reader->setEnabled(false);
            close(pipe);
            reader->deleteLater();
            done(outcomeOf(*told, program));
        });
}

} // namespace Entracte
