// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/agent/useragent.h"
#include "platform/linux/relaunch/reopenentries.h"
#include "restart/reopening.h"

#include <QCoreApplication>
#include <QMap>
#include <QObject>

#include <map>
#include <memory>

namespace Entracte {

/// Reopening for the programs of every user: our own in a worker, and if we are root, those of
/// anybody else who is logged in or uses what is installed by an agent of that user. So each entry,
/// record and copy is written by its user, and root writes into nobody's home.
class UsersReopening : public Reopening
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::UsersReopening)

public:
    explicit UsersReopening(std::shared_ptr<Clock> clock);
    ~UsersReopening() override;

    void look(const QList<AffectedApplication> &applications, QObject *context,
              Known done) override;
    void arrange(const QDateTime &time, const QList<AffectedApplication> &applications,
                 QObject *context, Known done) override;
    void forget(QObject *context, std::function<void(const Result<> &)> done) override;

private:
    struct Answers;
    /// A task for each user who takes part.
    using Parts = QMap<uid_t, ReopenTask>;

    static Parts partsOf(ReopenTask::What what, const QDateTime &time,
                         const QList<AffectedApplication> &applications);
    void askFor(ReopenTask::What what, const QDateTime &time,
                const QList<AffectedApplication> &applications, QObject *context, Known done);
    void ask(const Parts &parts, const std::shared_ptr<Answers> &answers);
    void carryOutOurselves(const ReopenTask &task, const std::shared_ptr<Answers> &answers);
    UserAgent *agentFor(uid_t uid, const QList<AffectedApplication> &applications);

    std::shared_ptr<Clock> m_clock;
    std::map<uid_t, std::unique_ptr<UserAgent>> m_agents;
    std::unique_ptr<QObject> m_jobs; ///< parent of what runs in workers
};

} // namespace Entracte
