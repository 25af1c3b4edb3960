// SPDX-License-Identifier: MIT
#include "platform/linux/agent/agentmessage.h"

#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What a privileged process and an agent say to each other, as bytes: neither trusts the other.
class tst_AgentMessage : public QObject
{
    Q_OBJECT

private slots:
    void repliesThatMakeNoSenseAreRefused_data();
    void repliesThatMakeNoSenseAreRefused();
    void requestsAboutUnitsArriveWhole_data();
    void requestsAboutUnitsArriveWhole();
    void requestsAboutUnitsThatMakeNoSenseAreRefused_data();
    void requestsAboutUnitsThatMakeNoSenseAreRefused();
    void whatAManagerAnsweredArrivesWhole();
    void answersOfAManagerThatMakeNoSenseAreRefused_data();
    void answersOfAManagerThatMakeNoSenseAreRefused();
    void whatNobodyWaitsForIsNoLimit();
    void onlyWhatTakesBackMayBeUnheard();
};

void tst_AgentMessage::repliesThatMakeNoSenseAreRefused_data()
{
    QTest::addColumn<QByteArray>("content");
    const QByteArray good = AgentReply{7, {4711, 99}, {}}.encoded().mid(4);
    QVERIFY(AgentReply::decoded(good));
    QCOMPARE(AgentReply::decoded(good)->process, (UniqueProcess{4711, 99}));
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut") << good.chopped(1);
    QTest::newRow("bytes behind") << good + '\0';
    QTest::newRow("no map") << QByteArray::fromHex("83010203");
    QTest::newRow("negative number") << AgentReply{-1, {1, 1}, {}}.encoded().mid(4);
    QTest::newRow("negative pid") << AgentReply{1, {-1, 1}, {}}.encoded().mid(4);
    QTest::newRow("pid too large") << AgentReply{1, {1LL << 40, 1}, {}}.encoded().mid(4);
    const QByteArray outlook =
        AgentReply{7, {}, {}, ReopeningOutlook{{u"a"_s}, {{u"b"_s, u"c"_s}}}}.encoded().mid(4);
    QVERIFY(AgentReply::decoded(outlook));
    QTest::newRow("no outlook, but something")
        << QByteArray(outlook).replace(outlook.mid(outlook.indexOf("outlook") + 7), "\x01");
    QTest::newRow("half an outlook") << QByteArray(outlook).replace("\x82\x61"
                                                                    "b\x61"
                                                                    "c",
                                                                    "\x81\x61"
                                                                    "b");
    QTest::newRow("a name that is a number") << QByteArray(outlook).replace("\x81\x61"
                                                                            "a",
                                                                            "\x81\x01");
    QTest::newRow("a number as text")
        << QByteArray(good).replace("number\x07", QByteArray("number\x61") + '7');
    const QByteArray progress =
        AgentReply{7, {}, {}, AgentProgress{ClosingState::Asked, false, false}}.encoded().mid(4);
    QVERIFY(AgentReply::decoded(progress));
    QTest::newRow("an unknown state") << QByteArray(progress).replace("closing\x02", "closing\x09");
    QTest::newRow("settled as a number")
        << QByteArray(progress).replace("settled\xf4", "settled\x01");
    const QByteArray answer = AgentReply{7, {}, {}, AgentAnswer::Yes}.encoded().mid(4);
    QVERIFY(AgentReply::decoded(answer));
    QTest::newRow("an unknown answer") << QByteArray(answer).replace("answer\x01", "answer\x04");
    QTest::newRow("no answer at all")
        << QByteArray(answer).replace("answer\x01", QByteArray("answer\0", 7));
    DesktopFacts facts;
    facts.display.windows = {{1, 0, ClientWindow::Kind::Main, u"title"_s, {}, {}, {}}};
    facts.display.clients = {1};
    const QByteArray desktop = AgentReply{7, {}, {}, facts}.encoded().mid(4);
    QVERIFY(AgentReply::decoded(desktop));
    QTest::newRow("a client that is no process")
        << QByteArray(desktop).replace("clients\x81\x01", "clients\x81\x20");
    QTest::newRow("an unknown window") << QByteArray(desktop).replace(
        QByteArray("\x87\x01\x00\x00", 4), QByteArray("\x87\x01\x00\x07", 4));
}

