// SPDX-License-Identifier: MIT
#include "client/restartregistration.h"

#include "client/registrationpath.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <QSocketNotifier>

#include <map>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte::Client {

static quint64 ownStartTime()
{
    QFile file(u"/proc/self/stat"_s);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray stat = file.readAll();
    return stat.mid(stat.lastIndexOf(')') + 2).split(' ').value(19).toULongLong();
}

/// Makes \a folder, or accepts it if it is a real folder of ours that nobody else may enter.
static bool ensurePrivateFolder(const QString &folder)
{
    const QByteArray path = QFile::encodeName(folder);
    mkdir(path.constData(), 0700);
    struct stat status;
    return lstat(path.constData(), &status) == 0 && S_ISDIR(status.st_mode)
        && status.st_uid == geteuid() && (status.st_mode & 077) == 0;
}

static QString ownFolder()
{
    return registrationFolder(qEnvironmentVariable("XDG_RUNTIME_DIR"), geteuid());
}

/// The socket and whoever comes through it.
class RestartRegistration::Door
{
public:
    explicit Door(RestartRegistration &registration)
        : m_registration(registration)
    {
    }

    ~Door()
    {
        for (const auto &[visitor, each] : m_visitors)
            close(visitor);
        shut();
    }

    bool isOpen() const { return m_listener >= 0; }

    /// Nobody new comes in; who is inside may finish.
    void shut()
    {
        if (m_listener < 0)
            return;
        m_notifier.reset();
        close(std::exchange(m_listener, -1));
        unlink(m_path.constData());
    }

    bool open(const QString &path)
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        m_path = QFile::encodeName(path);
        if (size_t(m_path.size()) >= sizeof address.sun_path)
            return false;
        std::copy(m_path.cbegin(), m_path.cend(), address.sun_path);
        unlink(m_path.constData());
        m_listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (m_listener < 0
            || bind(m_listener, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0
            || chmod(m_path.constData(), 0600) != 0 || listen(m_listener, mostVisitors) != 0) {
            shut();
            return false;
        }
        m_notifier = std::make_unique<QSocketNotifier>(m_listener, QSocketNotifier::Read);
        QObject::connect(m_notifier.get(), &QSocketNotifier::activated, &m_registration,
                         [this] { admit(); });
        return true;
    }

private:
    static constexpr int mostVisitors = 8;

    struct Visitor
    {
        std::unique_ptr<QSocketNotifier> notifier;
        QByteArray pending;
        bool hasYes = false; ///< holds our word that we may close
    };

    /// The same user, or root: installers of the whole system ask too.
    static bool mayAsk(int visitor)
    {
        struct ucred peer
        {
        };
        socklen_t size = sizeof peer;
        return getsockopt(visitor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
            && (peer.uid == geteuid() || peer.uid == 0);
    }

    void admit()
    {
        const int visitor = accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (visitor < 0)
            return;
        if (!mayAsk(visitor) || m_visitors.size() >= mostVisitors) {
            close(visitor);
            return;
        }
        Visitor &entered = m_visitors[visitor];
        entered.notifier = std::make_unique<QSocketNotifier>(visitor, QSocketNotifier::Read);
        QObject::connect(entered.notifier.get(), &QSocketNotifier::activated, &m_registration,
                         [this, visitor] { read(visitor); });
    }

    void read(int visitor)
    {
        Visitor &reader = m_visitors.at(visitor);
        char block[1024];
        const ssize_t length = ::read(visitor, block, sizeof block);
        if (length < 0 && errno == EAGAIN)
            return;
        if (length <= 0 || reader.pending.size() + length > longestLine)
            return dismiss(visitor);
        reader.pending.append(block, length);
        for (qsizetype end; (end = reader.pending.indexOf('\n')) >= 0;) {
            const QByteArray line = reader.pending.left(end);
            reader.pending.remove(0, end + 1);
            obey(visitor, reader, QJsonDocument::fromJson(line).object());
        }
    }

    void obey(int visitor, Visitor &reader, const QJsonObject &message)
    {
        if (message.value("ask"_L1).toString() == "close"_L1) {
            const CloseAnswer answer = m_registration.m_question();
            reader.hasYes = answer.mayClose;
            QJsonObject reply{{u"answer"_s, answer.mayClose ? u"yes"_s : u"no"_s}};
            if (!answer.mayClose)
                reply.insert(u"reason"_s, answer.reason.left(500));
            const QByteArray line = QJsonDocument(reply).toJson(QJsonDocument::Compact) + '\n';
            [[maybe_unused]] const ssize_t sent =
                send(visitor, line.constData(), size_t(line.size()), MSG_NOSIGNAL);
        } else if (message.value("tell"_L1).toString() == "close"_L1) {
            reader.hasYes = false;
            emit m_registration.closeRequested();
        } else if (message.value("tell"_L1).toString() == "off"_L1) {
            callOff(reader);
        }
    }

    void callOff(Visitor &reader)
    {
        if (std::exchange(reader.hasYes, false))
            emit m_registration.closeCalledOff();
    }

    void dismiss(int visitor)
    {
        const auto leaving = m_visitors.find(visitor);
        callOff(leaving->second);
        leaving->second.notifier->setEnabled(false);
        leaving->second.notifier.release()->deleteLater(); // we may be in its signal
        m_visitors.erase(leaving);
        close(visitor);
    }

    RestartRegistration &m_registration;
    QByteArray m_path;
    int m_listener = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
    std::map<int, Visitor> m_visitors;
};

RestartRegistration::RestartRegistration(QObject *parent)
    : QObject(parent)
{
}

RestartRegistration::~RestartRegistration()
{
    withdraw();
}

void RestartRegistration::setArguments(const QStringList &arguments)
{
    m_arguments = arguments;
    m_hasArguments = true;
}

void RestartRegistration::setCloseQuestion(std::function<CloseAnswer()> question)
{
    m_question = std::move(question);
}

bool RestartRegistration::publish()
{
    const QString folder = ownFolder();
    if (!ensurePrivateFolder(folder.section(u'/', 0, -2)) || !ensurePrivateFolder(folder))
        return false;

    const quint64 startTime = ownStartTime();
    if (m_question && !m_door)
        m_door = std::make_unique<Door>(*this);
    const bool asks =
        m_door
        && (m_door->isOpen()
            || m_door->open(folder + u'/' + registrationSocketName(getpid(), startTime)));

    QJsonObject registration{{u"formatVersion"_s, 1},
                             {u"name"_s, m_name},
                             {u"icon"_s, m_icon},
                             {u"flags"_s, m_flags.toInt()},
                             {u"asks"_s, asks}};
    if (m_hasArguments)
        registration.insert(u"arguments"_s, QJsonArray::fromStringList(m_arguments));

    QSaveFile file(folder + u'/' + registrationFileName(getpid(), startTime));
    if (!file.open(QIODevice::WriteOnly))
        return false;
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.write(QJsonDocument(registration).toJson(QJsonDocument::Compact));
    if (!file.commit())
        return false;
    m_fileName = file.fileName();
    return true;
}

void RestartRegistration::withdraw()
{
    if (!m_fileName.isEmpty())
        QFile::remove(std::exchange(m_fileName, {}));
    if (m_door)
        m_door->shut();
}

} // namespace Entracte::Client

#include "moc_restartregistration.cpp"
