// SPDX-License-Identifier: MIT
#include "restart/sessionrecord.h"

#include <QCborArray>
#include <QCborMap>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include <sys/prctl.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// What a session's record keeps of an application, what a forged one is worth (nothing), and that
/// both commands that print applications say the same of one.
class tst_SessionRecord : public QObject
{
    Q_OBJECT

private slots:
    void whatIsWrittenIsRead();
    void whatIsMissingHasADefault();
    void forgedValuesAreRefused_data();
    void forgedValuesAreRefused();
    void anyCutIsRefused();
    void inUseAndSessionListSayTheSame();
};

static SessionRecord sample()
{
    AffectedApplication application;
    application.processes = {{42, 7}, {43, 8}};
    application.process = application.processes.constFirst();
    application.name = u"Aurora"_s;
    application.iconName = u"aurora"_s;
    application.executable = u"/opt/aurora/bin/aurora"_s;
    application.serviceName = u"aurora"_s;
    application.unit = u"app-aurora-1.scope"_s;
    application.isUserUnit = true;
    application.document = u"/home/me/ü.txt"_s;
    application.logonSession = 3;
    application.type = ApplicationType::Service;
    application.status = {ApplicationStatus::Running, ApplicationStatus::ErrorOnStop};
    application.restartability = Restartability::Registered;
    application.requiredLevel = RestartLevel::SoftReboot;
    application.ownerUid = 1000;
    application.owner = u"me"_s;
    application.files = {
        {u"/opt/a"_s, {HoldKind::Mapped, HoldKind::Open}, true, true, true, {{42, 7}}},
        {u"/opt/b"_s, HoldKind::Script, false, false, false, {{43, 8}}},
    };
    SessionRecord record;
    record.bootId = "boot";
    record.rules = RestartRules::Windows;
    record.contributions[-1] = {{u"/opt/a"_s}, {{1, 2}}, {u"foo"_s}};
    record.closed = {{application, "arguments and more", true}};
    return record;
}

void tst_SessionRecord::whatIsWrittenIsRead()
{
    const SessionRecord written = sample();
    const std::optional<SessionRecord> read = SessionRecord::fromCbor(written.toCbor());

    QVERIFY(read);
    QCOMPARE(read->bootId, written.bootId);
    QCOMPARE(read->rules, written.rules);
    QVERIFY(read->contributions == written.contributions);
    QCOMPARE(read->closed.size(), 1);
    QCOMPARE(read->closed[0].launch, written.closed[0].launch);
    QVERIFY(read->closed[0].wasAsked);
    QVERIFY(read->closed[0].application == written.closed[0].application);
}

/// \a record with one value of its only closed application, or of that one's first file, replaced.
static QByteArray with(const QString &key, const QCborValue &value, bool inFile = false)
{
    QCborMap record = QCborValue::fromCbor(sample().toCbor()).toMap();
    QCborMap application = record[u"closed"_s].toArray().first().toMap();
    if (inFile) {
        QCborArray files = application[u"files"_s].toArray();
        QCborMap file = files.first().toMap();
        file[key] = value;
        files[0] = file;
        application[u"files"_s] = files;
    } else if (value.isUndefined()) {
        application.remove(key);
    } else {
        application[key] = value;
    }
    record[u"closed"_s] = QCborArray{application};
    return QCborValue(record).toCbor();
}

void tst_SessionRecord::whatIsMissingHasADefault()
{
    const auto without = [](const QString &key) {
        const auto record = SessionRecord::fromCbor(with(key, {}));
        return record ? record->closed.value(0).application : AffectedApplication();
    };
    QVERIFY(SessionRecord::fromCbor(with(u"unit"_s, {})));
    QCOMPARE(without(u"unit"_s).name, u"Aurora"_s); // as one of an earlier version reads
    QCOMPARE(without(u"level"_s).requiredLevel, RestartLevel::Application);
    QCOMPARE(without(u"files"_s).files.size(), 0);
    QVERIFY(SessionRecord::fromCbor(with(u"of a later version"_s, 1)));
}

void tst_SessionRecord::forgedValuesAreRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *key, const QCborValue &value) {
        QTest::addRow("%s %s", key, qPrintable(value.toDiagnosticNotation().left(40)))
            << with(QLatin1String(key), value);
    };
    for (const char *text :
         {"name", "icon", "executable", "service", "unit", "document", "owner"}) {
        row(text, 1);
        row(text, QCborArray{u"x"_s});
    }
    for (const char *truth : {"userUnit", "asked"})
        row(truth, 1);
    row("launch", u"text"_s);
    for (const char *word : {"type", "restartability", "level"}) {
        row(word, 99);
        row(word, -1);
        row(word, 1e24);
        row(word, u"Reboot"_s);
        row(word, qint64(1) << 32);
    }
    row("status", 0x100);
    row("status", -1);
    row("status", 1.5);
    row("uid", -2);
    row("uid", qint64(1) << 33);
    row("logonSession", qint64(1) << 31);
    row("processes", QCborArray{QCborArray{1}});
    row("processes", QCborArray{QCborArray{-1, 1}});
    row("processes", QCborArray{QCborArray{u"1"_s, 1}});
    row("processes", 7);
    row("files", QCborMap());
    row("files", QCborArray{u"/opt/a"_s});
    row("files", QCborArray{QCborMap()}); // a hold of no file

    const auto file = [](const char *key, const QCborValue &value) {
        QTest::addRow("file's %s %s", key, qPrintable(value.toDiagnosticNotation().left(40)))
            << with(QLatin1String(key), value, true);
    };
    file("path", u"relative"_s);
    file("path", 1);
    file("kinds", 0x40);
    file("kinds", qint64(1) << 40);
    file("stale", u"yes"_s);
    file("certain", 0);
    file("written", QCborValue(nullptr));
    file("processes", QCborArray{QCborMap()});

    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("10,000 lists in lists") << QByteArray(10'000, '\x81');
    QTest::newRow("a list of 4 GiB") << QByteArray::fromHex("9b00000000ffffffff00");
}

