// SPDX-License-Identifier: MIT
#include "platform/linux/identification/busnames.h"

#include "platform/linux/identification/busconnection.h"

#include <QDBusPendingReply>
#include <QStringList>

#include <utility>
#include <vector>

using namespace Qt::StringLiterals;

namespace Entracte {

static QDBusPendingCall askTheBus(const BusConnection &bus, const QString &method,
                                  const QVariantList &arguments = {})
{
    static const QString name = u"org.freedesktop.DBus"_s;
    return bus.ask(name, u"/org/freedesktop/DBus"_s, name, method, arguments);
}

pid_t BusNames::daemonOf(const BusConnection *bus)
{
    if (!bus)
        return 0;
    QDBusPendingReply<uint> reply =
        askTheBus(*bus, u"GetConnectionUnixProcessID"_s, {u"org.freedesktop.DBus"_s});
    reply.waitForFinished();
    return reply.isError() ? 0 : pid_t(reply.value());
}

BusNames BusNames::on(const BusConnection *bus)
{
    constexpr std::size_t mostNames = 1000;
    BusNames found;
    if (!bus)
        return found;
    found.daemon = daemonOf(bus);
    QDBusPendingReply<QStringList> listed = askTheBus(*bus, u"ListNames"_s);
    listed.waitForFinished();
    std::vector<std::pair<QString, QDBusPendingReply<uint>>> questions;
    for (const QString &name : listed.isError() ? QStringList() : listed.value())
        if (!name.startsWith(u':') && questions.size() < mostNames)
            questions.emplace_back(name, askTheBus(*bus, u"GetConnectionUnixProcessID"_s, {name}));
    for (auto &[name, reply] : questions) {
        reply.waitForFinished();
        if (!reply.isError())
            found.names.insert(pid_t(reply.value()), name);
    }
    return found;
}

} // namespace Entracte