void tst_AgentMessage::repliesThatMakeNoSenseAreRefused()
{
    QFETCH(const QByteArray, content);
    QVERIFY(!AgentReply::decoded(content));
}

namespace {

using What = UnitRequest::What;

AgentRequest requestOf(const UnitRequest &units)
{
    AgentRequest request;
    request.number = 7;
    request.operation = AgentRequest::Operation::ManageUnits;
    request.units = units;
    return request;
}

UnitFacts sampleFacts()
{
    UnitFacts facts;
    facts.name = u"a@b-\\x2d.service"_s;
    facts.description = u"A service"_s;
    facts.activeState = u"active"_s;
    facts.mainPid = 4711;
    facts.stopLimit = 50s;
    facts.settlesLater = true;
    facts.hasJob = true;
    facts.triggeredBy = {u"a.socket"_s, u"a.timer"_s};
    facts.dependents = {u"b.service"_s, u"c.target"_s};
    return facts;
}

QByteArray contentOf(const UnitAnswer &answer, const QString &problem = {})
{
    return AgentReply{7, {}, problem, answer}.encoded().mid(4);
}

} // namespace

void tst_AgentMessage::requestsAboutUnitsArriveWhole_data()
{
    QTest::addColumn<UnitRequest>("request");
    for (const What what : {What::Look, What::Stop, What::Start, What::Kill})
        QTest::addRow("one unit, %d", int(what)) << UnitRequest{what, {u"a.service"_s}};
    QTest::newRow("none") << UnitRequest{What::Reload, {}};
    for (const What what : {What::Hold, What::Release, What::PutBack})
        QTest::addRow("some, %d", int(what))
            << UnitRequest{what, {u"a.socket"_s, u"dbus-:1.2-org.example@0.service"_s}};
}

void tst_AgentMessage::requestsAboutUnitsArriveWhole()
{
    QFETCH(const UnitRequest, request);
    const auto arrived = AgentRequest::decoded(requestOf(request).encoded().mid(4));
    QVERIFY(arrived);
    QCOMPARE(arrived->number, qint64(7));
    QVERIFY(arrived->operation == AgentRequest::Operation::ManageUnits);
    QVERIFY(arrived->units == request);
}

void tst_AgentMessage::requestsAboutUnitsThatMakeNoSenseAreRefused_data()
{
    QTest::addColumn<QByteArray>("content");
    const QByteArray good = requestOf({What::Stop, {u"abcdefgh.service"_s}}).encoded().mid(4);
    QVERIFY(AgentRequest::decoded(good));
    const auto named = [&good](const char *name) {
        return QByteArray(good).replace("abcdefgh.service", name);
    };
    QTest::newRow("a path") << named("../../../service");
    QTest::newRow("a path with the right end") << named("/bcdefgh.service");
    QTest::newRow("hidden") << named(".bcdefgh.service");
    QTest::newRow("two lines") << named("abcd\nfgh.service");
    QTest::newRow("no kind") << named("abcdefghiservice");
    QTest::newRow("no name") << QByteArray(good).replace("\x70"
                                                         "abcdefgh.service",
                                                         "\x68.service");
    QTest::newRow("a number") << QByteArray(good).replace("\x70"
                                                          "abcdefgh.service",
                                                          "\x07");
    QTest::newRow("unknown") << QByteArray(good).replace("what\x02", "what\x09");
    QTest::newRow("nothing") << QByteArray(good).replace("what\x02", QByteArray("what\0", 5));
    QTest::newRow("stop nobody") << requestOf({What::Stop, {}}).encoded().mid(4);
    QTest::newRow("stop two")
        << requestOf({What::Stop, {u"a.service"_s, u"b.service"_s}}).encoded().mid(4);
    QTest::newRow("reload one") << requestOf({What::Reload, {u"a.service"_s}}).encoded().mid(4);
}

void tst_AgentMessage::requestsAboutUnitsThatMakeNoSenseAreRefused()
{
    QFETCH(const QByteArray, content);
    QVERIFY(!AgentRequest::decoded(content));
}

