// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "restart/sessionmessage.h"
#include "restart/sessionstore.h"
#include "support/restartmanagertest.h"

#include <QDirIterator>
#include <QLocalSocket>
#include <QProcess>
#include <QSet>
#include <QTest>

#include <csignal>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Fields = QStringList;

/// Secondaries: who may join a session, what they may do in it, and what is left when they leave
/// (spec 12 B).
class tst_RmJoining : public RestartManagerTest
{
    Q_OBJECT

private slots:
    void spec_016_anotherProcessJoins();
    void spec_017_theOwnProcessJoinsWithSecondaryRights();
    void spec_018_wrongKeysAre1219();
    void spec_019_anotherUsersKeyIs1219();
    void spec_020_aSecondaryMayNotShutDownRestartOrFilter();
    void spec_021_aSecondaryMayNotListOrCancel();
    void spec_022_whatALeaverRegisteredStays();
    void spec_023_whatACrashedSecondaryRegisteredStays();
    void spec_024_theSessionOutlivesItsSecondaries();
    void spec_026_rootIsRefusedAndItsAgentIsNot();
    void manyJoinsAndLeavesLeakNothing();
    void aBlockedPrimaryIsJoinedAllTheSame();
    void aSecondaryWaitsForTheShutdown();
    void aHostilePeerGetsAnErrorAndNothingElse();
};

void tst_RmJoining::spec_016_anotherProcessJoins()
{
    const auto primary = installer();
    const auto secondary = installer();

    const auto joined = secondary->join(primary->start().key);

    QCOMPARE(joined.code, 0);
    QCOMPARE(secondary->code({u"register"_s, joined.handle, u"f:"_s + held()}), 0);
}

void tst_RmJoining::spec_017_theOwnProcessJoinsWithSecondaryRights()
{
    const auto primary = installer();
    const auto session = primary->start();

    const auto joined = primary->join(session.key);

    QCOMPARE(joined.code, 0);
    QVERIFY(joined.handle != session.handle);
    QCOMPARE(primary->list(joined.handle).code, 1219);
    QCOMPARE(primary->code({u"register"_s, joined.handle, u"f:"_s + held()}), 0);
    QCOMPARE(primary->list(session.handle).code, 0);
}

void tst_RmJoining::spec_018_wrongKeysAre1219()
{
    const auto primary = installer();
    const auto ended = primary->start();
    QCOMPARE(primary->code({u"end"_s, ended.handle}), 0);
    const auto secondary = installer();

    QCOMPARE(secondary->join(u"0123456789abcdef0123456789abcdef"_s).code, 1219);
    QCOMPARE(secondary->join(u"/../../../../etc/passwd-malformed"_s.left(32)).code, 1219);
    QCOMPARE(secondary->join(ended.key).code, 1219);
    QCOMPARE(secondary->join(u"short"_s).code, 160);
}

void tst_RmJoining::spec_019_anotherUsersKeyIs1219()
{
    if (geteuid() != 0)
        QSKIP("acting as another user needs root");
    const auto theirs = installer(nobody);
    const QString key = theirs->start().key;

    QCOMPARE(installer()->join(key).code, 1219);
    // Not even with their store in hand: as root, which may enter it.
    QProcessEnvironment environment = this->environment(nobody);
    QCOMPARE(Installer(environment, 0, RLIM_INFINITY).join(key).code, 1219);
}

void tst_RmJoining::spec_020_aSecondaryMayNotShutDownRestartOrFilter()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const QString joined = secondary->join(session.key).handle;
    QCOMPARE(secondary->code({u"register"_s, joined, u"f:"_s + held()}), 0);

    QCOMPARE(secondary->shutdown(joined, 1), 1219);
    QCOMPARE(secondary->restart(joined), 1219);
    QCOMPARE(secondary->code({u"filter"_s, joined, u"s:x"_s, u"2"_s}), 1219);
    QCOMPARE(secondary->code({u"unfilter"_s, joined, u"s:x"_s}), 1219);
    QCOMPARE(secondary->code({u"filters"_s, joined, u"0"_s}), 1219);

    QVERIFY(program->isRunning());
    QCOMPARE(primary->call({u"filters"_s, session.handle, u"0"_s}).constFirst(),
             Fields({u"0"_s, u"0"_s}));
}

void tst_RmJoining::spec_021_aSecondaryMayNotListOrCancel()
{
    const auto primary = installer();
    const auto secondary = installer();
    const QString joined = secondary->join(primary->start().key).handle;

    QCOMPARE(secondary->list(joined).code, 1219);
    QCOMPARE(secondary->code({u"cancel"_s, joined}), 1219);
}

