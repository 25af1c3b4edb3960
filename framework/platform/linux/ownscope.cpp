// SPDX-License-Identifier: MIT
#include "platform/linux/ownscope.h"

#include "core/clock.h"
#include "core/logging.h"
#include "platform/linux/busaddress.h"
#include "platform/linux/systemd/transientunit.h"

#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QEventLoop>
#include <QFileInfo>

#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace Entracte {

namespace {

constexpr auto limit = 2s;
const QString manager = u"org.freedesktop.systemd1"_s;
const QString managerPath = u"/org/freedesktop/systemd1"_s;
const QString managerInterface = u"org.freedesktop.systemd1.Manager"_s;

/// Waits until the manager has done a job.
class JobWait : public QObject
{
    Q_OBJECT

public:
    void until(const QString &job)
    {
        m_awaited = job;
        if (m_done.contains(job))
            return;
        QEventLoop loop;
        m_clock.callAfter(limit, &loop, [&loop] { loop.quit(); });
        connect(this, &JobWait::done, &loop, &QEventLoop::quit);
        loop.exec();
    }

public slots:
    void jobRemoved(uint, const QDBusObjectPath &job, const QString &, const QString &)
    {
        m_done.append(job.path());
        if (job.path() == m_awaited)
            emit done();
    }

signals:
    void done();

private:
    SystemClock m_clock;
    QStringList m_done;
    QString m_awaited;
};

/// The bus of the manager that this user's programs have; never one that would have to be started.
QDBusConnection managerBus(const QString &name)
{
    const QString address = geteuid() == 0 ? systemBusAddress() : sessionBusAddress();
    return address.isEmpty() ? QDBusConnection(name) : QDBusConnection::connectToBus(address, name);
}

QDBusMessage call(const char *method)
{
    QDBusMessage message = QDBusMessage::createMethodCall(manager, managerPath, managerInterface,
                                                          QLatin1StringView(method));
    message.setAutoStartService(false);
    return message;
}

void askFor(QDBusConnection &bus, const QString &description)
{
    JobWait wait;
    bus.connect(manager, managerPath, managerInterface, u"JobRemoved"_s, &wait,
                SLOT(jobRemoved(uint, QDBusObjectPath, QString, QString)));
    bus.call(call("Subscribe"), QDBus::Block, int(std::chrono::milliseconds(limit).count()));

    QDBusMessage start = call("StartTransientUnit");
    const QList<UnitProperty> properties{
        {u"Description"_s, QDBusVariant(description)},
        {u"PIDs"_s, QDBusVariant(QVariant::fromValue(QList<uint>{uint(getpid())}))},
        {u"CollectMode"_s, QDBusVariant(u"inactive-or-failed"_s)},
    };
    start << u"entracte-guardian-%1.scope"_s.arg(getpid()) << u"fail"_s
          << QVariant::fromValue(properties) << QVariant::fromValue(QList<AuxiliaryUnit>());
    const QDBusMessage answer =
        bus.call(start, QDBus::Block, int(std::chrono::milliseconds(limit).count()));
    if (answer.type() == QDBusMessage::ReplyMessage)
        wait.until(qvariant_cast<QDBusObjectPath>(answer.arguments().value(0)).path());
    else
        qCInfo(lcRestart) << "no scope of our own:" << answer.errorMessage();
}

} // namespace

void moveIntoOwnScope(const QString &description)
{
    if (!QFileInfo::exists(u"/run/systemd/system"_s))
        return;
    registerTransientUnitTypes();
    const QString name = u"entracte-guardian"_s;
    {
        QDBusConnection bus = managerBus(name);
        if (bus.isConnected())
            askFor(bus, description);
    }
    QDBusConnection::disconnectFromBus(name);
}

} // namespace Entracte

#include "ownscope.moc"
