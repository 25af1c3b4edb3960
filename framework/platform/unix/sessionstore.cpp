// SPDX-License-Identifier: MIT
#include "restart/sessionstore.h"

#include "platform/unix/descriptor.h"
#include "restart/restartcode.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QRandomGenerator>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

class StoreErrors
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::SessionStore)
};

Error writeFault(const QString &what, int errorNumber)
{
    return restartError(RestartCode::WriteFault,
                        StoreErrors::tr("The session store “%1” cannot be used: %2.",
                                        "restart manager error; %2 is the system's reply")
                            .arg(what, systemReply(errorNumber)));
}

QString defaultDirectory()
{
    if (const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR"); !runtime.isEmpty())
        return runtime + u"/entracte"_s;
    if (geteuid() == 0)
        return u"/run/entracte"_s;
    const QString usual = u"/run/user/%1"_s.arg(geteuid());
    return QDir(usual).exists() ? usual + u"/entracte"_s : u"/tmp/entracte-%1"_s.arg(geteuid());
}

/// Opens \a name below \a parent as a folder that is ours alone, making it first if it is missing.
/// -1 and errno otherwise; a link or a foreign folder is ELOOP, ENOTDIR or EPERM.
Descriptor openPrivateFolder(int parent, const char *name)
{
    if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
        return Descriptor();
    Descriptor folder(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status;
    if (!folder.isValid() || fstat(folder.get(), &status) != 0)
        return Descriptor();
    if (status.st_uid != geteuid() || (status.st_mode & 077) != 0) {
        errno = EPERM;
        return Descriptor();
    }
    return folder;
}

Descriptor openLockFile(int folder, const char *name)
{
    return Descriptor(
        openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
}

bool lockNow(const Descriptor &file)
{
    return file.isValid() && flock(file.get(), LOCK_EX | LOCK_NB) == 0;
}

/// Waits for the lock in a thread of its own, because flock() knows no limit. Past the limit the
/// thread is left to get the lock some day, and to let it go at once.
bool lockWithin(Descriptor &file, Clock &clock, std::chrono::milliseconds limit)
{
    struct Wait
    {
        std::mutex mutex;
        std::condition_variable changed;
        Descriptor file;
        bool isLocked = false;
        bool isAbandoned = false;
    };
    if (lockNow(file))
        return true;
    if (!file.isValid())
        return false;

    const auto wait = std::make_shared<Wait>();
    const int descriptor = file.get();
    wait->file = std::move(file);
    std::thread([wait, descriptor] {
        const bool locked = flock(descriptor, LOCK_EX) == 0;
        const std::lock_guard guard(wait->mutex);
        wait->isLocked = locked;
        if (wait->isAbandoned)
            flock(descriptor, LOCK_UN);
        wait->changed.notify_one();
    }).detach();

    std::unique_lock lock(wait->mutex);
    if (!clock.wait(wait->changed, lock, limit, [wait] { return wait->isLocked; })) {
        wait->isAbandoned = true;
        return false;
    }
    file = std::move(wait->file);
    return true;
}

QByteArray bootId()
{
    QFile file(u"/proc/sys/kernel/random/boot_id"_s);
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
}

QString randomKey()
{
    std::array<quint32, 4> bits;
    QRandomGenerator::system()->generate(bits.begin(), bits.end());
    return QString::fromLatin1(
        QByteArray(reinterpret_cast<const char *>(bits.data()), sizeof bits).toHex());
}

/// The key opens; what stands in the folder is only its fingerprint.
QByteArray idOf(const QString &key)
{
    return QCryptographicHash::hash(key.toLatin1(), QCryptographicHash::Sha256).toHex().left(16);
}

/// The address of DIR/sessions/ID/socket, through the folder's descriptor: a path of any length
/// fits.
sockaddr_un socketAddress(const Descriptor &folder)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/socket",
                  folder.get());
    return address;
}

QByteArray readAll(int folder, const char *name)
{
    Descriptor file(openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    QFile reader;
    return file.isValid() && reader.open(file.get(), QIODevice::ReadOnly) ? reader.readAll()
                                                                          : QByteArray();
}

/// Writes \a bytes under another name, then renames: a reader sees the old or the new content.
int replaceFile(int folder, const char *name, const QByteArray &bytes)
{
    static constexpr char draft[] = "draft";
    Descriptor file(openat(folder, draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                           S_IRUSR | S_IWUSR));
    if (!file.isValid())
        return errno;
    qsizetype written = 0;
    while (written < bytes.size()) {
        const ssize_t now =
            write(file.get(), bytes.constData() + written, size_t(bytes.size() - written));
        if (now < 0 && errno == EINTR)
            continue;
        if (now <= 0) {
            const int error = now == 0 ? ENOSPC : errno;
            unlinkat(folder, draft, 0);
            return error;
        }
        written += now;
    }
    return renameat(folder, draft, folder, name) == 0 ? 0 : errno;
}

QByteArrayList namesIn(int folder)
{
    QByteArrayList names;
    const int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *const directory = copy >= 0 ? fdopendir(copy) : nullptr;
    if (!directory)
        return names;
    while (const dirent *entry = readdir(directory))
        if (entry->d_name[0] != '.')
            names.append(entry->d_name);
    closedir(directory);
    return names;
}

/// The folder of session \a id, if there is one.
Descriptor openFolder(int sessions, const QByteArray &id)
{
    return Descriptor(
        openat(sessions, id.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// Whether the primary that left \a folder had begun to close applications, in this boot.
bool hasSomebodyToBringBack(const Descriptor &folder)
{
    const std::optional<SessionRecord> record =
        SessionRecord::fromCbor(readAll(folder.get(), "record"));
    return record && record->bootId == bootId() && !record->closed.isEmpty();
}

void removeSession(int sessions, const QByteArray &id)
{
    const Descriptor folder = openFolder(sessions, id);
    if (!folder.isValid())
        return;
    for (const QByteArray &name : namesIn(folder.get()))
        unlinkat(folder.get(), name.constData(), 0);
    unlinkat(sessions, id.constData(), AT_REMOVEDIR);
}

/// Removes the session of a primary that died, whose lock is ours. Whether it was set aside depends
/// on who looked into the store meanwhile.
void removeDeadSession(const QString &storeDirectory, const QByteArray &id)
{
    const QByteArray base = QFile::encodeName(storeDirectory);
    const Descriptor store(open(base.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (const char *place : {"sessions", "abandoned"})
        removeSession(openFolder(store.get(), place).get(), id);
}

class UnixStoredSession : public StoredSession
{
public:
    UnixStoredSession(const QString &key, Descriptor slot, Descriptor sessions, Descriptor folder,
                      Descriptor alive, Descriptor listener, const QString &path)
        : m_key(key)
        , m_slot(std::move(slot))
        , m_sessions(std::move(sessions))
        , m_folder(std::move(folder))
        , m_alive(std::move(alive))
        , m_listener(std::move(listener))
        , m_path(path)
    {
    }

    ~UnixStoredSession() override { removeSession(m_sessions.get(), idOf(m_key)); }

    QString key() const override { return m_key; }
    QString id() const override { return QString::fromLatin1(idOf(m_key)); }
    int takeListener() override { return m_listener.release(); }

    bool admits(int socket) const override
    {
        struct ucred peer
        {
        };
        socklen_t size = sizeof peer;
        return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
            && peer.uid == geteuid();
    }

    Result<> save(const SessionRecord &record) override
    {
        SessionRecord stamped = record;
        stamped.bootId = bootId();
        if (const int error = replaceFile(m_folder.get(), "record", stamped.toCbor()))
            return writeFault(m_path, error);
        return {};
    }

private:
    QString m_key;
    Descriptor m_slot;
    Descriptor m_sessions;
    Descriptor m_folder;
    Descriptor m_alive;
    Descriptor m_listener;
    QString m_path;
};

class UnixAbandonedSession : public AbandonedSession
{
public:
    /// \a lock, the dead primary's, is held by us.
    UnixAbandonedSession(const SessionRecord &record, const QByteArray &id, Descriptor folder,
                         Descriptor lock, const QString &path)
        : m_id(id)
        , m_folder(std::move(folder))
        , m_lock(std::move(lock))
        , m_path(path)
    {
        m_record = record;
    }

    Result<> save(const SessionRecord &record) override
    {
        if (const int error = replaceFile(m_folder.get(), "record", record.toCbor()))
            return writeFault(m_path, error);
        m_record = record;
        return {};
    }

    // Whoever waits for the lock finds no record.
    void forget() override { removeDeadSession(m_path, m_id); }

    bool isAnothersToo(const UniqueProcess &process) const override
    {
        const QByteArray base = QFile::encodeName(m_path);
        const Descriptor store(open(base.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        for (const char *place : {"sessions", "abandoned"}) {
            const Descriptor sessions = openFolder(store.get(), place);
            for (const QByteArray &id : namesIn(sessions.get())) {
                const auto record = SessionRecord::fromCbor(
                    readAll(openFolder(sessions.get(), id).get(), "record"));
                if (id != m_id && record && record->hasOnRecord(process))
                    return true;
            }
        }
        return false;
    }

private:
    QByteArray m_id;
    Descriptor m_folder;
    Descriptor m_lock;
    QString m_path;
};

class UnixSessionSeat : public SessionSeat
{
public:
    UnixSessionSeat(Descriptor slot, Descriptor socket)
        : m_slot(std::move(slot))
        , m_socket(std::move(socket))
    {
    }

    int takeSocket() override { return m_socket.release(); }

private:
    Descriptor m_slot;
    Descriptor m_socket;
};

class UnixSessionStore : public SessionStore
{
public:
    UnixSessionStore(std::shared_ptr<Clock> clock, const SessionStoreSettings &settings)
        : m_clock(std::move(clock))
        , m_directory(settings.directory.isEmpty() ? defaultDirectory() : settings.directory)
        , m_lockLimit(settings.lockLimit)
    {
    }

    Result<std::unique_ptr<StoredSession>> create() override
    {
        Result<Opened> store = open();
        if (!store)
            return store.error();
        Result<Descriptor> slot = freeSlot(*store);
        if (!slot)
            return slot.error();

        const QString key = randomKey();
        const QByteArray id = idOf(key);
        Descriptor folder = openPrivateFolder(store->sessions.get(), id.constData());
        Descriptor alive = folder.isValid() ? openLockFile(folder.get(), "alive") : Descriptor();
        Descriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const sockaddr_un address = socketAddress(folder);
        if (!lockNow(alive) || !listener.isValid()
            || bind(listener.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address)
                   != 0
            || listen(listener.get(), maximumOpen) != 0) {
            const int error = errno;
            removeSession(store->sessions.get(), id);
            return writeFault(m_directory, error);
        }
        fchmodat(folder.get(), "socket", S_IRUSR | S_IWUSR, 0);
        return std::unique_ptr<StoredSession>(std::make_unique<UnixStoredSession>(
            key, std::move(*slot), std::move(store->sessions), std::move(folder), std::move(alive),
            std::move(listener), m_directory));
    }

    Result<std::unique_ptr<SessionSeat>> join(const QString &key) override
    {
        return connectTo(key, true);
    }

    Result<std::unique_ptr<SessionSeat>> reach(const QString &key) override
    {
        return connectTo(key, false);
    }

    Result<int> openSessions() override
    {
        const Result<Opened> store = open();
        if (!store)
            return store.error();
        return int(namesIn(store->sessions.get()).size());
    }

    Result<AbandonedSessions> abandoned() override
    {
        const Result<Opened> store = open();
        if (!store)
            return store.error();
        AbandonedSessions found;
        for (const QByteArray &id : namesIn(store->abandoned.get())) {
            Descriptor folder = openFolder(store->abandoned.get(), id);
            Descriptor lock = folder.isValid() ? openLockFile(folder.get(), "alive") : Descriptor();
            if (!lockNow(lock))
                continue; // somebody brings them back already
            if (auto session = claimed(id, std::move(folder), std::move(lock)))
                found.push_back(std::move(session));
        }
        return found;
    }

    Result<std::unique_ptr<AbandonedSession>> awaitAbandoned(const QString &id) override
    {
        Descriptor folder;
        {
            const Result<Opened> store = open();
            if (!store)
                return store.error();
            folder = openFolder(store->sessions.get(), id.toLatin1());
            if (!folder.isValid())
                folder = openFolder(store->abandoned.get(), id.toLatin1());
        }
        Descriptor lock;
        if (folder.isValid())
            lock = Descriptor(openat(folder.get(), "alive", O_RDWR | O_NOFOLLOW | O_CLOEXEC));
        if (!lock.isValid())
            return std::unique_ptr<AbandonedSession>(); // it ended well
        while (flock(lock.get(), LOCK_EX) != 0) {
            if (errno != EINTR)
                return writeFault(m_directory, errno);
        }
        return claimed(id.toLatin1(), std::move(folder), std::move(lock));
    }

private:
    /// The store while its lock is held.
    struct Opened
    {
        Descriptor sessions;
        Descriptor places;
        Descriptor abandoned;
        Descriptor lock;
    };

    Result<std::unique_ptr<SessionSeat>> connectTo(const QString &key, bool takesSeat)
    {
        const Error conflict = restartError(RestartCode::SessionCredentialConflict);
        // A store that is not ours holds no session of ours.
        if (!isOurs())
            return conflict;
        Result<Opened> store = open();
        if (!store)
            return store.error();
        const Descriptor folder = openFolder(store->sessions.get(), idOf(key));
        Descriptor connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const sockaddr_un address = socketAddress(folder);
        if (!folder.isValid()
            || connect(connection.get(), reinterpret_cast<const sockaddr *>(&address),
                       sizeof address)
                   != 0)
            return conflict;
        Result<Descriptor> slot = takesSeat ? freeSlot(*store) : Result<Descriptor>(Descriptor());
        if (!slot)
            return slot.error();
        return std::unique_ptr<SessionSeat>(
            std::make_unique<UnixSessionSeat>(std::move(*slot), std::move(connection)));
    }

    /// What is in \a folder, whose \a lock is ours; null if there is nobody to bring back.
    std::unique_ptr<AbandonedSession> claimed(const QByteArray &id, Descriptor folder,
                                              Descriptor lock) const
    {
        if (!hasSomebodyToBringBack(folder)) {
            removeDeadSession(m_directory, id);
            return nullptr;
        }
        const auto record = SessionRecord::fromCbor(readAll(folder.get(), "record"));
        return std::make_unique<UnixAbandonedSession>(*record, id, std::move(folder),
                                                      std::move(lock), m_directory);
    }

    bool isOurs() const
    {
        struct stat status;
        const QByteArray path = QFile::encodeName(m_directory);
        return lstat(path.constData(), &status) != 0
            || (S_ISDIR(status.st_mode) && status.st_uid == geteuid());
    }

    Result<Opened> open()
    {
        const QByteArray path = QFile::encodeName(m_directory);
        const Descriptor base = openPrivateFolder(AT_FDCWD, path.constData());
        if (!base.isValid())
            return writeFault(m_directory, errno);
        Opened store;
        store.lock = openLockFile(base.get(), "lock");
        if (!store.lock.isValid())
            return writeFault(m_directory, errno);
        if (!lockWithin(store.lock, *m_clock, m_lockLimit))
            return restartError(RestartCode::SemTimeout);
        store.sessions = openPrivateFolder(base.get(), "sessions");
        store.places = openPrivateFolder(base.get(), "slots");
        store.abandoned = openPrivateFolder(base.get(), "abandoned");
        if (!store.sessions.isValid() || !store.places.isValid() || !store.abandoned.isValid())
            return writeFault(m_directory, errno);
        sweep(store);
        return store;
    }

    /// Sets aside what dead primaries left: a lock that can be had is nobody's. A session that
    /// closed somebody stays for recovery, everything else goes.
    void sweep(const Opened &store)
    {
        for (const QByteArray &id : namesIn(store.sessions.get())) {
            const Descriptor folder = openFolder(store.sessions.get(), id);
            const Descriptor lock =
                folder.isValid() ? openLockFile(folder.get(), "alive") : Descriptor();
            if (!lockNow(lock))
                continue;
            if (hasSomebodyToBringBack(folder)
                && renameat(store.sessions.get(), id.constData(), store.abandoned.get(),
                            id.constData())
                       == 0)
                unlinkat(folder.get(), "socket", 0);
            else
                removeSession(store.sessions.get(), id);
        }
        for (const QByteArray &id : namesIn(store.abandoned.get())) {
            const Descriptor folder = openFolder(store.abandoned.get(), id);
            const Descriptor lock =
                folder.isValid() ? openLockFile(folder.get(), "alive") : Descriptor();
            if (lockNow(lock) && !hasSomebodyToBringBack(folder))
                removeSession(store.abandoned.get(), id);
        }
    }

    Result<Descriptor> freeSlot(const Opened &store)
    {
        for (int slot = 0; slot < maximumOpen; ++slot) {
            Descriptor file =
                openLockFile(store.places.get(), QByteArray::number(slot).rightJustified(2, '0'));
            if (!file.isValid())
                return writeFault(m_directory, errno);
            if (lockNow(file))
                return file;
        }
        return restartError(RestartCode::MaxSessionsReached);
    }

    std::shared_ptr<Clock> m_clock;
    QString m_directory;
    std::chrono::milliseconds m_lockLimit;
};

} // namespace

std::unique_ptr<SessionStore> createSessionStore(std::shared_ptr<Clock> clock,
                                                 const SessionStoreSettings &settings)
{
    return std::make_unique<UnixSessionStore>(std::move(clock), settings);
}

} // namespace Entracte
