// SPDX-License-Identifier: MIT
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "restart/sessionrecord.h"

#include <QString>

#include <chrono>
#include <memory>
#include <vector>

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

    /// What it is called in the store: no secret, opens nothing.
    virtual QString id() const = 0;

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

/// A session whose primary died after it had begun to close applications, in the hands of whoever
/// brings them back. Held like a live session: nobody else gets it, and when this object goes, or
/// its process dies, before forget(), the next one may have it.
class AbandonedSession
{
public:
    virtual ~AbandonedSession() = default;

    /// As the primary left it, or save() did.
    const SessionRecord &record() const { return m_record; }

    /// Replaces the record: what is left to do if this process dies too.
    virtual Result<> save(const SessionRecord &record) = 0;

    /// There is nothing left to bring back.
    virtual void forget() = 0;

    /// True when another session has \a process on record by now: then bringing it back is that
    /// one's business.
    virtual bool isAnothersToo(const UniqueProcess &process) const = 0;

protected:
    SessionRecord m_record;
};

/// Port: where the sessions of one user live (spec 4.5, design section 6). Everything in it is
/// readable by that user alone; symbolic links, foreign owners and open permissions are refused.
///
///     DIR/lock               taken for the moment of a start, join or recovery
///     DIR/slots/00 … 63      locked by whoever started or joined: 64 a user, free again at once
///     DIR/sessions/ID/       alive (locked by the primary), record, socket
///     DIR/abandoned/ID/      the same of a dead primary that had closed somebody; its lock is now
///                            its rescuer's
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

    using AbandonedSessions = std::vector<std::unique_ptr<AbandonedSession>>;

    /// The sessions of this boot whose primary died between closing and reopening applications,
    /// without those that somebody is bringing back already.
    virtual Result<AbandonedSessions> abandoned() = 0;

    /// Waits until the primary of session \a id has ended, and whatever it was just starting has
    /// become a program of its own; null if it left nothing to bring back. Blocks without limit.
    virtual Result<std::unique_ptr<AbandonedSession>> awaitAbandoned(const QString &id) = 0;
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
