// SPDX-License-Identifier: MIT
#include "restart/sessionmessage.h"

#include <QCborMap>
#include <QTest>
#include <QtEndian>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Operation = SessionMessage::Operation;

/// What goes over a session's socket, and what a hostile peer may put there.
class tst_SessionMessage : public QObject
{
    Q_OBJECT

private slots:
    void whatIsSaidIsUnderstood_data();
    void whatIsSaidIsUnderstood();
    void whatIsNotOursIsRefused_data();
    void whatIsNotOursIsRefused();
    void framesAreCutFromAnyStream();
    void anAnnouncementBeyondTheLimitBreaksTheStream();
};

void tst_SessionMessage::whatIsSaidIsUnderstood_data()
{
    QTest::addColumn<SessionMessage>("message");

    SessionMessage join;
    join.operation = Operation::Join;
    join.key = u"0123456789abcdef0123456789abcdef"_s;
    QTest::newRow("join") << join;

    SessionMessage registration;
    registration.operation = Operation::Register;
    registration.token = join.key;
    registration.resources = {{u"/a"_s, u"/ü/§"_s}, {{1, 2}, {3, 4}}, {u"foo"_s}};
    QTest::newRow("register") << registration;

    const QList<RestartFilter::Target> targets{RestartFilter::Executable{u"/bin/x"_s},
                                               UniqueProcess{42, 7},
                                               RestartFilter::Service{u"foo"_s}};
    for (const RestartFilter::Target &target : targets) {
        SessionMessage filter;
        filter.operation = Operation::AddFilter;
        filter.filter = RestartFilter{target, FilterAction::NoShutdown};
        QTest::addRow("filter %d", int(target.index())) << filter;
    }
    QTest::newRow("reply") << SessionMessage::reply(RestartCode::FailShutdown, u"Why."_s,
                                                    QCborMap{{u"x"_s, 1}});
    SessionMessage shutdown;
    shutdown.operation = Operation::Shutdown;
    shutdown.flags = 0x11;
    QTest::newRow("shutdown") << shutdown;
}

void tst_SessionMessage::whatIsSaidIsUnderstood()
{
    QFETCH(const SessionMessage, message);

    const Result<SessionMessage> read = SessionMessage::decoded(message.encoded().mid(4));

    QVERIFY(read);
    QCOMPARE(read->operation, message.operation);
    QCOMPARE(read->key, message.key);
    QCOMPARE(read->token, message.token);
    QVERIFY(read->resources == message.resources);
    QVERIFY(read->filter == message.filter);
    QCOMPARE(read->flags, message.flags);
    QCOMPARE(read->code, message.code);
    QCOMPARE(read->text, message.text);
    QCOMPARE(read->body, message.body);
}

static QByteArray cbor(const QCborMap &map)
{
    return QCborValue(map).toCbor();
}

