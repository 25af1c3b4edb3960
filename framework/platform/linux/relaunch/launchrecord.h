// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "platform/linux/detection/fileidentity.h"
#include "platform/linux/process.h"

#include <QByteArray>
#include <QCoreApplication>
#include <QList>

#include <functional>
#include <optional>

class QObject;

namespace Entracte {

/// One limit of getrlimit(2); all ones is "unlimited".
struct ResourceLimit
{
    quint64 soft = 0;
    quint64 hard = 0;

    friend bool operator==(const ResourceLimit &, const ResourceLimit &) = default;
};

/// What a process has from whoever started it, beside words and places (linux-mechanisms 4.1).
struct LaunchTraits
{
    uid_t uid = 0; ///< the real one: a set-user-ID program finds its rights again by itself
    gid_t gid = 0;
    QList<gid_t> groups;
    mode_t umask = 022;
    int niceness = 0;
    std::optional<int> ioPriority;    ///< class and level, as ioprio_get(2) answers
    QByteArray processors;            ///< the mask of sched_getaffinity(2); empty if unknown
    QList<ResourceLimit> limits;      ///< the resource's number is the place; empty if unknown
    std::optional<int> oomAdjustment; ///< /proc/PID/oom_score_adj
    bool hasNoNewPrivileges = false;  ///< prctl(2), PR_SET_NO_NEW_PRIVS
    QByteArray surroundings;          ///< surroundingsOf(); empty if unknown

    friend bool operator==(const LaunchTraits &, const LaunchTraits &) = default;
};

/// How a process was started, recorded while it lives, and enough to start it again as it was.
/// Values only: captureLaunch() fills it, Launcher acts on it.
///
/// Holds secrets: never logged, and written nowhere but into a session's own record.
class LaunchRecord
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::LaunchRecord)

public:
    /// Invalid if \a process has gone or may not be looked into.
    static LaunchRecord of(const UniqueProcess &process);

    /// For a session's record, and back; invalid if \a bytes are not a whole record of this version
    /// or say what no process can have. The bytes may come from a stranger.
    QByteArray toBytes() const;
    static LaunchRecord fromBytes(const QByteArray &bytes);

    bool isValid() const { return !m_program.isEmpty() && !m_arguments.isEmpty(); }

    /// Absolute path of the program: what lies there when it starts again, be it a newer one.
    const QByteArray &program() const { return m_program; }
    /// What lay there when the record was taken.
    const FileIdentity &programFile() const { return m_programFile; }
    /// As the program got them, its own name first.
    const QList<QByteArray> &arguments() const { return m_arguments; }
    /// NAME=value as the program got them, without what belongs to one start only.
    const QList<QByteArray> &environment() const { return m_environment; }
    /// Absolute path, of a directory that may have been deleted; empty if unknown.
    const QByteArray &workingDirectory() const { return m_workingDirectory; }
    const LaunchTraits &traits() const { return m_traits; }

    /// What the environment of a program that start() started says, beside what was recorded: by it
    /// a rescuer finds that it is back already. Another one for every record.
    QByteArray mark() const { return m_mark; }

    /// Keeps the program's own name and replaces what follows it (a registration says so).
    void setArguments(const QStringList &arguments);

    /// Starts the program anew: see Launcher::launch.
    void start(QObject *context, std::function<void(Result<UniqueProcess>)> done) const;

private:
    friend LaunchRecord captureLaunch(const UniqueProcess &process);

    bool isPlausible() const;

    QByteArray m_program;
    FileIdentity m_programFile;
    QList<QByteArray> m_arguments;
    QList<QByteArray> m_environment;
    QByteArray m_workingDirectory;
    LaunchTraits m_traits;
    QByteArray m_mark;
};

} // namespace Entracte
