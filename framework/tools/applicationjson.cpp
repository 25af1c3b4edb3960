// SPDX-License-Identifier: MIT
#include "tools/applicationjson.h"

#include <QJsonArray>
#include <QMetaEnum>

using namespace Qt::StringLiterals;

namespace Entracte {

QJsonObject toJson(const AffectedApplication &application)
{
    QJsonArray files;
    for (const HeldFile &file : application.files)
        files.append(file.path);
    return {
        {u"name"_s, application.name},
        {u"pid"_s, application.process.pid},
        {u"startTime"_s, QString::number(application.process.startTime)},
        {u"type"_s, QString::fromLatin1(
                        QMetaEnum::fromType<ApplicationType>().valueToKey(int(application.type)))},
        {u"status"_s, application.status.toInt()},
        {u"restartability"_s, QString::fromLatin1(QMetaEnum::fromType<Restartability>().valueToKey(
                                  int(application.restartability)))},
        {u"serviceName"_s, application.serviceName},
        {u"owner"_s, application.owner},
        {u"windowTitles"_s, QJsonArray::fromStringList(application.windowTitles)},
        {u"reason"_s, application.reason},
        {u"canBeForced"_s, application.canBeForced},
        {u"files"_s, files},
    };
}

} // namespace Entracte
