// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "support/realprogram.h"
#include "support/sampleproduct.h"
#include "support/sdbox.h"
#include "support/signalwitness.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// Whom nothing may ever close: on a desktop of its own, whose display server, window manager and
/// bus have a product's library loaded, and in a box with a systemd. After each listing everything
/// is tried to close them, with force; the witness counts what this program sent to anybody.
class tst_Critical : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void spec_047_whoIsCriticalSaysSo();
    void spec_048_allReasonsAreToldTogether();
    void spec_050_anAncestorCountsAsTheInstaller();
    void spec_051_theDesktopItselfNeedsANewSession_data();
    void spec_051_theDesktopItselfNeedsANewSession();
    void spec_051_theManagerOfAUserNeedsANewSession();
    void spec_054_aLibraryOfEverybodyOffersNobody();
    void spec_054_besideItOnlyItsOwnHoldersAreOffered();
    void aUnitThatRefusesToBeStoppedIsCritical();

private:
    struct Desktop
    {
        RealProgram server;
        RealProgram manager;
        RealProgram bus;
    };

    void startDesktop();
    static QByteArray firstLine(RealProgram &program);
    QString path(const QString &name) const { return m_folder->filePath(name); }
    void create(const UniqueProcess &installer = {});
    void look(const QStringList &files);
    std::optional<Result<>> finish(std::unique_ptr<RestartTask> task, RestartCode &code);
    void tryToCloseAll(RestartCode expected);
    std::optional<AffectedApplication> rowOf(qint64 pid) const;
    QJsonObject listInside(SdBox &box, const QStringList &files);

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_library;
    std::unique_ptr<Desktop> m_desktop;
    std::unique_ptr<RestartSession> m_session;
    std::map<QByteArray, QByteArray> m_environment; ///< as it was
};

void tst_Critical::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_library = path(u"libproduct.so"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_HELD_LIBRARY), m_library));
    for (const char *name : {"DISPLAY", "DBUS_SESSION_BUS_ADDRESS"})
        m_environment[name] = qgetenv(name);
    create();
}

void tst_Critical::cleanup()
{
    m_session.reset();
    m_desktop.reset();
    for (const auto &[name, value] : m_environment)
        value.isEmpty() ? qunsetenv(name.constData()) : qputenv(name.constData(), value);
}

