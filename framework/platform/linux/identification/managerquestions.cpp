// SPDX-License-Identifier: MIT
#include "platform/linux/identification/managerquestions.h"

#include "platform/linux/identification/busconnection.h"
#include "platform/linux/systemd/logindreplies.h"

#include <QDBusPendingReply>
#include <QDBusVariant>

#include <vector>

using namespace Qt::StringLiterals;

namespace Entracte {

static QDBusPendingReply<QDBusVariant> property(const BusConnection &bus, const QString &service,
                                                const QString &path, const QString &interface,
                                                const QString &name)
{
    return bus.ask(service, path, u"org.freedesktop.DBus.Properties"_s, u"Get"_s,
                   {interface, name});
}

/// A unit's name as systemd writes it into the path of its object: letters and digits as they are
/// (not a digit in front), everything else as _HH.
static QString objectPathOf(const QString &unit)
{
    QString path = u"/org/freedesktop/systemd1/unit/"_s;
    const QByteArray name = unit.toUtf8();
    for (qsizetype i = 0; i < name.size(); ++i) {
        const char byte = name.at(i);
        const bool isLetter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        const bool isDigit = byte >= '0' && byte <= '9';
        if (isLetter || (isDigit && i > 0))
            path += QLatin1Char(byte);
        else
            path += u"_%1"_s.arg(uchar(byte), 2, 16, QLatin1Char('0'));
    }
    return path;
}

UnitFacts unitFactsOf(const QString &unit, const BusConnection *bus)
{
    if (!bus || unit.isEmpty())
        return {};
    QDBusPendingReply<QVariantMap> properties = bus->ask(
        u"org.freedesktop.systemd1"_s, objectPathOf(unit), u"org.freedesktop.DBus.Properties"_s,
        u"GetAll"_s, {u"org.freedesktop.systemd1.Unit"_s});
    properties.waitForFinished();
    UnitFacts facts = properties.isError() ? UnitFacts() : UnitFacts::from(properties.value());
    if (facts.description == unit)
        facts.description.clear(); // systemd says the name where a unit has no description
    return facts;
}

QSet<pid_t> logonLeaders(const BusConnection *systemBus)
{
    QSet<pid_t> leaders;
    if (!systemBus)
        return leaders;
    const QString service = u"org.freedesktop.login1"_s;
    QDBusPendingReply<> sessions =
        systemBus->ask(service, u"/org/freedesktop/login1"_s, u"org.freedesktop.login1.Manager"_s,
                       u"ListSessions"_s);
    sessions.waitForFinished();
    std::vector<QDBusPendingReply<QDBusVariant>> questions;
    for (const LogonSession &session : logonSessionsIn(sessions.reply()))
        questions.push_back(property(*systemBus, service, session.path.path(),
                                     u"org.freedesktop.login1.Session"_s, u"Leader"_s));
    for (auto &question : questions) {
        question.waitForFinished();
        if (!question.isError())
            leaders.insert(pid_t(question.value().variant().toUInt()));
    }
    leaders.remove(0);
    return leaders;
}

} // namespace Entracte
