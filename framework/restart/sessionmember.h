// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/job.h"
#include "restart/resources.h"
#include "restart/sessionstore.h"

#include <QObject>

#include <memory>

namespace Entracte {

class SessionConnection;

/// A secondary installer's end of a session (spec 4.2): join with the key, register, and leave; or
/// wait for the primary to close the applications. It has no other rights, in its own process or in
/// another's. What it registered stays registered, also when it leaves or dies.
///
///     SessionMember member(store, clock);
///     join(key) ─► registerResources ─► awaitShutdown ─► (the swap) ─► leave
///
/// Each step is a Job that the caller starts; one at a time. A failed step must never fail the
/// installation (spec 25): go on alone.
class SessionMember : public QObject
{
    Q_OBJECT

public:
    /// \a store must outlive the member.
    SessionMember(SessionStore &store, std::shared_ptr<Clock> clock);
    ~SessionMember() override;

    /// The environment variable in which a primary hands over its key.
    static constexpr char keyVariable[] = "ENTRACTE_SESSION_KEY";

    std::unique_ptr<Job> join(const QString &key);
    std::unique_ptr<Job> registerResources(const Resources &resources);
    std::unique_ptr<Job> unregisterResources(const Resources &resources);

    /// Ends when the primary has closed the applications, or with RestartCode::Cancelled when it
    /// gave up. People may take as long as they like.
    std::unique_ptr<Job> awaitShutdown();

    /// Gives the place back. The destructor does it too.
    void leave();

    bool hasJoined() const { return m_connection != nullptr; }

private:
    class Step;

    SessionStore &m_store;
    std::shared_ptr<Clock> m_clock;
    std::unique_ptr<SessionConnection> m_connection;
};

} // namespace Entracte