QByteArray tst_Critical::firstLine(RealProgram &program)
{
    const bool hasLine =
        QTest::qWaitFor([&program] { return program.process().canReadLine(); }, 20'000);
    if (!hasLine)
        return {};
    return program.process().readLine().trimmed();
}

void tst_Critical::startDesktop()
{
    m_desktop = std::make_unique<Desktop>();
    for (RealProgram *one : {&m_desktop->server, &m_desktop->manager, &m_desktop->bus})
        one->preload(m_library);
    m_desktop->server.start(u"Xvfb"_s, {u"-displayfd"_s, u"1"_s, u"-screen"_s, u"0"_s,
                                        u"640x480x24"_s, u"-nolisten"_s, u"tcp"_s, u"-noreset"_s});
    const QByteArray display = firstLine(m_desktop->server);
    QVERIFY(!display.isEmpty());
    qputenv("DISPLAY", ':' + display);
    m_desktop->bus.start(u"dbus-daemon"_s,
                         {u"--session"_s, u"--nofork"_s, u"--nopidfile"_s, u"--print-address=1"_s});
    const QByteArray address = firstLine(m_desktop->bus);
    QVERIFY(!address.isEmpty());
    qputenv("DBUS_SESSION_BUS_ADDRESS", address);
    m_desktop->manager.start(u"openbox"_s, {u"--sm-disable"_s});
    QTRY_VERIFY_WITH_TIMEOUT(
        [] {
            QProcess xprop;
            xprop.start(u"xprop"_s, {u"-root"_s, u"_NET_SUPPORTING_WM_CHECK"_s});
            return xprop.waitForFinished() && xprop.readAllStandardOutput().contains("window id");
        }(),
        20'000);
}

void tst_Critical::create(const UniqueProcess &installer)
{
    auto clock = std::make_shared<SystemClock>();
    m_session = std::make_unique<RestartSession>(createRestartBackend(clock, installer), clock);
}

std::optional<Result<>> tst_Critical::finish(std::unique_ptr<RestartTask> task, RestartCode &code)
{
    std::optional<Result<>> result;
    connect(task.get(), &Job::finished, this, [&](const Result<> &ended) { result = ended; });
    task->start();
    if (!QTest::qWaitFor([&result] { return result.has_value(); }, 40'000))
        return std::nullopt;
    code = task->code();
    return result;
}

void tst_Critical::look(const QStringList &files)
{
    RestartCode code = RestartCode::Success;
    QVERIFY(m_session->registerFiles(files));
    const std::optional<Result<>> result = finish(m_session->list(), code);
    QVERIFY(result && *result);
}

void tst_Critical::tryToCloseAll(RestartCode expected)
{
    QList<UniqueProcess> everybody;
    for (const AffectedApplication &application : m_session->applications())
        everybody += application.processes;
    const int before = SignalWitness::signalsSent();
    RestartCode code = RestartCode::Success;

    QVERIFY(finish(m_session->shutdown(ShutdownType::Force, everybody), code));

    QCOMPARE(int(code), int(expected));
    QCOMPARE(SignalWitness::signalsSent(), before);
}

std::optional<AffectedApplication> tst_Critical::rowOf(qint64 pid) const
{
    for (const AffectedApplication &application : m_session->applications())
        for (const UniqueProcess &process : application.processes)
            if (process.pid == pid)
                return application;
    return std::nullopt;
}

void tst_Critical::spec_047_whoIsCriticalSaysSo()
{
    startDesktop();

    look({m_library});

    const std::optional<AffectedApplication> row = rowOf(m_desktop->server.pid());
    QVERIFY(row);
    QCOMPARE(int(row->type), 1000);
    QVERIFY(!m_session->canComeBack(*row));
    QVERIFY(!row->canBeForced);
    QVERIFY(!row->reason.isEmpty());
    QCOMPARE(m_session->rebootReasons(), RebootReasons(RebootReason::CriticalProcess));
    tryToCloseAll(RestartCode::FailNoActionReboot);
    QVERIFY(m_desktop->server.isRunning());
}

QJsonObject tst_Critical::listInside(SdBox &box, const QStringList &files)
{
    if (box.run(QStringList{QStringLiteral(ENTRACTE_LIST_HOLDERS)} + files) != 0)
        qWarning("%s", box.errorOutput().constData());
    return QJsonDocument::fromJson(box.output()).object();
}

// The system's bus, the manager of units, and the one who asks: all three at once.
void tst_Critical::spec_048_allReasonsAreToldTogether()
{
    SdBox box;
    const bool isUp = box.up();
    if (box.wasImpossible())
        QSKIP(qPrintable(box.whyNot()));
    QVERIFY2(isUp, qPrintable(box.whyNot()));
    QCOMPARE(box.run({u"busctl"_s, u"--no-pager"_s, u"list"_s}), 0); // the bus runs on demand

    const QJsonObject all = listInside(box, {u"/usr/bin/dbus-daemon"_s, u"/lib/systemd/systemd"_s,
                                             QStringLiteral(ENTRACTE_LIST_HOLDERS)});

    const RebootReasons reasons = RebootReasons::fromInt(all[u"reasons"_s].toInt());
    QCOMPARE(reasons, RebootReasons(RebootReason::CriticalProcess) | RebootReason::CriticalService
                          | RebootReason::DetectedSelf);
    QMap<QString, QString> levels;
    for (const auto &row : all[u"applications"_s].toArray()) {
        QCOMPARE(row[u"type"_s].toString(), u"Critical"_s);
        levels.insert(row[u"executable"_s].toString().section(u'/', -1),
                      row[u"level"_s].toString());
    }
    QCOMPARE(levels.value(u"dbus-daemon"_s), u"Reboot"_s);
    QCOMPARE(levels.value(u"systemd"_s), u"Reboot"_s);
    QCOMPARE(levels.value(u"listholders"_s), u"Application"_s);
}

// A shell holds the file and runs the installer.
void tst_Critical::spec_050_anAncestorCountsAsTheInstaller()
{
    RealProgram shell;
    RealProgram neighbour;
    for (RealProgram *one : {&shell, &neighbour})
        one->preload(m_library);
    shell.start(u"/bin/bash"_s, {u"-c"_s, u"LD_PRELOAD= sleep 1000 & echo $!; wait"_s});
    neighbour.start(u"/usr/bin/sleep"_s, {u"1000"_s});
    const UniqueProcess installer = uniqueProcess(firstLine(shell).toLongLong());
    QVERIFY(installer.startTime != 0);
    create(installer);

    look({m_library});

    QVERIFY(m_session->rebootReasons().testFlag(RebootReason::DetectedSelf));
    const std::optional<AffectedApplication> row = rowOf(shell.pid());
    QVERIFY(row);
    QVERIFY(row->isCritical() && !row->canBeForced);
    QVERIFY(rowOf(neighbour.pid()) && !rowOf(neighbour.pid())->isCritical());
    tryToCloseAll(RestartCode::FailNoActionReboot);
    QVERIFY(shell.isRunning());
    QVERIFY(neighbour.isRunning()); // all or nobody
}

void tst_Critical::spec_051_theDesktopItselfNeedsANewSession_data()
{
    QTest::addColumn<RealProgram Desktop::*>("member");
    QTest::newRow("display server") << &Desktop::server;
    QTest::newRow("window manager") << &Desktop::manager;
    QTest::newRow("session bus") << &Desktop::bus;
}

void tst_Critical::spec_051_theDesktopItselfNeedsANewSession()
{
    using Member = RealProgram Desktop::*;
    QFETCH(Member, member);
    startDesktop();

    look({m_library});

    const std::optional<AffectedApplication> row = rowOf((m_desktop.get()->*member).pid());
    QVERIFY(row);
    QVERIFY(row->isCritical());
    QCOMPARE(row->requiredLevel, RestartLevel::Session);
    tryToCloseAll(RestartCode::FailNoActionReboot);
    QVERIFY((m_desktop.get()->*member).isRunning());
}

void tst_Critical::spec_051_theManagerOfAUserNeedsANewSession()
{
    SdBox box;
    const bool isUp = box.up();
    if (box.wasImpossible())
        QSKIP(qPrintable(box.whyNot()));
    QVERIFY2(isUp, qPrintable(box.whyNot()));
    QCOMPARE(box.run({u"systemctl"_s, u"start"_s, u"user@65534.service"_s}), 0);

    const QJsonObject all = listInside(box, {u"/lib/systemd/systemd"_s});

    QMap<QString, QString> levels; // by unit
    for (const auto &row : all[u"applications"_s].toArray()) {
        QCOMPARE(row[u"type"_s].toString(), u"Critical"_s);
        levels.insert(row[u"unit"_s].toString() + (row[u"isUserUnit"_s].toBool() ? u"*"_s : u""_s),
                      row[u"level"_s].toString());
    }
    QCOMPARE(levels.value(u"init.scope*"_s), u"Session"_s);
    QCOMPARE(levels.value(u"init.scope"_s), u"Reboot"_s);
}

void tst_Critical::spec_054_aLibraryOfEverybodyOffersNobody()
{
    startDesktop();
    const QString libc = QFileInfo(u"/lib/x86_64-linux-gnu/libc.so.6"_s).exists()
                           ? u"/lib/x86_64-linux-gnu/libc.so.6"_s
                           : u"/lib64/libc.so.6"_s;

    look({libc});

    QVERIFY(m_session->inTheWay().isEmpty());
    QVERIFY(m_session->isClear());
    QCOMPARE(m_session->ubiquitousFiles(), QStringList{libc});
    QVERIFY(m_session->contestedFiles().isEmpty());
    QVERIFY(m_session->advisedLevel() >= RestartLevel::Session);
    tryToCloseAll(RestartCode::Success); // there is nobody to close
    QVERIFY(m_desktop->server.isRunning() && m_desktop->manager.isRunning());
}

void tst_Critical::spec_054_besideItOnlyItsOwnHoldersAreOffered()
{
    startDesktop();
    const QString own = path(u"libown.so"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_HELD_LIBRARY), own));
    RealProgram holder;
    holder.preload(own);
    holder.start(u"/usr/bin/sleep"_s, {u"1000"_s});
    const QString libc = QFileInfo(u"/lib/x86_64-linux-gnu/libc.so.6"_s).exists()
                           ? u"/lib/x86_64-linux-gnu/libc.so.6"_s
                           : u"/lib64/libc.so.6"_s;
    QTRY_VERIFY(QFile::symLinkTarget(u"/proc/%1/exe"_s.arg(holder.pid())).endsWith(u"/sleep"));

    look({libc, own});

    QCOMPARE(m_session->inTheWay().size(), 1);
    const AffectedApplication row = m_session->inTheWay().first();
    QCOMPARE(row.process.pid, holder.pid());
    QCOMPARE(row.files.size(), 1);
    QCOMPARE(row.files.first().path, own);
    QCOMPARE(m_session->ubiquitousFiles(), QStringList{libc});

    // And only it hears of the close. This is also the proof that the witness sees signals.
    const int before = SignalWitness::signalsSent();
    RestartCode code = RestartCode::Success;
    QVERIFY(finish(m_session->shutdown(ShutdownType::Force, {row.process}), code));
    QCOMPARE(int(code), int(RestartCode::Success));
    QVERIFY(SignalWitness::signalsSent() > before);
    QTRY_VERIFY(!holder.isRunning());
    QVERIFY(m_desktop->server.isRunning() && m_desktop->manager.isRunning()
            && m_desktop->bus.isRunning());
}

void tst_Critical::aUnitThatRefusesToBeStoppedIsCritical()
{
    SdBox box;
    box.writeUnit(u"stubborn.service"_s,
                  "[Unit]\nDescription=Must go on\nDefaultDependencies=no\nRefuseManualStop=yes\n"
                  "[Service]\nExecStart=/usr/bin/sleep 1000\n");
    const bool isUp = box.up();
    if (box.wasImpossible())
        QSKIP(qPrintable(box.whyNot()));
    QVERIFY2(isUp, qPrintable(box.whyNot()));
    QCOMPARE(box.run({u"systemctl"_s, u"start"_s, u"stubborn.service"_s}), 0);

    const QJsonObject all = listInside(box, {u"/usr/bin/sleep"_s});

    const QJsonArray rows = all[u"applications"_s].toArray();
    QCOMPARE(rows.size(), 1);
    QCOMPARE(rows.first()[u"name"_s].toString(), u"Must go on"_s);
    QCOMPARE(rows.first()[u"type"_s].toString(), u"Critical"_s);
    QCOMPARE(all[u"reasons"_s].toInt(), int(RebootReason::CriticalService));
}

QTEST_GUILESS_MAIN(tst_Critical)
#include "tst_critical.moc"
