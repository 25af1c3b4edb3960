// SPDX-License-Identifier: MIT
#include "restart/restartcode.h"
#include "support/insidebox.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <pwd.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// What `entracte session` leaves in a real journal, read back with journalctl. Runs inside a box:
/// `sdbox run`.
class tst_Journald : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();
    void aWholeSessionCanBeReadAfterwards();
    void spec_086_aForcedCloseIsInTheJournal();
    void whatWasDoneToAServiceStandsInItsOwnLog();
    void nothingSecretIsInTheJournal();

private:
    QJsonObject session(const QStringList &words);
    QList<QJsonObject> journal(const QStringList &filter) const;
    QJsonObject eventNamed(const QString &word) const;
    QString path(const QString &name) const { return m_folder->filePath(name); }
    void startHolder(const QStringList &arguments);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QProcess> m_holder;
    QProcessEnvironment m_environment;
    QString m_id;
};

void tst_Journald::initTestCase()
{
    if (qEnvironmentVariableIsEmpty("SDBOX"))
        QSKIP("needs a systemd of its own: tests/support/sdbox run tst_journald");
    QDir().mkpath(u"/run/systemd/journald.conf.d"_s);
    QDir().mkpath(u"/run/log/journal"_s); // the box's own; the host's is not touched
    QFile settings(u"/run/systemd/journald.conf.d/box.conf"_s);
    QVERIFY(settings.open(QIODevice::WriteOnly));
    settings.write("[Journal]\nStorage=volatile\nReadKMsg=no\nForwardToWall=no\nAudit=no\n");
    settings.close();
    InsideBox::write(u"journal.service"_s,
                     "[Service]\nType=notify\nExecStart=/lib/systemd/systemd-journald\n"
                     "RuntimeDirectory=systemd/journal\nRuntimeDirectoryPreserve=yes\n");
    InsideBox::write(u"tenacious.service"_s,
                     "[Service]\nTimeoutStopSec=infinity\nExecStart=" ENTRACTE_FILE_HOLDER
                     " --ignore-term\n");
    QVERIFY(InsideBox::systemctl({u"daemon-reload"_s}));
    QVERIFY(InsideBox::systemctl({u"start"_s, u"journal.service"_s}));
}

void tst_Journald::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_environment = QProcessEnvironment::systemEnvironment();
    QFile held(path(u"held"_s));
    QVERIFY(held.open(QIODevice::WriteOnly) && held.write("x") == 1);
    const QJsonObject started = session({u"start"_s, u"--owner"_s, QString::number(getpid())});
    QCOMPARE(started[u"code"_s].toInt(-1), 0);
    m_environment.insert(u"ENTRACTE_SESSION_KEY"_s, started[u"key"_s].toString());
    m_environment.insert(u"ENTRACTE_SESSION_TOKEN"_s, started[u"token"_s].toString());
}

void tst_Journald::cleanup()
{
    session({u"end"_s});
    if (m_holder && m_holder->state() != QProcess::NotRunning) {
        m_holder->kill();
        m_holder->waitForFinished();
    }
    m_holder.reset();
}

/// `entracte session \a words`, its answer.
QJsonObject tst_Journald::session(const QStringList &words)
{
    QProcess command;
    command.setProcessEnvironment(m_environment);
    command.start(QStringLiteral(ENTRACTE_COMMAND),
                  QStringList(u"session"_s) + words + QStringList(u"--json"_s));
    command.waitForFinished(60'000);
    return QJsonDocument::fromJson(command.readAllStandardOutput()).object();
}

/// Everything in the journal that \a filter lets through.
QList<QJsonObject> tst_Journald::journal(const QStringList &filter) const
{
    InsideBox::run(u"journalctl"_s, {u"--sync"_s});
    const QByteArray lines =
        InsideBox::run(u"journalctl"_s, QStringList{u"-o"_s, u"json"_s, u"-q"_s} + filter)
            .value_or(QByteArray());
    QList<QJsonObject> entries;
    for (const QByteArray &line : lines.split('\n'))
        if (!line.isEmpty())
            entries.append(QJsonDocument::fromJson(line).object());
    return entries;
}

/// The last event \a word of this slot's holder of the session.
QJsonObject tst_Journald::eventNamed(const QString &word) const
{
    const QList<QJsonObject> all = journal({u"ENTRACTE_EVENT="_s + word});
    return all.isEmpty() ? QJsonObject() : all.last();
}

void tst_Journald::startHolder(const QStringList &arguments)
{
    m_holder = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"HOLDER_TEST"_s, u"secret-environment"_s);
    m_holder->setProcessEnvironment(environment);
    m_holder->start(QStringLiteral(ENTRACTE_FILE_HOLDER),
                    QStringList{u"--open"_s, path(u"held"_s)} + arguments);
    QByteArray said;
    QTRY_VERIFY((said += m_holder->readAllStandardOutput()).contains("ready"));
}