void tst_SessionMessage::whatIsNotOursIsRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const int registration = int(Operation::Register);
    const auto ours = [](int operation, const QCborMap &more) {
        QCborMap map{{u"v"_s, 1}, {u"op"_s, operation}};
        for (auto each = more.cbegin(); each != more.cend(); ++each)
            map.insert(each.key(), each.value());
        return cbor(map);
    };

    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("text") << QByteArray("hello");
    QTest::newRow("no map") << QCborValue(7).toCbor();
    QTest::newRow("two values") << ours(5, {}) + QByteArray(1, '\0');
    QTest::newRow("another version") << cbor({{u"v"_s, 2}, {u"op"_s, 5}});
    QTest::newRow("no operation") << cbor({{u"v"_s, 1}});
    QTest::newRow("unknown operation") << ours(9, {});
    QTest::newRow("operation is text") << cbor({{u"v"_s, 1}, {u"op"_s, u"1"_s}});
    QTest::newRow("join without key") << ours(1, {});
    QTest::newRow("key in capitals") << ours(1, {{u"key"_s, QString(32, u'A')}});
    QTest::newRow("key too short") << ours(1, {{u"key"_s, QString(31, u'a')}});
    QTest::newRow("files no list") << ours(registration, {{u"files"_s, u"/a"_s}});
    QTest::newRow("file no text") << ours(registration, {{u"files"_s, QCborArray{1}}});
    QTest::newRow("relative file") << ours(registration, {{u"files"_s, QCborArray{u"a"_s}}});
    QTest::newRow("endless path") << ours(registration,
                                          {{u"files"_s, QCborArray{u"/"_s + QString(5000, u'a')}}});
    QTest::newRow("process no pair")
        << ours(registration, {{u"processes"_s, QCborArray{QCborArray{1}}}});
    QTest::newRow("process 0") << ours(registration,
                                       {{u"processes"_s, QCborArray{QCborArray{0, 1}}}});
    QTest::newRow("service with slash")
        << ours(registration, {{u"services"_s, QCborArray{u"../x"_s}}});
    QTest::newRow("filter without selector")
        << ours(int(Operation::AddFilter), {{u"filter"_s, QCborMap{{u"action"_s, 1}}}});
    QTest::newRow("filter with two")
        << ours(int(Operation::AddFilter),
                {{u"filter"_s,
                  QCborMap{{u"action"_s, 1}, {u"service"_s, u"x"_s}, {u"executable"_s, u"/x"_s}}}});
    QTest::newRow("filter action 3")
        << ours(int(Operation::AddFilter),
                {{u"filter"_s, QCborMap{{u"action"_s, 3}, {u"service"_s, u"x"_s}}}});
    QTest::newRow("filter action beyond all integers")
        << ours(int(Operation::AddFilter),
                {{u"filter"_s, QCborMap{{u"action"_s, 1e24}, {u"service"_s, u"x"_s}}}});
    QTest::newRow("filter action 1.5")
        << ours(int(Operation::AddFilter),
                {{u"filter"_s, QCborMap{{u"action"_s, 1.5}, {u"service"_s, u"x"_s}}}});
    QTest::newRow("flags too many") << ours(int(Operation::Shutdown), {{u"flags"_s, 0x100}});
    QTest::newRow("unknown code") << ours(int(Operation::Reply), {{u"code"_s, 4242}});
    QTest::newRow("a list of 4 GiB") << QByteArray::fromHex("9b00000000ffffffff00");
    QTest::newRow("a text of 2^62 bytes") << QByteArray::fromHex("7b4000000000000000");
    QTest::newRow("10,000 lists in lists") << QByteArray(10'000, '\x81');
}

void tst_SessionMessage::whatIsNotOursIsRefused()
{
    QFETCH(const QByteArray, bytes);

    const Result<SessionMessage> read = SessionMessage::decoded(bytes);

    QVERIFY(!read);
    QCOMPARE(restartCodeOf(read), RestartCode::BadArguments);
    QVERIFY(read.error().message.endsWith(u'.'));
}

void tst_SessionMessage::framesAreCutFromAnyStream()
{
    const QByteArray stream = SessionMessage::reply(RestartCode::Success).encoded()
                            + SessionMessage::reply(RestartCode::Busy).encoded();
    for (qsizetype cut = 0; cut <= stream.size(); ++cut) {
        FrameReader reader;
        QList<RestartCode> codes;
        for (const QByteArray &piece : {stream.left(cut), stream.mid(cut)}) {
            reader.append(piece);
            while (const std::optional<QByteArray> frame = reader.next())
                codes.append(SessionMessage::decoded(*frame)->code);
        }
        QCOMPARE(codes, QList({RestartCode::Success, RestartCode::Busy}));
    }
}

void tst_SessionMessage::anAnnouncementBeyondTheLimitBreaksTheStream()
{
    QByteArray header(4, Qt::Uninitialized);
    qToBigEndian(FrameReader::smallLimit + 1, header.data());
    FrameReader reader;
    reader.append(header);

    QVERIFY(!reader.next());
    QVERIFY(reader.isBroken());

    FrameReader trusted;
    trusted.setLimit(FrameReader::largeLimit);
    trusted.append(header);
    QVERIFY(!trusted.next());
    QVERIFY(!trusted.isBroken());
}

QTEST_GUILESS_MAIN(tst_SessionMessage)
#include "tst_sessionmessage.moc"
