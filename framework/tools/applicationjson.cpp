// SPDX-License-Identifier: MIT
#include "tools/applicationjson.h"

#include <QJsonArray>
#include <QMetaEnum>

using namespace Qt::StringLiterals;

namespace Entracte {

template <typename Enum>
static QString word(Enum value)
{
    return QString::fromLatin1(QMetaEnum::fromType<Enum>().valueToKey(int(value)));
}

static QJsonArray toJson(const QList<UniqueProcess> &processes)
{
    QJsonArray pids;
    for (const UniqueProcess &process : processes)
        pids.append(process.pid);
    return pids;
}

static QJsonObject toJson(const HeldFile &file)
{
    const QByteArray kinds = QMetaEnum::fromType<HoldKinds>().valueToKeys(file.kinds.toInt());
    return {
        {u"path"_s, file.path},
        {u"held"_s, QJsonArray::fromStringList(QString::fromLatin1(kinds).split(u'|'))},
        {u"written"_s, file.isWritten},
        {u"stale"_s, file.isStale},
        {u"certain"_s, file.isCertain},
        {u"pids"_s, toJson(file.processes)},
    };
}

QJsonObject toJson(const AffectedApplication &application)
{
    QJsonArray files;
    for (const HeldFile &file : application.files)
        files.append(toJson(file));
    return {
        {u"name"_s, application.name},
        {u"pid"_s, application.process.pid},
        {u"startTime"_s, QString::number(application.process.startTime)},
        {u"pids"_s, toJson(application.processes)},
        {u"type"_s, word(application.type)},
        {u"status"_s, application.status.toInt()},
        {u"restartability"_s, word(application.restartability)},
        {u"requiredLevel"_s, word(application.requiredLevel)},
        {u"executable"_s, application.executable},
        {u"icon"_s, application.iconName},
        {u"unit"_s, application.unit},
        {u"userUnit"_s, application.isUserUnit},
        {u"document"_s, application.document},
        {u"serviceName"_s, application.serviceName},
        {u"owner"_s, application.owner},
        {u"uid"_s, application.ownerUid},
        {u"logonSession"_s, application.logonSession},
        {u"windowTitles"_s, QJsonArray::fromStringList(application.windowTitles)},
        {u"reason"_s, application.reason},
        {u"canBeForced"_s, application.canBeForced},
        {u"files"_s, files},
    };
}

QJsonObject toJson(const RestartSession &session, const QList<AffectedApplication> &applications)
{
    QJsonArray array;
    for (const AffectedApplication &application : applications) {
        QJsonObject object = toJson(application);
        object.insert(u"restartable"_s, session.canComeBack(application));
        array.append(object);
    }
    return {
        {u"applications"_s, array},
        {u"rebootReasons"_s, session.rebootReasons().toInt()},
        {u"unattributedFiles"_s, QJsonArray::fromStringList(session.unattributedFiles())},
        {u"ubiquitousFiles"_s, QJsonArray::fromStringList(session.ubiquitousFiles())},
        {u"advisedLevel"_s, word(session.advisedLevel())},
        {u"processesNotInspected"_s, session.processesNotInspected()},
    };
}

} // namespace Entracte
