// SPDX-License-Identifier: MIT
#pragma once

#include "platform/linux/process.h"

#include <QObject>
#include <QSet>

#include <memory>
#include <vector>

class QSocketNotifier;

namespace Entracte {

/// The processes of one application while it is being closed: each is watched, and signalled,
/// through a descriptor that was opened before (spec 82).
class ClosingMembers : public QObject
{
    Q_OBJECT

public:
    ClosingMembers();
    ~ClosingMembers() override;

    /// Watches those of \a processes that live, in their order.
    void watch(const QList<UniqueProcess> &processes);

    /// Notices an end that no event has told yet.
    void lookNow();

    bool isEmpty() const { return m_members.empty(); }
    QSet<pid_t> pids() const;

    /// The first that lives; there must be one.
    const UniqueProcess &representative() const { return m_members.front().process; }
    bool signalRepresentative(int signal) const;
    void signalAll(int signal) const;

signals:
    /// The last one has ended.
    void allEnded();

private:
    struct Member
    {
        UniqueProcess process;
        Descriptor descriptor;
        std::unique_ptr<QSocketNotifier> notifier;
    };

    std::vector<Member> m_members;
};

} // namespace Entracte
