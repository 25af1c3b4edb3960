// SPDX-License-Identifier: MIT
#include "restart/sessionserver.h"

#include "core/logging.h"

#include <QCoreApplication>
#include <QFile>
#include <QLocalServer>
#include <QLocalSocket>
#include <QRandomGenerator>

#include <array>
#include <vector>

namespace Entracte {

using Operation = SessionMessage::Operation;

/// More peers than a user can have seats; the rest are strangers.
static constexpr int mostConnections = 2 * SessionStore::maximumOpen;

/// Stands for all participants that have left.
static constexpr int departed = -1;

/// A peer that does not read its answers is not asked twice.
static constexpr qint64 mostUnread = 1024 * 1024;

/// Compares every character, so that the time tells nothing.
static bool isSame(const QString &secret, const QString &guess)
{
    int difference = secret.size() == guess.size() ? 0 : 1;
    for (qsizetype i = 0; i < std::min(secret.size(), guess.size()); ++i)
        difference |= secret[i].unicode() ^ guess[i].unicode();
    return difference == 0;
}

static QString randomToken()
{
    std::array<quint32, 4> bits;
    QRandomGenerator::system()->generate(bits.begin(), bits.end());
    return QString::fromLatin1(
        QByteArray(reinterpret_cast<const char *>(bits.data()), sizeof bits).toHex());
}

/// The sockets, in the server's thread.
class SessionDoor : public QObject
{
    Q_OBJECT

public:
    SessionDoor(SessionServer &server, int listener)
        : m_server(server)
        , m_listener(listener)
    {
    }

    void open()
    {
        m_door = new QLocalServer(this);
        m_door->setMaxPendingConnections(mostConnections);
        connect(m_door, &QLocalServer::newConnection, this, &SessionDoor::admit);
        if (!m_door->listen(m_listener))
            qCWarning(lcRestart) << m_door->errorString();
    }

    // What is sent is flushed: the thread may end before it comes to it, and what waits in a socket
    // goes with it. A socket that fails meanwhile is forgotten, so its peer is not looked at again.

    void send(int participant, const SessionMessage &message)
    {
        const auto peer = m_peers.find(participant);
        if (peer == m_peers.end())
            return;
        QLocalSocket *const socket = peer->second.socket;
        socket->write(message.encoded());
        socket->flush();
    }

    void releaseAll(RestartCode code)
    {
        std::vector<QLocalSocket *> released;
        for (auto &[participant, peer] : m_peers) {
            if (!std::exchange(peer.awaits, false))
                continue;
            peer.socket->write(SessionMessage::reply(code).encoded());
            released.push_back(peer.socket);
        }
        for (QLocalSocket *const socket : released)
            socket->flush();
    }

private:
    struct Peer
    {
        QLocalSocket *socket;
        FrameReader frames;
        bool hasJoined = false;
        bool awaits = false;
    };

    void admit()
    {
        while (QLocalSocket *socket = m_door->nextPendingConnection()) {
            if (!m_server.m_stored->admits(int(socket->socketDescriptor()))
                || m_peers.size() >= mostConnections) {
                socket->abort();
                socket->deleteLater();
                continue;
            }
            const int participant = m_server.nextParticipant();
            m_peers[participant].socket = socket;
            connect(socket, &QLocalSocket::readyRead, this,
                    [this, participant] { read(participant); });
            connect(socket, &QLocalSocket::disconnected, this,
                    [this, participant] { forget(participant); });
            read(participant);
        }
    }

    void forget(int participant)
    {
        const auto peer = m_peers.find(participant);
        if (peer == m_peers.end())
            return;
        peer->second.socket->disconnect(this);
        peer->second.socket->deleteLater();
        m_peers.erase(peer);
        m_server.participantLeft(participant);
    }

    void read(int participant)
    {
        const auto found = m_peers.find(participant);
        if (found == m_peers.end())
            return;
        Peer &peer = found->second;
        peer.frames.append(peer.socket->readAll());
        while (const std::optional<QByteArray> frame = peer.frames.next()) {
            const Result<SessionMessage> message = SessionMessage::decoded(*frame);
            const SessionMessage reply =
                message ? obey(participant, peer, *message)
                        : SessionMessage::reply(restartCodeOf(message), message.error().message);
            if (reply.operation == Operation::Reply && !isAnsweredLater(peer, message))
                peer.socket->write(reply.encoded());
            if (peer.socket->bytesToWrite() > mostUnread)
                return drop(participant, peer);
        }
        if (peer.frames.isBroken()) {
            peer.socket->write(SessionMessage::reply(RestartCode::BadArguments).encoded());
            return drop(participant, peer);
        }
        peer.socket->flush();
    }

    void drop(int participant, Peer &peer)
    {
        QLocalSocket *const socket = peer.socket;
        forget(participant);
        socket->flush();
        socket->abort();
    }

    static bool isPrimary(Operation operation)
    {
        return operation >= Operation::List && operation <= Operation::End;
    }

    bool isAnsweredLater(const Peer &peer, const Result<SessionMessage> &message) const
    {
        if (!message)
            return false;
        const bool passedOn =
            isPrimary(message->operation) && isSame(m_server.token(), message->token);
        return passedOn || (message->operation == Operation::AwaitShutdown && peer.awaits);
    }

