// SPDX-License-Identifier: MIT
#pragma once

#include "restart/sessionmessage.h"
#include "restart/sessionstore.h"

#include <QObject>
#include <QThread>

#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace Entracte {

class SessionDoor;

/// The primary's end of a shared session: keeps the record and answers the socket from a thread of
/// its own, so that secondaries may register while the installer's thread is busy or blocked in
/// their own call. Knows no application; RestartSession reads resources() and does the work.
///
/// Every function may be called from any thread; signals come in the receiver's.
class SessionServer : public QObject
{
    Q_OBJECT

public:
    /// Writes the first record: RestartCode::WriteFault.
    static Result<std::unique_ptr<SessionServer>> start(std::unique_ptr<StoredSession> stored,
                                                        RestartRules rules);
    ~SessionServer() override;

    QString key() const { return m_stored->key(); }
    QString id() const { return m_stored->id(); }

    /// Proves the primary's rights over the socket; never handed to a secondary.
    QString token() const { return m_token; }

    /// The union is stored, or nothing changes.
    Result<> registerResources(int participant, const Resources &resources);

    /// Takes back what \a participant registered; what others registered too stays. BadArguments
    /// under Windows rules, which know no such call.
    Result<> unregisterResources(int participant, const Resources &resources);

    Resources resources() const;

    /// Before anybody is asked to close, and again when they are back (then empty).
    Result<> saveClosed(const QList<ClosedApplication> &closed);

    /// Secondaries that said "I have registered everything" and wait.
    int awaitingCount() const;

    /// Lets them go on (Success: swap now) or give up (Cancelled).
    void release(RestartCode code);

    /// Answers a primaryAsked(). Progress messages may precede the one Reply.
    void answer(int participant, const SessionMessage &message);

signals:
    void resourcesChanged();
    void awaitingChanged();
    /// A secondary has proved with the key that it belongs here.
    void joined(int participant);
    /// Somebody with the token asks for a primary operation; answer() it.
    void primaryAsked(int participant, const Entracte::SessionMessage &message);

private:
    friend class SessionDoor;

    SessionServer(std::unique_ptr<StoredSession> stored, RestartRules rules);
    Result<> change(const std::function<void(SessionRecord &)> &how);
    void setAwaiting(int participant, bool awaits);
    int nextParticipant();
    void participantLeft(int participant);

    std::unique_ptr<StoredSession> m_stored;
    QString m_token;
    mutable std::mutex m_mutex;
    SessionRecord m_record;
    QSet<int> m_awaiting;
    std::optional<RestartCode> m_released;
    int m_participants = 0;
    QThread m_thread;
    SessionDoor *m_door = nullptr; ///< lives in m_thread
};

} // namespace Entracte