void tst_Journald::aWholeSessionCanBeReadAfterwards()
{
    startHolder({u"--catch-term"_s});
    const qint64 pid = m_holder->processId();
    session({u"register"_s, path(u"held"_s), path(u"missing"_s)});
    QCOMPARE(session({u"shutdown"_s})[u"code"_s].toInt(), 0);
    m_holder->waitForFinished();
    QCOMPARE(session({u"restart"_s})[u"code"_s].toInt(), 0);
    QCOMPARE(session({u"end"_s})[u"code"_s].toInt(-1), 0);

    QTRY_VERIFY(!eventNamed(u"session-ended"_s).isEmpty());
    const QString id = eventNamed(u"session-ended"_s)[u"ENTRACTE_SESSION"_s].toString();
    QStringList words;
    for (const QJsonObject &entry : journal({u"ENTRACTE_SESSION="_s + id})) {
        words.append(entry[u"ENTRACTE_EVENT"_s].toString());
        QCOMPARE(entry[u"SYSLOG_IDENTIFIER"_s].toString(), u"entracte"_s);
        QCOMPARE(entry[u"ENTRACTE_INSTALLER_PID"_s].toString(), QString::number(getpid()));
        QVERIFY(entry[u"ENTRACTE_INSTALLER"_s].toString().endsWith(u"tst_journald"_s));
        QVERIFY(entry[u"_EXE"_s].toString().endsWith(u"entracte"_s)); // the holder of the session
    }
    QCOMPARE(words,
             QStringList({u"session-started"_s, u"resources-registered"_s, u"application-found"_s,
                          u"application-asked"_s, u"application-closed"_s,
                          u"application-restarted"_s, u"session-ended"_s}));
    const QJsonObject closed = eventNamed(u"application-closed"_s);
    QCOMPARE(closed[u"ENTRACTE_PID"_s].toString(), QString::number(pid));
    QCOMPARE(closed[u"ENTRACTE_PROGRAM"_s].toString(), QStringLiteral(ENTRACTE_FILE_HOLDER));
    QCOMPARE(closed[u"ENTRACTE_WINDOWS_EVENT"_s].toString(), u"10002"_s);
    QCOMPARE(closed[u"PRIORITY"_s].toString(), u"5"_s);
    QCOMPARE(eventNamed(u"resources-registered"_s)[u"ENTRACTE_FILES"_s].toString(), u"2"_s);
}

void tst_Journald::spec_086_aForcedCloseIsInTheJournal()
{
    startHolder({}); // catches nothing, shows nothing: only force ends it
    const qint64 pid = m_holder->processId();
    session({u"register"_s, path(u"held"_s)});
    QCOMPARE(session({u"shutdown"_s, u"--force"_s})[u"code"_s].toInt(-1), 0);

    const QList<QJsonObject> found = journal({u"MESSAGE_ID=943d24cbbb7745baa95f405077b0159d"_s,
                                              u"ENTRACTE_PID="_s + QString::number(pid)});
    QCOMPARE(found.size(), 1);
    const QJsonObject forced = found.constFirst();
    QCOMPARE(forced[u"ENTRACTE_PROGRAM"_s].toString(), QStringLiteral(ENTRACTE_FILE_HOLDER));
    QCOMPARE(forced[u"ENTRACTE_USER"_s].toString(), QString::fromLocal8Bit(getpwuid(0)->pw_name));
    QCOMPARE(forced[u"ENTRACTE_UID"_s].toString(), u"0"_s);
    QVERIFY(forced[u"ENTRACTE_INSTALLER"_s].toString().endsWith(u"tst_journald"_s));
    QCOMPARE(forced[u"ENTRACTE_INSTALLER_PID"_s].toString(), QString::number(getpid()));
    QVERIFY(!forced[u"ENTRACTE_SESSION"_s].toString().isEmpty());
    QVERIFY(!forced[u"ENTRACTE_REASON"_s].toString().isEmpty());
    QVERIFY(forced[u"MESSAGE"_s].toString().contains(forced[u"ENTRACTE_REASON"_s].toString()));
    QCOMPARE(forced[u"PRIORITY"_s].toString(), u"4"_s);
}

void tst_Journald::whatWasDoneToAServiceStandsInItsOwnLog()
{
    QVERIFY(InsideBox::systemctl({u"start"_s, u"tenacious.service"_s}));
    session({u"register"_s, u"--service"_s, u"tenacious"_s});
    session({u"list"_s});

    const QList<QJsonObject> own =
        journal({u"--unit"_s, u"tenacious.service"_s, u"ENTRACTE_EVENT=application-found"_s});
    QCOMPARE(own.size(), 1);
    QCOMPARE(own.constFirst()[u"ENTRACTE_SERVICE"_s].toString(), u"tenacious"_s);
    QCOMPARE(own.constFirst()[u"ENTRACTE_TYPE"_s].toString(), u"Service"_s);
    InsideBox::systemctl({u"kill"_s, u"-s"_s, u"KILL"_s, u"tenacious.service"_s});
}

void tst_Journald::nothingSecretIsInTheJournal()
{
    startHolder({u"--catch-term"_s, u"--report"_s, path(u"secret-argument"_s)});
    session({u"register"_s, path(u"held"_s)});
    session({u"list"_s});
    session({u"shutdown"_s, u"--force"_s});
    session({u"restart"_s});
    QVERIFY(!eventNamed(u"application-closed"_s).isEmpty());

    const QByteArray all =
        InsideBox::run(u"journalctl"_s, {u"-o"_s, u"json"_s, u"SYSLOG_IDENTIFIER=entracte"_s})
            .value_or("");
    QVERIFY(all.count('\n') > 3);
    const QByteArray key = m_environment.value(u"ENTRACTE_SESSION_KEY"_s).toLatin1();
    const QByteArray token = m_environment.value(u"ENTRACTE_SESSION_TOKEN"_s).toLatin1();
    QVERIFY(key.size() == 32 && token.size() == 32);
    for (const QByteArray &secret : {QByteArray("secret-"), key, token, QByteArray("OBJECT_PID")})
        QVERIFY2(!all.contains(secret), secret.constData());
}

QTEST_GUILESS_MAIN(tst_Journald)
#include "tst_journald.moc"