    SessionMessage obey(int participant, Peer &peer, const SessionMessage &message)
    {
        const SessionMessage conflict =
            SessionMessage::reply(RestartCode::SessionCredentialConflict);
        if (isPrimary(message.operation)) {
            if (!isSame(m_server.token(), message.token))
                return conflict;
            peer.frames.setLimit(FrameReader::largeLimit);
            emit m_server.primaryAsked(participant, message);
            return {};
        }
        if (message.operation == Operation::Join) {
            peer.hasJoined = isSame(m_server.key(), message.key);
            if (!peer.hasJoined)
                return conflict;
            peer.frames.setLimit(FrameReader::largeLimit);
            emit m_server.joined(participant);
            return SessionMessage::reply(RestartCode::Success);
        }
        // The holder of the token registers as the primary itself.
        const bool isPrimaryItself = isSame(m_server.token(), message.token);
        if (!peer.hasJoined && !isPrimaryItself)
            return conflict;
        return obeyParticipant(isPrimaryItself ? 0 : participant, peer, message);
    }

    SessionMessage obeyParticipant(int participant, Peer &peer, const SessionMessage &message)
    {
        switch (message.operation) {
        case Operation::Register:
            return replyTo(m_server.registerResources(participant, message.resources));
        case Operation::Unregister:
            return replyTo(m_server.unregisterResources(participant, message.resources));
        case Operation::AwaitShutdown:
            if (m_server.m_released)
                return SessionMessage::reply(*m_server.m_released);
            peer.awaits = true;
            m_server.setAwaiting(participant, true);
            return SessionMessage::reply(RestartCode::Success);
        case Operation::Leave:
            peer.hasJoined = false;
            return SessionMessage::reply(RestartCode::Success);
        default:
            return SessionMessage::reply(RestartCode::BadArguments);
        }
    }

    static SessionMessage replyTo(const Result<> &result)
    {
        return result ? SessionMessage::reply(RestartCode::Success)
                      : SessionMessage::reply(restartCodeOf(result), result.error().message);
    }

    SessionServer &m_server;
    int m_listener;
    QLocalServer *m_door = nullptr;
    std::map<int, Peer> m_peers;
};

Result<std::unique_ptr<SessionServer>> SessionServer::start(std::unique_ptr<StoredSession> stored,
                                                            RestartRules rules)
{
    std::unique_ptr<SessionServer> server(new SessionServer(std::move(stored), rules));
    if (const Result<> saved = server->change([](SessionRecord &) {}); !saved)
        return saved.error();
    return server;
}

SessionServer::SessionServer(std::unique_ptr<StoredSession> stored, RestartRules rules)
    : m_stored(std::move(stored))
    , m_token(randomToken())
{
    qRegisterMetaType<SessionMessage>();
    m_record.rules = rules;
    m_door = new SessionDoor(*this, m_stored->takeListener());
    m_door->moveToThread(&m_thread);
    connect(&m_thread, &QThread::started, m_door, &SessionDoor::open);
    connect(&m_thread, &QThread::finished, m_door, &QObject::deleteLater);
    m_thread.setObjectName(QStringLiteral("entracte-session"));
    m_thread.start();
}

SessionServer::~SessionServer()
{
    release(RestartCode::Cancelled);
    m_thread.quit();
    m_thread.wait();
}

Result<> SessionServer::change(const std::function<void(SessionRecord &)> &how)
{
    const std::lock_guard guard(m_mutex);
    SessionRecord changed = m_record;
    how(changed);
    if (const Result<> saved = m_stored->save(changed); !saved)
        return saved;
    m_record = std::move(changed);
    return {};
}

Result<> SessionServer::registerResources(int participant, const Resources &resources)
{
    if (const Result<> valid = resources.validate(); !valid)
        return valid;
    if (resources.isEmpty())
        return {};
    const Result<> stored =
        change([&](SessionRecord &record) { record.contributions[participant].unite(resources); });
    if (stored)
        emit resourcesChanged();
    return stored;
}

Result<> SessionServer::unregisterResources(int participant, const Resources &resources)
{
    if (m_record.rules == RestartRules::Windows)
        return restartError(
            RestartCode::BadArguments,
            tr("Under the Windows rules nothing can be taken back.", "restart manager error"));
    const Result<> stored = change(
        [&](SessionRecord &record) { record.contributions[participant].subtract(resources); });
    if (stored)
        emit resourcesChanged();
    return stored;
}

Resources SessionServer::resources() const
{
    const std::lock_guard guard(m_mutex);
    return m_record.resources();
}

Result<> SessionServer::saveClosed(const QList<ClosedApplication> &closed)
{
    return change([&closed](SessionRecord &record) { record.closed = closed; });
}

int SessionServer::awaitingCount() const
{
    const std::lock_guard guard(m_mutex);
    return int(m_awaiting.size());
}

void SessionServer::setAwaiting(int participant, bool awaits)
{
    {
        const std::lock_guard guard(m_mutex);
        if (awaits)
            m_awaiting.insert(participant);
        else if (!m_awaiting.remove(participant))
            return;
    }
    emit awaitingChanged();
}

// What it registered stays, but nobody can take it back any more: one heap for all who left, or
// thousands of comings and goings would be remembered one by one.
void SessionServer::participantLeft(int participant)
{
    {
        const std::lock_guard guard(m_mutex);
        QMap<int, Resources> &contributions = m_record.contributions;
        if (contributions.contains(participant))
            contributions[departed].unite(contributions.take(participant));
    }
    setAwaiting(participant, false);
}

int SessionServer::nextParticipant()
{
    const std::lock_guard guard(m_mutex);
    return ++m_participants;
}

void SessionServer::release(RestartCode code)
{
    QMetaObject::invokeMethod(
        m_door,
        [this, code] {
            m_released = code;
            m_door->releaseAll(code);
        },
        QThread::currentThread() == &m_thread ? Qt::DirectConnection
                                              : Qt::BlockingQueuedConnection);
}

void SessionServer::answer(int participant, const SessionMessage &message)
{
    QMetaObject::invokeMethod(
        m_door, [this, participant, message] { m_door->send(participant, message); },
        Qt::QueuedConnection);
}

} // namespace Entracte

#include "sessionserver.moc"

#include "moc_sessionserver.cpp"