void tst_RmJoining::spec_022_whatALeaverRegisteredStays()
{
    const Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const QString joined = secondary->join(session.key).handle;
    QCOMPARE(secondary->code({u"register"_s, joined, u"f:"_s + held()}), 0);

    QCOMPARE(secondary->code({u"end"_s, joined}), 0);

    QCOMPARE(primary->list(session.handle).pids(), QSet{program->pid()});
}

void tst_RmJoining::spec_023_whatACrashedSecondaryRegisteredStays()
{
    const Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const QString joined = secondary->join(session.key).handle;
    QCOMPARE(secondary->code({u"register"_s, joined, u"f:"_s + held()}), 0);

    secondary->kill();

    QCOMPARE(primary->list(session.handle).pids(), QSet{program->pid()});
}

void tst_RmJoining::spec_024_theSessionOutlivesItsSecondaries()
{
    const Program *const program = start(u"app"_s, {u"--open"_s, held()});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    QCOMPARE(secondary->code({u"end"_s, secondary->join(session.key).handle}), 0);

    QCOMPARE(primary->code({u"register"_s, session.handle, u"f:"_s + held()}), 0);
    QCOMPARE(primary->list(session.handle).pids(), QSet{program->pid()});
    QCOMPARE(secondary->join(session.key).code, 0);
}

void tst_RmJoining::spec_026_rootIsRefusedAndItsAgentIsNot()
{
    if (geteuid() != 0)
        QSKIP("being root needs root");
    const Program *const program = start(u"app"_s, {u"--open"_s, held()}, nobody);
    const auto primary = installer(nobody);
    const auto session = primary->start();

    QProcessEnvironment asRoot = environment(nobody);
    QCOMPARE(Installer(asRoot, 0, RLIM_INFINITY).join(session.key).code, 1219);

    QProcess agent;
    asRoot.insert(u"ENTRACTE_SESSION_KEY"_s, session.key);
    agent.setProcessEnvironment(asRoot);
    agent.start(QStringLiteral(ENTRACTE_COMMAND),
                {u"session"_s, u"register"_s, u"--user"_s, u"nobody"_s, held()});
    QVERIFY(agent.waitForFinished(30'000));
    QCOMPARE(agent.exitCode(), 0);
    QCOMPARE(primary->list(session.handle).pids(), QSet{program->pid()});
}

struct Footprint
{
    int descriptors;
    qint64 kilobytes;
    int storeEntries;
};

static Footprint footprintOf(qint64 pid, const QString &store)
{
    QFile status(u"/proc/%1/status"_s.arg(pid));
    const QByteArray text = status.open(QIODevice::ReadOnly) ? status.readAll() : QByteArray();
    const QByteArray resident = text.mid(text.indexOf("VmRSS:") + 6).simplified();
    int entries = 0;
    for (QDirIterator all(store, QDir::AllEntries | QDir::NoDotAndDotDot | QDir::System,
                          QDirIterator::Subdirectories);
         all.hasNext(); all.next())
        ++entries;
    return {int(QDir(u"/proc/%1/fd"_s.arg(pid)).entryList(QDir::AllEntries | QDir::System).size()),
            resident.left(resident.indexOf(' ')).toLongLong(), entries};
}

void tst_RmJoining::manyJoinsAndLeavesLeakNothing()
{
    const QString store = environment().value(u"XDG_RUNTIME_DIR"_s) + u"/entracte"_s;
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const auto round = [&] {
        const QString joined = secondary->join(session.key).handle;
        const QString own = secondary->sessionFor(held());
        return secondary->code({u"register"_s, joined, u"f:"_s + held()}) == 0
            && secondary->code({u"end"_s, joined}) == 0 && secondary->code({u"end"_s, own}) == 0;
    };
    for (int i = 0; i < 200; ++i) // caches fill, pools grow
        QVERIFY(round());
    const Footprint primaryBefore = footprintOf(primary->pid(), store);
    const Footprint secondaryBefore = footprintOf(secondary->pid(), store);

    for (int i = 0; i < 2000; ++i)
        QVERIFY(round());

    for (const auto &[process, before] :
         {std::pair(primary.get(), primaryBefore), std::pair(secondary.get(), secondaryBefore)}) {
        Footprint now = footprintOf(process->pid(), store);
        // The last goodbye is on its way through the primary's other thread.
        for (int i = 0; i < 100 && now.descriptors > before.descriptors; ++i) {
            QTest::qWait(20);
            now = footprintOf(process->pid(), store);
        }
        qInfo(
            "2,000 joins, 2,000 sessions: descriptors %d → %d, memory %lld → %lld kB, store %d → %d",
            before.descriptors, now.descriptors, before.kilobytes, now.kilobytes,
            before.storeEntries, now.storeEntries);
        QCOMPARE(now.descriptors, before.descriptors);
        QCOMPARE(now.storeEntries, before.storeEntries);
        // A leak of one message a round would be megabytes. The sanitizer keeps what is freed.
        const bool isSanitized = QByteArrayView(ENTRACTE_SANITIZED).size() > 0;
        QVERIFY(isSanitized || now.kilobytes - before.kilobytes < 2048);
    }
}

void tst_RmJoining::aBlockedPrimaryIsJoinedAllTheSame()
{
    const auto clock = std::make_shared<SystemClock>();
    const auto sessions = store(clock);
    RestartSession session(createRestartBackend(clock), clock);
    QVERIFY(session.share(*sessions));
    const auto secondary = installer();

    // This thread waits for the secondary and runs no event loop meanwhile.
    const auto joined = secondary->join(session.key());
    QCOMPARE(joined.code, 0);
    QCOMPARE(secondary->code({u"register"_s, joined.handle, u"f:"_s + held()}), 0);

    QCOMPARE(session.resources().files, QStringList(held()));
}

void tst_RmJoining::aSecondaryWaitsForTheShutdown()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s});
    const auto primary = installer();
    const auto secondary = installer();
    const auto session = primary->start();
    const QString joined = secondary->join(session.key).handle;
    QCOMPARE(secondary->code({u"register"_s, joined, u"f:"_s + held()}), 0);
    secondary->call({u"begin"_s, u"swap"_s, joined, u"0"_s});
    QVERIFY(program->isRunning());

    QCOMPARE(primary->shutdown(session.handle), 0);

    QCOMPARE(secondary->code({u"await"_s}), 0);
    QVERIFY(!program->isRunning());
    // Who ends without a shutdown gives up for everybody.
    const auto other = primary->start();
    const QString waiting = secondary->join(other.key).handle;
    secondary->call({u"begin"_s, u"swap"_s, waiting, u"0"_s});
    QTest::qWait(50); // either order is right: a session that has ended is 6
    QCOMPARE(primary->code({u"end"_s, other.handle}), 0);
    const int code = secondary->code({u"await"_s});
    QVERIFY2(code == 1223 || code == 6, qPrintable(QString::number(code)));
}

