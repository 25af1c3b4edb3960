// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "restart/sessionrecord.h"

#include <QString>

#include <chrono>
#include <memory>

namespace Entracte {

/// A session of ours in the store: its key, its place among the user's 64, its record, and the
/// socket through which secondaries come. Dies with this object, or with this process: the kernel
/// frees what a killed process held.
class StoredSession
{
public:
    virtual ~StoredSession() = default;

    /// 128 random bits as 32 lower-case hexadecimal digits. Whoever has it may join: hand it over
    /// in the environment (ENTRACTE_SESSION_KEY), never in arguments, which everybody can read.
    virtual QString key() const = 0;

    /// Replaces the record, all or nothing: RestartCode::WriteFault leaves the former one intact.
    virtual Result<> save(const SessionRecord &record) = 0;

    /// The listening socket, non-blocking; the caller owns it from now on. Call once.
    virtual int takeListener() = 0;

    /// True when the peer of \a socket is this very user: root is not, it has an agent for that.
    virtual bool admits(int socket) const = 0;
};

/// A place among the user's 64, for a participant that joined, and its connection to the primary.
class SessionSeat
{
public:
    virtual ~SessionSeat() = default;

    /// The connected socket, non-blocking; the caller owns it from now on. Call once.
    virtual int takeSocket() = 0;
};

/// A session whose primary died.
struct AbandonedSession
{
    QString id;
    SessionRecord record;
};

/// Port: where the sessions of one user live (spec 4.5, design section 6). Everything in it is
/// readable by that user alone; symbolic links, foreign owners and open permissions are refused.
///
///     DIR/lock               taken for the moment of a start, join or recovery
///     DIR/slots/00 … 63      locked by whoever started or joined: 64 a user, free again at once
///     DIR/sessions/ID/       alive (locked by the primary), record, socket
///     DIR/abandoned/ID       the record of a dead primary that had closed somebody
///
/// Limits run on the store's clock. Every function may be called from any thread.
class SessionStore
{
public:
    static constexpr int maximumOpen = 64;

    virtual ~SessionStore() = default;

    /// Starts a session: RestartCode::MaxSessionsReached, WriteFault, SemTimeout.
    virtual Result<std::unique_ptr<StoredSession>> create() = 0;

    /// Takes a seat and connects. Whatever is wrong with the key or its session, unknown, ended or
    /// somebody else's, is RestartCode::SessionCredentialConflict: nothing can be probed.
    virtual Result<std::unique_ptr<SessionSeat>> join(const QString &key) = 0;

    /// Connects without a seat: for whoever holds the primary's token.
    virtual Result<std::unique_ptr<SessionSeat>> reach(const QString &key) = 0;

    /// How many sessions are open, memberships not counted. Dead ones are swept out first.
    virtual Result<int> openSessions() = 0;

    /// The sessions of this boot whose primary died between closing and reopening applications.
    virtual Result<QList<AbandonedSession>> abandoned() = 0;

    /// Forgets an abandoned session: call before what it closed is started, so that it is started
    /// once. WriteFault if somebody else was faster.
    virtual Result<> discard(const AbandonedSession &session) = 0;
};

struct SessionStoreSettings
{
    /// Default: $XDG_RUNTIME_DIR/entracte, for root /run/entracte, else /run/user/UID/entracte,
    /// else /tmp/entracte-UID.
    QString directory;
    /// How long another process may hold the store before RestartCode::SemTimeout.
    std::chrono::milliseconds lockLimit{5000};
};

/// The running system's store.
std::unique_ptr<SessionStore> createSessionStore(std::shared_ptr<Clock> clock,
                                                 const SessionStoreSettings &settings = {});

} // namespace Entracte
