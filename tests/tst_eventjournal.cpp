// SPDX-License-Identifier: MIT
#include "restart/eventlog.h"
#include "restart/restartsession.h"
#include "restart/sessionmember.h"
#include "restart/sessionserver.h"
#include "restart/sessionstore.h"
#include "support/fakerestartbackend.h"

#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Kind = RestartEvent::Kind;
using Temper = FakeRestartBackend::Temper;

namespace {

/// The socket of a journal that keeps every datagram until it is read.
class JournalSocket
{
public:
    JournalSocket()
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        qstrncpy(address.sun_path, QFile::encodeName(path()).constData(), sizeof address.sun_path);
        m_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (bind(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
            qFatal("no socket");
    }
    ~JournalSocket() { close(m_socket); }

    QString path() const { return m_folder.filePath(u"socket"_s); }

    /// The fields of the next datagram, by the rules of the protocol; empty without one.
    QMultiMap<QByteArray, QByteArray> next()
    {
        QByteArray bytes(128 * 1024, Qt::Uninitialized);
        bytes.truncate(std::max<ssize_t>(0, recv(m_socket, bytes.data(), bytes.size(), 0)));
        QMultiMap<QByteArray, QByteArray> fields;
        while (!bytes.isEmpty()) {
            const QByteArray line = bytes.left(bytes.indexOf('\n'));
            bytes.remove(0, line.size() + 1);
            if (const qsizetype equals = line.indexOf('='); equals >= 0) {
                fields.insert(line.left(equals), line.mid(equals + 1));
                continue;
            }
            const auto length = qsizetype(qFromLittleEndian<quint64>(bytes.constData()));
            fields.insert(line, bytes.mid(8, length));
            bytes.remove(0, 8 + length + 1);
        }
        return fields;
    }

private:
    QTemporaryDir m_folder;
    int m_socket = -1;
};

} // namespace

/// What an administrator reads: which events there are, what is in them, what never is, and that a
/// journal cannot hold up an installation. tst_journald reads them back from a real one.
class tst_EventJournal : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void everyKindIsInThePublishedTable();
    void aSessionIsToldFromItsStartToItsEnd();
    void aSecondaryThatJoinsIsTold();
    void aRefusalSaysWhy();
    void whoIsNotStartedAgainIsToldWithTheReason();
    void aRestartThatFailsIsTold();
    void aForcedCloseIsToldOnceForEveryReason();
    void aRestartOfTheSystemIsToldWithItsReasonsOnce();
    void aLookThatFailsIsTroubleACancelledOneIsNot();
    void nothingSecretIsTold();
    void aNameCannotForgeAField();
    void aNameCannotTakeThePlaceOfANumber();
    void aJournalThatIsFullHoldsNobodyUp();
    void whereThereIsNoJournalNothingHappens();

private:
    void open(RestartRules rules = RestartRules::Native);
    RestartCode finish(std::unique_ptr<RestartTask> task);
    RestartEvent told(Kind kind) const;
    QStringList words() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<SessionStore> m_store;
    FakeRestartBackend *m_backend = nullptr;
    std::unique_ptr<RestartSession> m_session;
    QList<RestartEvent> m_events;
};

void tst_EventJournal::init()
{
    m_session.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    SessionStoreSettings settings;
    settings.directory = m_folder->filePath(u"store"_s);
    m_store = createSessionStore(std::make_shared<SystemClock>(), settings);
    open();
}

void tst_EventJournal::open(RestartRules rules)
{
    auto backend = std::make_unique<FakeRestartBackend>();
    m_backend = backend.get();
    m_session = std::make_unique<RestartSession>(std::move(backend),
                                                 std::make_shared<SystemClock>(), rules);
    m_events.clear();
    connect(m_session.get(), &RestartSession::happened, this,
            [this](const RestartEvent &event) { m_events.append(event); });
}

RestartCode tst_EventJournal::finish(std::unique_ptr<RestartTask> task)
{
    bool isFinished = false;
    connect(task.get(), &Job::finished, this, [&] { isFinished = true; });
    task->start();
    [&] { QTRY_VERIFY(isFinished); }();
    return task->code();
}

/// The last event of \a kind.
RestartEvent tst_EventJournal::told(Kind kind) const
{
    RestartEvent last;
    for (const RestartEvent &event : m_events)
        if (event.kind == kind)
            last = event;
    return last;
}