void tst_RmJoining::aHostilePeerGetsAnErrorAndNothingElse()
{
    const auto primary = installer();
    const auto session = primary->start();
    const QDir sessions(environment().value(u"XDG_RUNTIME_DIR"_s) + u"/entracte/sessions"_s);
    const QString address =
        sessions.absoluteFilePath(sessions.entryList(QDir::Dirs | QDir::NoDotAndDotDot).value(0))
        + u"/socket"_s;
    SessionMessage registration;
    registration.operation = SessionMessage::Operation::Register;
    registration.resources.files = {held()};
    SessionMessage list;
    list.operation = SessionMessage::Operation::List;
    list.token = QString(32, u'0');
    const QByteArrayList hostile{
        QByteArray("\xff\xff\xff\xff") + QByteArray(5000, 'x'), // announces 4 GiB
        QByteArray("GET / HTTP/1.1\r\n\r\n"),
        QByteArray("\0\0\0\5hello", 9),
        registration.encoded(),  // without having joined
        list.encoded(),          // with a guessed token
        QByteArray("\0\0\0", 3), // and silence
    };
    std::vector<std::unique_ptr<QLocalSocket>> peers;
    for (const QByteArray &bytes : hostile) {
        auto peer = std::make_unique<QLocalSocket>();
        peer->connectToServer(address);
        QVERIFY(peer->waitForConnected());
        peer->write(bytes);
        peer->waitForBytesWritten();
        peers.push_back(std::move(peer));
    }
    for (size_t i = 0; i + 1 < peers.size(); ++i) {
        QTRY_VERIFY(peers[i]->bytesAvailable() > 4
                    || peers[i]->state() == QLocalSocket::UnconnectedState);
        const QByteArray answer = peers[i]->readAll();
        if (answer.size() <= 4)
            continue;
        const Result<SessionMessage> reply = SessionMessage::decoded(answer.mid(4));
        QVERIFY(reply);
        QVERIFY(reply->code == RestartCode::BadArguments
                || reply->code == RestartCode::SessionCredentialConflict);
    }

    QCOMPARE(primary->list(session.handle).code, 0);
    QCOMPARE(primary->code({u"register"_s, session.handle, u"f:"_s + held()}), 0);
    QCOMPARE(installer()->join(session.key).code, 0);
}

QTEST_GUILESS_MAIN(tst_RmJoining)
#include "tst_rmjoining.moc"