void tst_SessionRecord::forgedValuesAreRefused()
{
    QFETCH(const QByteArray, bytes);
    QVERIFY(!SessionRecord::fromCbor(bytes));
}

void tst_SessionRecord::anyCutIsRefused()
{
    const QByteArray whole = sample().toCbor();
    QVERIFY(SessionRecord::fromCbor(whole));
    for (qsizetype size = 0; size < whole.size(); ++size)
        QVERIFY2(!SessionRecord::fromCbor(whole.left(size)), qPrintable(QString::number(size)));
}

/// What `entracte` with \a words prints as JSON.
static QJsonObject say(const QStringList &words, const QProcessEnvironment &environment)
{
    QProcess command;
    command.setProcessEnvironment(environment);
    command.start(QStringLiteral(ENTRACTE_COMMAND), words + QStringList(u"--json"_s));
    command.waitForFinished(60'000);
    return QJsonDocument::fromJson(command.readAllStandardOutput()).object();
}

// A file that was replaced while it is open, and a script that nothing holds open: the answers go
// over the session's socket and come out whole.
void tst_SessionRecord::inUseAndSessionListSayTheSame()
{
    const QTemporaryDir folder;
    const QString held = folder.filePath(u"held"_s);
    const QString script = folder.filePath(u"script.py"_s);
    QFile file(held);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("x") == 1);
    file.close();
    QFile text(script);
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("import sys\nheld = open(sys.argv[1])\nprint('ready', flush=True)\n"
               "sys.stdin.read()\n");
    text.close();
    QProcess holder;
    holder.setChildProcessModifier([] { prctl(PR_SET_PDEATHSIG, SIGKILL); });
    holder.start(u"/usr/bin/python3"_s, {script, held});
    QByteArray said;
    QTRY_VERIFY((said += holder.readAllStandardOutput()).contains("ready"));

    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"XDG_RUNTIME_DIR"_s, folder.path());
    const QJsonArray whileHeld =
        say({u"in-use"_s, held, script}, environment)[u"applications"_s].toArray();
    const QJsonObject session =
        say({u"session"_s, u"start"_s, u"--owner"_s, QString::number(getpid())}, environment);
    environment.insert(u"ENTRACTE_SESSION_KEY"_s, session[u"key"_s].toString());
    environment.insert(u"ENTRACTE_SESSION_TOKEN"_s, session[u"token"_s].toString());
    QCOMPARE(say({u"session"_s, u"register"_s, held, script}, environment)[u"code"_s].toInt(-1), 0);
    QVERIFY(QFile::remove(held)); // after registration: stale from now on
    QVERIFY(file.open(QIODevice::WriteOnly));
    const QJsonArray listed =
        say({u"session"_s, u"list"_s}, environment)[u"applications"_s].toArray();
    say({u"session"_s, u"end"_s}, environment);

    QVERIFY2(whileHeld.size() == 1, QJsonDocument(whileHeld).toJson().constData());
    QCOMPARE(listed.size(), 1);
    const QJsonObject one = whileHeld[0].toObject();
    const QJsonObject other = listed[0].toObject();
    QCOMPARE(one.keys(), other.keys());
    for (const QString &key : one.keys())
        if (key != u"files"_s)
            QCOMPARE(one[key], other[key]);
    for (const char *key : {"unit", "userUnit", "document", "requiredLevel", "uid"})
        QVERIFY2(one.contains(QLatin1String(key)), key);
    QCOMPARE(one[u"requiredLevel"_s].toString(), u"Application"_s);

    bool wasStale = false;
    bool wasUncertain = false;
    for (const QJsonValue each : other[u"files"_s].toArray()) {
        wasStale |= each[u"path"_s] == held && each[u"stale"_s].toBool();
        wasUncertain |=
            each[u"held"_s].toArray().contains(u"Script"_s) && !each[u"certain"_s].toBool(true);
    }
    QVERIFY(wasStale);
    QVERIFY2(wasUncertain, QJsonDocument(other).toJson().constData());
    holder.kill();
    holder.waitForFinished();
}

QTEST_GUILESS_MAIN(tst_SessionRecord)
#include "tst_sessionrecord.moc"
