// SPDX-License-Identifier: MIT
#include "platform/linux/systemd/logindreplies.h"

#include "platform/linux/process.h"

#include <QDBusArgument>

using namespace Qt::StringLiterals;

namespace Entracte {

static bool isAnswer(const QDBusMessage &reply, const QString &signature)
{
    return reply.type() == QDBusMessage::ReplyMessage && reply.signature() == signature;
}

QList<ShutdownBlock> shutdownBlocksIn(const QDBusMessage &reply)
{
    QList<ShutdownBlock> blocks;
    if (!isAnswer(reply, u"a(ssssuu)"_s))
        return blocks;
    const auto list = reply.arguments().constFirst().value<QDBusArgument>();
    list.beginArray();
    while (!list.atEnd()) {
        QString what, who, why, mode;
        uint uid = 0, pid = 0;
        list.beginStructure();
        list >> what >> who >> why >> mode >> uid >> pid;
        list.endStructure();
        if (mode == u"block"_s && what.split(u':').contains(u"shutdown"_s))
            blocks.append({plainText(who), plainText(why), qint64(uid), qint64(pid)});
    }
    list.endArray();
    return blocks;
}

QList<LogonSession> logonSessionsIn(const QDBusMessage &reply)
{
    QList<LogonSession> sessions;
    if (!isAnswer(reply, u"a(susso)"_s))
        return sessions;
    const auto list = reply.arguments().constFirst().value<QDBusArgument>();
    list.beginArray();
    while (!list.atEnd()) {
        QString id, user, seat;
        uint uid = 0;
        QDBusObjectPath path;
        list.beginStructure();
        list >> id >> uid >> user >> seat >> path;
        list.endStructure();
        sessions.append({qint64(uid), plainText(user), path});
    }
    list.endArray();
    return sessions;
}

} // namespace Entracte
