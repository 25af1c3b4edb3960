// SPDX-License-Identifier: MIT
// Lists who holds files, with every fact, as one JSON document: for tests that look from inside a
// box or as somebody else.  listholders FILE…
#include "restart/restartsession.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMetaEnum>
#include <QTextStream>

using namespace Entracte;
using namespace Qt::StringLiterals;

template <typename Enum>
static QString word(Enum value)
{
    return QString::fromLatin1(QMetaEnum::fromType<Enum>().valueToKey(int(value)));
}

static QJsonObject toJson(const RestartSession &session, const AffectedApplication &application)
{
    return {
        {u"pid"_s, application.process.pid},
        {u"name"_s, application.name},
        {u"icon"_s, application.iconName},
        {u"type"_s, word(application.type)},
        {u"service"_s, application.serviceName},
        {u"unit"_s, application.unit},
        {u"isUserUnit"_s, application.isUserUnit},
        {u"executable"_s, application.executable},
        {u"reason"_s, application.reason},
        {u"level"_s, word(application.requiredLevel)},
        {u"processes"_s, application.processes.size()},
        {u"comesBack"_s, session.canComeBack(application)},
    };
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    RestartSession session(createRestartBackend(std::make_shared<SystemClock>()),
                           std::make_shared<SystemClock>(), RestartRules::Windows);
    if (!session.registerFiles(application.arguments().mid(1)))
        return 2;
    const std::unique_ptr<Job> list = session.list();
    QObject::connect(list.get(), &Job::finished, &application, [&](const Result<> &result) {
        QJsonArray applications;
        for (const AffectedApplication &one : session.inTheWay())
            applications.append(toJson(session, one));
        const QJsonObject all{
            {u"applications"_s, applications},
            {u"reasons"_s, session.rebootReasons().toInt()},
            {u"ubiquitous"_s, QJsonArray::fromStringList(session.ubiquitousFiles())},
            {u"advised"_s, word(session.advisedLevel())}};
        QTextStream(stdout) << QJsonDocument(all).toJson() << Qt::flush;
        application.exit(result ? 0 : 1);
    });
    QMetaObject::invokeMethod(list.get(), &Job::start, Qt::QueuedConnection);
    return application.exec();
}