void tst_AgentMessage::whatAManagerAnsweredArrivesWhole()
{
    const UnitAnswer facts{ErrorCode::Failed, sampleFacts()};
    auto arrived = AgentReply::decoded(contentOf(facts));
    QVERIFY(arrived && arrived->answers(AgentRequest::Operation::ManageUnits));
    QVERIFY(!arrived->answers(AgentRequest::Operation::Start));
    QVERIFY(std::get<UnitAnswer>(arrived->more) == facts);

    const UnitAnswer denied{ErrorCode::PermissionDenied, {}};
    arrived = AgentReply::decoded(contentOf(denied, u"no"_s));
    QVERIFY(arrived && arrived->problem == u"no"_s);
    QVERIFY(std::get<UnitAnswer>(arrived->more) == denied);
}

void tst_AgentMessage::answersOfAManagerThatMakeNoSenseAreRefused_data()
{
    QTest::addColumn<QByteArray>("content");
    const QByteArray good = contentOf({ErrorCode::Failed, sampleFacts()});
    QVERIFY(AgentReply::decoded(good));
    const auto changed = [&good](const QByteArray &from, const QByteArray &to) {
        if (!good.contains(from))
            qFatal("there is no %s", from.constData());
        return QByteArray(good).replace(from, to);
    };
    QTest::newRow("denied as a number") << changed("denied\xf4", "denied\x01");
    QTest::newRow("a unit that is a path") << changed("b.service", "../../etc");
    QTest::newRow("a trigger that is none") << changed("a.timer", "a/timer");
    QTest::newRow("a name that is none") << changed("a@b-\\x2d.service", "a@b-\\x2d/service");
    QTest::newRow("a state that is a number") << changed("state\x66"
                                                         "active",
                                                         "state\x01");
    QTest::newRow("a job that is a number") << changed("hasJob\xf5", "hasJob\x01");
    QTest::newRow("a negative limit") << changed("stopLimit\x19\xc3\x50", "stopLimit\x20");
    QTest::newRow("an endless limit")
        << changed("stopLimit\x19\xc3\x50", "stopLimit\x1b\x7f\xff\xff\xff\xff\xff\xff\xff");
    QTest::newRow("a negative process") << changed("pid\x19\x12\x67", "pid\x20");
    UnitFacts many = sampleFacts();
    many.dependents = QStringList(2000, u"b.service"_s);
    QVERIFY(AgentReply::decoded(contentOf({ErrorCode::Failed, many})));
    QByteArray tooMany = contentOf({ErrorCode::Failed, many});
    tooMany.replace("dependents\x99\x07\xd0", "dependents\x99\x07\xd1\x69"
                                              "b.service");
    QTest::newRow("units without end") << tooMany;
}

void tst_AgentMessage::answersOfAManagerThatMakeNoSenseAreRefused()
{
    QFETCH(const QByteArray, content);
    QVERIFY(!AgentReply::decoded(content));
}

void tst_AgentMessage::whatNobodyWaitsForIsNoLimit()
{
    UnitFacts facts = sampleFacts();
    facts.stopLimit = 24h;
    const auto arrived = AgentReply::decoded(contentOf({ErrorCode::Failed, facts}));
    QVERIFY(arrived && !std::get<UnitAnswer>(arrived->more).facts.stopLimit);
}

void tst_AgentMessage::onlyWhatTakesBackMayBeUnheard()
{
    for (const What what : {What::Look, What::Stop, What::Start, What::Kill, What::Reload,
                            What::Hold, What::Release, What::PutBack})
        QCOMPARE(requestOf({what, {}}).mayBeUnheard(),
                 what == What::Release || what == What::PutBack);
    AgentRequest reopening;
    reopening.operation = AgentRequest::Operation::Reopen;
    QVERIFY(!reopening.mayBeUnheard());
    reopening.reopening.what = ReopenTask::What::Forget;
    QVERIFY(reopening.mayBeUnheard());
}

QTEST_APPLESS_MAIN(tst_AgentMessage)
#include "tst_agentmessage.moc"
