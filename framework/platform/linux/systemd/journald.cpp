// SPDX-License-Identifier: MIT
#include "core/logging.h"
#include "platform/linux/process.h"
#include "platform/unix/descriptor.h"
#include "restart/eventlog.h"

#include <QFile>
#include <QtEndian>

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

/// journald takes datagrams up to the socket's buffer; larger ones need a file in memory, and no
/// event of ours comes near.
static constexpr qsizetype mostBytes = 64 * 1024;

/// systemd.io/JOURNAL_NATIVE_PROTOCOL: NAME=value, or, where the value has lines, NAME, a line's
/// end, eight bytes of length, the value. So no value can pretend to be a field.
static void append(QByteArray &datagram, const QByteArray &name, const QByteArray &value)
{
    datagram += name;
    if (!value.contains('\n')) {
        datagram += '=' + value + '\n';
        return;
    }
    QByteArray length(8, Qt::Uninitialized);
    qToLittleEndian(quint64(value.size()), length.data());
    datagram += '\n' + length + value + '\n';
}

/// journald by its native protocol: one datagram an event. The library of systemd would do no more
/// for us, and would be one more to have.
class Journald : public EventLog
{
public:
    Journald(const UniqueProcess &installer, const QString &socket)
        : m_path(socket.isEmpty() ? u"/run/systemd/journal/socket"_s : socket)
        , m_installer(installer)
        , m_program(executableOf(pid_t(installer.pid)))
        , m_socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))
    {
    }

    void write(const RestartEvent &event) override
    {
        const QByteArray datagram = encoded(event);
        const QByteArray path = QFile::encodeName(m_path);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (datagram.size() > mostBytes || path.size() >= qsizetype(sizeof address.sun_path))
            return;
        std::memcpy(address.sun_path, path.constData(), std::size_t(path.size()));
        if (sendto(m_socket.get(), datagram.constData(), std::size_t(datagram.size()), MSG_NOSIGNAL,
                   reinterpret_cast<const sockaddr *>(&address), sizeof address)
                < 0
            && errno != ENOENT && !std::exchange(m_hasComplained, true))
            qCInfo(lcRestart) << "the system's journal does not take events:" << strerror(errno);
    }

private:
    QByteArray encoded(const RestartEvent &event) const
    {
        const RestartEventType &type = typeOf(event.kind);
        QByteArray datagram;
        append(datagram, "MESSAGE", event.sentence.toUtf8());
        append(datagram, "MESSAGE_ID", type.messageId);
        append(datagram, "PRIORITY", QByteArray::number(type.priority));
        append(datagram, "SYSLOG_IDENTIFIER", "entracte");
        append(datagram, "ENTRACTE_EVENT", type.word);
        if (type.windowsId != 0)
            append(datagram, "ENTRACTE_WINDOWS_EVENT", QByteArray::number(type.windowsId));
        append(datagram, "ENTRACTE_INSTALLER_PID", QByteArray::number(m_installer.pid));
        if (!m_program.isEmpty())
            append(datagram, "ENTRACTE_INSTALLER", QFile::encodeName(m_program));
        for (const RestartEvent::Field &field : event.fields)
            append(datagram, field.name, field.value.toUtf8());
        // So `journalctl --unit` of a service tells who stopped it. Not OBJECT_PID, which would do
        // the same: with it the journal writes down the program's arguments.
        if (const QString unit = event.value("ENTRACTE_UNIT"); !unit.isEmpty())
            append(datagram, "OBJECT_SYSTEMD_UNIT", unit.toUtf8());
        if (const QString unit = event.value("ENTRACTE_USER_UNIT"); !unit.isEmpty())
            append(datagram, "OBJECT_SYSTEMD_USER_UNIT", unit.toUtf8());
        return datagram;
    }

    QString m_path;
    UniqueProcess m_installer;
    QString m_program;
    Descriptor m_socket;
    bool m_hasComplained = false;
};

std::unique_ptr<EventLog> createEventLog(const UniqueProcess &installer, const QString &socket)
{
    return std::make_unique<Journald>(
        installer == UniqueProcess() ? uniqueProcess(getpid()) : installer, socket);
}

} // namespace Entracte