QStringList tst_EventJournal::words() const
{
    QStringList words;
    for (const RestartEvent &event : m_events)
        words.append(QString::fromLatin1(typeOf(event.kind).word));
    return words;
}

void tst_EventJournal::everyKindIsInThePublishedTable()
{
    QFile readme(QStringLiteral(ENTRACTE_SOURCE_DIR "/framework/restart/README.md"));
    QVERIFY(readme.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(readme.readAll());
    static const QRegularExpression identifier(u"^[0-9a-f]{32}$"_s);
    QSet<QByteArray> seen;

    for (const Kind kind : allRestartEventKinds()) {
        const RestartEventType &type = typeOf(kind);
        QVERIFY(identifier.match(QString::fromLatin1(type.messageId)).hasMatch());
        const QString row = u"| `%1` | `%2` | %3 |"_s.arg(
            QLatin1String(type.word), QLatin1String(type.messageId),
            type.windowsId == 0 ? u"–"_s : QString::number(type.windowsId));
        QVERIFY2(text.contains(row), qPrintable(row));
        seen << type.messageId << type.word;
    }
    QCOMPARE(seen.size(), 2 * allRestartEventKinds().size());
    QCOMPARE(allRestartEventKinds().last(), Kind::Trouble);
}

void tst_EventJournal::aSessionIsToldFromItsStartToItsEnd()
{
    m_backend->add(u"Aurora"_s, Temper::Polite);
    const UniqueProcess process = m_backend->last().process;
    QVERIFY(m_session->share(*m_store));
    QVERIFY(m_session->registerResources({{u"/a"_s, u"/b"_s}, {}, {u"foo"_s}}));
    QCOMPARE(finish(m_session->list()), RestartCode::Success);
    QCOMPARE(finish(m_session->list()), RestartCode::Success); // who is known is not found again
    QCOMPARE(finish(m_session->shutdown(ShutdownType::Graceful)), RestartCode::Success);
    QCOMPARE(finish(m_session->restart()), RestartCode::Success);
    const QString id = m_session->server()->id();
    m_session.reset();

    QCOMPARE(words(), QStringList({u"session-started"_s, u"resources-registered"_s,
                                   u"application-found"_s, u"application-closed"_s,
                                   u"application-restarted"_s, u"session-ended"_s}));
    QVERIFY(!id.isEmpty());
    for (const RestartEvent &event : std::as_const(m_events))
        QCOMPARE(event.value("ENTRACTE_SESSION"), id);
    const RestartEvent registered = told(Kind::ResourcesRegistered);
    QCOMPARE(registered.value("ENTRACTE_FILES"), u"2"_s);
    QCOMPARE(registered.value("ENTRACTE_SERVICES"), u"1"_s);
    QCOMPARE(registered.sentence, u"Registered: 2 files, 0 processes, 1 service."_s);
    const RestartEvent closed = told(Kind::ApplicationClosed);
    QCOMPARE(closed.value("ENTRACTE_NAME"), u"Aurora"_s);
    QCOMPARE(closed.value("ENTRACTE_PID"), QString::number(process.pid));
    QCOMPARE(closed.value("ENTRACTE_TYPE"), u"MainWindow"_s);
}

void tst_EventJournal::aSecondaryThatJoinsIsTold()
{
    QVERIFY(m_session->share(*m_store));
    SessionMember member(*m_store, std::make_shared<SystemClock>());
    const std::unique_ptr<Job> join = member.join(m_session->key());
    join->start();

    QTRY_COMPARE(words(), QStringList({u"session-started"_s, u"session-joined"_s}));
    QCOMPARE(told(Kind::SessionJoined).value("ENTRACTE_PARTICIPANT"), u"1"_s);
    QTRY_VERIFY(!join->isRunning());
}

void tst_EventJournal::aRefusalSaysWhy()
{
    m_backend->add(u"Stubborn"_s, Temper::SaysNo);
    QCOMPARE(finish(m_session->shutdown(ShutdownType::Graceful)), RestartCode::FailShutdown);

    const RestartEvent refused = told(Kind::ApplicationRefused);
    QCOMPARE(refused.value("ENTRACTE_NAME"), u"Stubborn"_s);
    QCOMPARE(refused.value("ENTRACTE_REASON"), u"It is busy."_s);
    QVERIFY(refused.sentence.endsWith(u"could not be closed. It is busy."_s));
}

void tst_EventJournal::whoIsNotStartedAgainIsToldWithTheReason()
{
    open(RestartRules::Windows);
    m_backend->add(u"Unregistered"_s, Temper::Polite);
    QCOMPARE(finish(m_session->shutdown(ShutdownType::Graceful)), RestartCode::Success);
    QCOMPARE(finish(m_session->restart()), RestartCode::Success);

    QCOMPARE(words().last(), u"application-stays-closed"_s);
    QVERIFY(told(Kind::ApplicationStaysClosed).value("ENTRACTE_REASON").contains(u"register"_s));
}

void tst_EventJournal::aRestartThatFailsIsTold()
{
    m_backend->add(u"Broken"_s, Temper::FailsToReturn);
    QCOMPARE(finish(m_session->shutdown(ShutdownType::Graceful)), RestartCode::Success);
    QCOMPARE(finish(m_session->restart()), RestartCode::FailRestart);

    QCOMPARE(words().last(), u"restart-failed"_s);
    QCOMPARE(told(Kind::RestartFailed).value("ENTRACTE_REASON"), u"It would not start."_s);
    QCOMPARE(told(Kind::ApplicationRestarted).kind, Kind::Trouble); // not that one, too
}

void tst_EventJournal::aForcedCloseIsToldOnceForEveryReason()
{
    AffectedApplication before;
    before.name = u"Hung"_s;
    before.closing = ClosingState::Asked;
    AffectedApplication ending = before;
    ending.closing = ClosingState::Ending;
    ending.reason = u"Does not respond."_s;

    const QList<RestartEvent> events = eventsBetween(before, ending);
    QCOMPARE(events.size(), 1);
    QCOMPARE(events.constFirst().kind, Kind::ApplicationForced);
    QCOMPARE(events.constFirst().value("ENTRACTE_REASON"), ending.reason);
    QVERIFY(eventsBetween(ending, ending).isEmpty());
    AffectedApplication again = ending;
    again.reason = u"Was asked to close and stayed open."_s;
    QCOMPARE(eventsBetween(ending, again).size(), 1);
}

void tst_EventJournal::aRestartOfTheSystemIsToldWithItsReasonsOnce()
{
    const auto lists = [this](RebootReasons reasons) {
        const std::unique_ptr<RestartTask> list = m_session->list();
        list->start();
        AffectedApplications found;
        found.rebootReasons = reasons;
        emit m_backend->listed(found);
        QCOMPARE(list->code(), RestartCode::Success);
    };
    lists({});
    lists({RebootReason::CriticalService, RebootReason::DetectedSelf});
    lists({RebootReason::CriticalService, RebootReason::DetectedSelf});

    QCOMPARE(words(), QStringList(u"restart-needed"_s));
    QCOMPARE(told(Kind::RestartNeeded).value("ENTRACTE_REBOOT_REASONS"), u"24"_s);
    QCOMPARE(told(Kind::RestartNeeded).value("ENTRACTE_REASON"),
             u"CriticalService, DetectedSelf"_s);
}

void tst_EventJournal::aLookThatFailsIsTroubleACancelledOneIsNot()
{
    m_backend->listFails = true;
    finish(m_session->list());
    QCOMPARE(words(), QStringList(u"trouble"_s));
    QCOMPARE(told(Kind::Trouble).sentence, u"no /proc"_s);

    const std::unique_ptr<RestartTask> list = m_session->list();
    list->start();
    emit m_backend->listed(Error{ErrorCode::Cancelled, u"Cancelled."_s});
    QVERIFY(!list->isRunning());
    QCOMPARE(words().size(), 1);
}

void tst_EventJournal::nothingSecretIsTold()
{
    m_backend->add(u"Aurora"_s, Temper::Polite, u"/secret-file"_s);
    m_backend->last().document = u"/home/me/secret-document"_s;
    m_backend->last().windowTitles = {u"secret-title"_s};
    QVERIFY(m_session->share(*m_store));
    const QStringList secrets{u"secret"_s, m_session->key(), m_session->server()->token()};
    SessionMember member(*m_store, std::make_shared<SystemClock>());
    const std::unique_ptr<Job> join = member.join(m_session->key());
    join->start();
    QTRY_VERIFY(words().contains(u"session-joined"_s));
    QCOMPARE(finish(m_session->shutdown(ShutdownType::Graceful)), RestartCode::Success);
    QCOMPARE(finish(m_session->restart()), RestartCode::Success);
    m_session.reset();

    QVERIFY(m_events.size() > 5);
    for (const RestartEvent &event : std::as_const(m_events))
        for (const QString &secret : secrets) {
            QVERIFY2(!event.sentence.contains(secret), qPrintable(event.sentence));
            for (const RestartEvent::Field &field : event.fields)
                QVERIFY2(!field.value.contains(secret), field.name.constData());
        }
}

void tst_EventJournal::aNameCannotForgeAField()
{
    JournalSocket journal;
    const UniqueProcess self = uniqueProcess(getpid());
    const auto log = createEventLog(self, journal.path());
    AffectedApplication hostile;
    hostile.name = u"nice\nPRIORITY=0\nMESSAGE_ID=00\x1b[31m"_s + QString(100'000, u'x');
    hostile.executable = u"/tmp/a\nENTRACTE_EVENT=application-closed"_s;
    hostile.process = {4711, 9};
    hostile.unit = u"foo.service"_s;
    log->write(applicationFound(hostile));

    const QMultiMap<QByteArray, QByteArray> fields = journal.next();
    QCOMPARE(fields.values("PRIORITY"), QList<QByteArray>{"6"});
    QCOMPARE(fields.values("MESSAGE_ID"), QList<QByteArray>{"ed5004281e44421b822dd0828e863c82"});
    QCOMPARE(fields.values("ENTRACTE_EVENT"), QList<QByteArray>{"application-found"});
    QCOMPARE(fields.value("ENTRACTE_PROGRAM"), hostile.executable.toUtf8());
    QVERIFY(fields.value("ENTRACTE_NAME").startsWith("nice PRIORITY=0 MESSAGE_ID=00 [31mxxx"));
    QVERIFY(fields.value("MESSAGE").size() < 1000);
    QVERIFY(!fields.value("MESSAGE").contains('\n'));
    QCOMPARE(fields.value("ENTRACTE_PID"), "4711");
    QCOMPARE(fields.value("ENTRACTE_UNIT"), "foo.service");
    QCOMPARE(fields.value("OBJECT_SYSTEMD_UNIT"), "foo.service");
    QVERIFY(!fields.contains("OBJECT_PID")); // the journal would add its arguments
    QCOMPARE(fields.value("ENTRACTE_INSTALLER_PID"), QByteArray::number(getpid()));
    QVERIFY(fields.value("ENTRACTE_INSTALLER").endsWith("tst_eventjournal"));
    QCOMPARE(fields.value("SYSLOG_IDENTIFIER"), "entracte");
    QVERIFY(journal.next().isEmpty());
}

void tst_EventJournal::aNameCannotTakeThePlaceOfANumber()
{
    AffectedApplication hostile;
    hostile.name = u"%2 %1"_s;
    hostile.process = {4711, 9};
    QCOMPARE(applicationFound(hostile).sentence, u"%2 %1 (process 4711) is in the way."_s);
}

void tst_EventJournal::aJournalThatIsFullHoldsNobodyUp()
{
    JournalSocket journal;
    const auto log = createEventLog({}, journal.path());
    constexpr int more = 5000; // than any socket's queue takes
    for (int number = 0; number < more; ++number)
        log->write(sessionStarted(RestartRules::Native));

    int arrived = 0;
    while (!journal.next().isEmpty())
        ++arrived;
    QVERIFY(arrived > 0 && arrived < more);
    log->write(sessionEnded()); // and goes on when it is read again
    QCOMPARE(journal.next().value("ENTRACTE_EVENT"), "session-ended");
}

void tst_EventJournal::whereThereIsNoJournalNothingHappens()
{
    const auto log = createEventLog({}, m_folder->filePath(u"nobody"_s));
    log->write(sessionEnded());
    QVERIFY(!QFile::exists(m_folder->filePath(u"nobody"_s)));

    JournalSocket journal; // the same log, once there is one
    QVERIFY(QFile::link(journal.path(), m_folder->filePath(u"nobody"_s)));
    log->write(sessionEnded());
    QCOMPARE(journal.next().value("ENTRACTE_EVENT"), "session-ended");
}

QTEST_GUILESS_MAIN(tst_EventJournal)
#include "tst_eventjournal.moc"
