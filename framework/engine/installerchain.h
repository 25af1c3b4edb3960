// SPDX-License-Identifier: MIT
#pragma once

#include "core/job.h"
#include "manifest/manifest.h"

#include <QObject>
#include <QProcess>

#include <memory>
#include <vector>

namespace Entracte {

class SessionServer;

/// How a chained installer ended.
struct ChainedOutcome
{
    QString name;
    bool required = false;
    int exitStatus = 0;
    QString problem; ///< one sentence; empty: it is installed

    bool isInstalled() const { return problem.isEmpty(); }
};

/// The other installers of one installation (manifest key "chain"), run beside ours as secondaries
/// of our session: each prepares, registers what it will replace, and waits for the applications to
/// close, so that people are asked once.
///
///     start() ─► ready() ─► (the question, the shutdown) ─► proceed() … finished()
///
/// The key goes into their environment, never into arguments. One that does not know it simply runs
/// to its end.
class InstallerChain : public QObject
{
    Q_OBJECT

public:
    /// \a server: of the shared session; null if it could not be shared, then everybody is alone.
    InstallerChain(const QList<ChainedInstaller> &installers, SessionServer *server);
    ~InstallerChain() override;

    void start();

    /// True when nobody prepares any more: each waits for the shutdown, or has ended.
    bool isReady() const;

    /// The applications are closed, or need not be: those who wait go on. → finished()
    void proceed();

    /// The installation is given up: those who wait undo what they did; those who never joined run
    /// to their end, because half an installation is nobody's wish. → finished()
    void stop();

    bool isFinished() const;
    QList<ChainedOutcome> outcomes() const;

signals:
    void ready();
    /// All have ended. Queued: never from within proceed() or stop().
    void finished();

private:
    struct Member
    {
        ChainedInstaller installer;
        std::unique_ptr<QProcess> process;
        ChainedOutcome outcome;
        bool hasEnded = false;
    };

    void memberEnded(Member &member);
    void check();

    std::vector<Member> m_members;
    SessionServer *m_server;
    bool m_wasReady = false;
    bool m_mayFinish = false;
};

} // namespace Entracte
