// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "platform/linux/process.h"

#include <QByteArray>
#include <QCoreApplication>
#include <QList>

#include <functional>
#include <memory>

class QObject;

namespace Entracte {

/// What a process has from whoever started it, beside words and places (linux-mechanisms 4.1).
struct LaunchTraits
{
    uid_t uid = 0;
    gid_t gid = 0;
    QList<gid_t> groups;
    mode_t umask = 022;
    int niceness = 0;
};

/// How a process was started, recorded while it lives, and enough to start it again as it was:
/// program, arguments, working directory, environment, user, groups, umask and niceness
/// (linux-mechanisms 4.1).
///
/// Holds secrets: never logged, and written nowhere but into a session's own record.
class LaunchRecord
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::LaunchRecord)

public:
    static LaunchRecord of(const UniqueProcess &process);

    /// For a session's record, and back; invalid if \a bytes are not ours.
    QByteArray toBytes() const;
    static LaunchRecord fromBytes(const QByteArray &bytes);

    bool isValid() const { return !m_program.isEmpty() && !m_arguments.isEmpty(); }

    /// What the environment of a program that start() started says, beside what was recorded: by it
    /// a rescuer finds that it is back already. Another one for every record.
    QByteArray mark() const { return m_mark; }

    const QByteArray &program() const { return m_program; }
    const QList<QByteArray> &arguments() const { return m_arguments; }
    /// As recorded; start() adds the mark.
    const QList<QByteArray> &environment() const { return m_environment; }
    const QByteArray &workingDirectory() const { return m_workingDirectory; }
    LaunchTraits traits() const { return {m_uid, m_gid, m_groups, m_umask, m_niceness}; }

    /// Keeps the program's own name and replaces what follows it (a registration says so).
    void setArguments(const QStringList &arguments);

    /// Starts the program anew, detached from us: its own session, no descriptors of ours, default
    /// signals. \a done is called in the thread of \a context when the program runs or could not be
    /// run; the process is the new one.
    void start(QObject *context, std::function<void(Result<UniqueProcess>)> done) const;

private:
    QByteArray m_program;
    QList<QByteArray> m_arguments;
    QList<QByteArray> m_environment;
    QByteArray m_workingDirectory;
    uid_t m_uid = 0;
    gid_t m_gid = 0;
    QList<gid_t> m_groups;
    mode_t m_umask = 022;
    int m_niceness = 0;
    QByteArray m_mark;
};

} // namespace Entracte
