// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/job.h"
#include "restart/restartcode.h"
#include "support/rminstaller.h"

#include <QProcessEnvironment>
#include <QTemporaryDir>

#include <memory>
#include <vector>

namespace Entracte {
class SessionStore;
}

/// The base of the acceptance statements of the restart manager, by number (spec section 12).
/// Almost all of them are played by real installers in C (support/rmclient.c) against real
/// applications (support/linkedholder.cpp). Every test function has a folder of its own in which
/// two files lie, "held" and "other"; the users root and nobody have a runtime directory there, and
/// no program that was started from it survives the function.
class RestartManagerTest : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

protected:
    using Installer = RmInstaller;
    using Program = LinkedProgram;

    static constexpr uid_t nobody = 65534;

    std::unique_ptr<Installer> installer(uid_t uid = 0, rlim_t largestFile = RLIM_INFINITY);

    /// \a name: of a copy of the helper, so that several programs can be told apart.
    Program *start(const QString &name, const QStringList &options, uid_t uid = 0,
                   bool inTerminal = false);

    QProcessEnvironment environment(uid_t uid = 0) const;

    /// Runs \a job until it ends with \a code.
    void finish(std::unique_ptr<Entracte::Job> job,
                Entracte::RestartCode code = Entracte::RestartCode::Success);

    std::unique_ptr<Entracte::SessionStore> store(std::shared_ptr<Entracte::Clock> clock) const;

    /// Runs the entracte command; its output's lines.
    QStringList runEntracte(const QStringList &arguments, uid_t uid = 0);

    QString folder() const { return m_folder->path(); }
    QString path(const QString &name) const { return m_folder->filePath(name); }
    QString textOf(const QString &name) const;
    QString held() const { return path(QStringLiteral("held")); }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::vector<std::unique_ptr<Program>> m_programs;
};
