// SPDX-License-Identifier: MIT
#include "restart/restartsession.h"
#include "restart/systemrestart.h"
#include "support/sdbox.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusMetaType>
#include <QDBusUnixFileDescriptor>
#include <QSocketNotifier>
#include <QTemporaryFile>
#include <QTest>

#include <cstdio>

#include <unistd.h>

/// (sv), as CreateSession wants them.
struct Property
{
    QString name;
    QDBusVariant value;
};
Q_DECLARE_METATYPE(Property)

static QDBusArgument &operator<<(QDBusArgument &argument, const Property &property)
{
    argument.beginStructure();
    argument << property.name << property.value;
    argument.endStructure();
    return argument;
}

static const QDBusArgument &operator>>(const QDBusArgument &argument, Property &property)
{
    argument.beginStructure();
    argument >> property.name >> property.value;
    argument.endStructure();
    return argument;
}

using namespace Entracte;
using namespace Qt::StringLiterals;

struct EndsItself
{
    void operator()(QProcess *process) const
    {
        process->closeWriteChannel();
        process->waitForFinished();
        delete process;
    }
};
using Installer = std::unique_ptr<QProcess, EndsItself>;

/// Restarting a real system, which is a box: this test stays outside, and an installer of its own
/// inside (this program again, --inside) does what it is told line by line.
class tst_SystemRestart : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void scenario_25_nothingGoesDownWhileFilesAreReplaced();
    void scenario_25_theSystemRestartsAtTheTimeThatWasSaid();
    void spec_117_theReasonIsGivenAndTheRestartCanBeCancelledUntilItHappens();
    void spec_118_withoutTheRightNothingIsScheduled();
    void spec_118_othersWhoAreLoggedInAreNeverForcedSilently();
    void whileSomebodyBlocksItNothingIsScheduled();
    void aBlockThatComesLaterCancelsIt();
    void onlyOurOwnScheduleIsCancelled();

private:
    /// Starts one inside, as \a uid.
    Installer installer(int uid = 0);
    static QByteArray ask(QProcess &installer, const QByteArray &line);
    static QByteArray nextLine(QProcess &installer);
    QByteArray scheduled();
    bool isNothingScheduled() { return scheduled().startsWith("(st) \"\""); }
    QByteArray locks();

    SdBox m_box;
    bool m_isUp = false;
};

void tst_SystemRestart::init()
{
    if (!m_isUp) {
        m_isUp = m_box.up();
        if (m_box.wasImpossible())
            QSKIP(qPrintable(m_box.whyNot()));
    }
    QVERIFY2(m_isUp, qPrintable(m_box.whyNot()));
}

Installer tst_SystemRestart::installer(int uid)
{
    const QString id = QString::number(uid);
    Installer process(new QProcess);
    process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process->start(SdBox::script(),
                   {u"exec"_s, m_box.path(), u"setpriv"_s, u"--reuid="_s + id, u"--regid="_s + id,
                    u"--clear-groups"_s, QCoreApplication::applicationFilePath(), u"--inside"_s});
    if (nextLine(*process) != "ready")
        qFatal("the installer inside did not start");
    return process;
}

QByteArray tst_SystemRestart::nextLine(QProcess &installer)
{
    [&] { QTRY_VERIFY_WITH_TIMEOUT(installer.canReadLine(), 30'000); }();
    return installer.readLine().trimmed();
}

QByteArray tst_SystemRestart::ask(QProcess &installer, const QByteArray &line)
{
    installer.write(line + '\n');
    return nextLine(installer);
}

QByteArray tst_SystemRestart::scheduled()
{
    m_box.run({u"busctl"_s, u"get-property"_s, u"org.freedesktop.login1"_s,
               u"/org/freedesktop/login1"_s, u"org.freedesktop.login1.Manager"_s,
               u"ScheduledShutdown"_s});
    return m_box.output();
}

QByteArray tst_SystemRestart::locks()
{
    m_box.run({u"busctl"_s, u"call"_s, u"org.freedesktop.login1"_s, u"/org/freedesktop/login1"_s,
               u"org.freedesktop.login1.Manager"_s, u"ListInhibitors"_s});
    return m_box.output();
}

void tst_SystemRestart::scenario_25_nothingGoesDownWhileFilesAreReplaced()
{
    const Installer inside = installer();
    QCOMPARE(ask(*inside, "forbid"), "ok");
    QTRY_VERIFY(locks().contains("\"shutdown:sleep\""));
    QVERIFY(locks().contains("\"Sample is being installed.\" \"block\""));
    QVERIFY(m_box.run({u"systemctl"_s, u"--check-inhibitors=yes"_s, u"reboot"_s}) != 0);
    QCOMPARE(m_box.run({u"systemctl"_s, u"is-system-running"_s}), 0);

    QCOMPARE(ask(*inside, "allow"), "ok");
    QTRY_VERIFY(!locks().contains("\"block\""));
    QCOMPARE(ask(*inside, "forbid"), "ok");
    QTRY_VERIFY(locks().contains("\"block\""));
    m_box.run({u"pkill"_s, u"-KILL"_s, u"-f"_s, u"tst_systemrestart --inside"_s});
    QTRY_COMPARE(inside->state(), QProcess::NotRunning);
    QTRY_VERIFY(!locks().contains("\"block\""));
}

void tst_SystemRestart::scenario_25_theSystemRestartsAtTheTimeThatWasSaid()
{
    QFile file(m_box.path(u"init"_s));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString process = u"/proc/"_s + QString::fromLatin1(file.readAll().trimmed());
    QVERIFY(QFile::exists(process));
    const Installer inside = installer();
    QCOMPARE(ask(*inside, "schedule 1500 respect"), "ok");
    QVERIFY(scheduled().startsWith("(st) \"reboot\""));
    QVERIFY(QFile::exists(process));
    QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(process), 20'000);
    QTRY_COMPARE(inside->state(), QProcess::NotRunning);

    QVERIFY2(m_box.up(), qPrintable(m_box.whyNot()));
    QVERIFY(isNothingScheduled());
}

void tst_SystemRestart::spec_117_theReasonIsGivenAndTheRestartCanBeCancelledUntilItHappens()
{
    const Installer inside = installer();
    const QByteArray refusal = ask(*inside, "shutdown");
    QVERIFY2(refusal.startsWith("350 16 "), refusal.constData()); // DetectedSelf
    QVERIFY2(refusal.contains("must stay open"), refusal.constData());
    QCOMPARE(ask(*inside, "schedule 3600000 respect"), "ok");
    QVERIFY(scheduled().startsWith("(st) \"reboot\""));
    QVERIFY(ask(*inside, "look").contains("scheduled"));
    QCOMPARE(ask(*inside, "cancel"), "ok");
    QVERIFY(isNothingScheduled());
    QVERIFY(!ask(*inside, "look").contains("scheduled"));
}

void tst_SystemRestart::spec_118_withoutTheRightNothingIsScheduled()
{
    const Installer inside = installer(1000);
    QVERIFY(!ask(*inside, "look").contains("granted"));
    const QByteArray answer = ask(*inside, "schedule 3600000 aware");
    QVERIFY2(answer.startsWith("denied "), answer.constData());
    QVERIFY(isNothingScheduled());
}

void tst_SystemRestart::spec_118_othersWhoAreLoggedInAreNeverForcedSilently()
{
    const Installer inside = installer();
    QVERIFY(ask(*inside, "look").startsWith("granted"));
    const Installer other = installer();
    QCOMPARE(ask(*other, "login 2"), "ok"); // bin
    QTRY_VERIFY(ask(*inside, "look").contains("user bin"));

    const QByteArray answer = ask(*inside, "schedule 3600000 respect");
    QVERIFY2(answer.startsWith("denied ") && answer.contains("bin"), answer.constData());
    QVERIFY(isNothingScheduled());
    QCOMPARE(ask(*inside, "schedule 3600000 aware"), "ok");
    QVERIFY(scheduled().startsWith("(st) \"reboot\""));
    QCOMPARE(ask(*inside, "cancel"), "ok");
}

void tst_SystemRestart::whileSomebodyBlocksItNothingIsScheduled()
{
    const Installer inside = installer();
    QProcess backup;
    backup.start(SdBox::script(),
                 {u"exec"_s, m_box.path(), u"systemd-inhibit"_s, u"--what=shutdown"_s,
                  u"--who=Backup"_s, u"--why=It runs."_s, u"cat"_s});
    QTRY_VERIFY(locks().contains("Backup"));
    const QByteArray answer = ask(*inside, "schedule 3600000 aware");
    QVERIFY2(answer.contains("Backup") && answer.contains("It runs."), answer.constData());
    QVERIFY(isNothingScheduled());
    backup.closeWriteChannel();
    QVERIFY(backup.waitForFinished());
}

void tst_SystemRestart::aBlockThatComesLaterCancelsIt()
{
    const Installer inside = installer();
    QCOMPARE(ask(*inside, "schedule 3600000 respect"), "ok");
    QProcess backup;
    backup.start(SdBox::script(),
                 {u"exec"_s, m_box.path(), u"systemd-inhibit"_s, u"--what=shutdown"_s,
                  u"--who=Backup"_s, u"--why=It runs."_s, u"cat"_s});
    const QByteArray told = nextLine(*inside);
    QVERIFY2(told.startsWith("calledOff ") && told.contains("Backup"), told.constData());
    QTRY_VERIFY(isNothingScheduled());
    const QByteArray events = ask(*inside, "events");
    QVERIFY2(events.startsWith("restart-scheduled Sample was installed.; restart-cancelled ")
                 && events.contains("It runs."),
             events.constData());
    backup.closeWriteChannel();
    QVERIFY(backup.waitForFinished());
}

void tst_SystemRestart::onlyOurOwnScheduleIsCancelled()
{
    const Installer inside = installer();
    const Installer other = installer();
    QCOMPARE(ask(*other, "schedule 3600000 respect"), "ok");
    QCOMPARE(ask(*inside, "cancel"), "ok");
    QVERIFY(scheduled().startsWith("(st) \"reboot\""));
    QVERIFY(ask(*inside, "schedule 1000 respect").startsWith("failed ")); // there is one
    QCOMPARE(ask(*other, "cancel"), "ok");
    QCOMPARE(ask(*inside, "events"), ""); // what was refused did not happen
    QCOMPARE(ask(*other, "events"), "restart-scheduled Sample was installed.; restart-cancelled");
    QVERIFY(isNothingScheduled());
}

// --- inside the box ------------------------------------------------------------------------------

/// Answers each line of its input with one line.
class Inside : public QObject
{
    Q_OBJECT

public:
    Inside()
        : m_input(fileno(stdin), QSocketNotifier::Read)
        , m_restart(createSystemRestart())
    {
        connect(&m_input, &QSocketNotifier::activated, this, &Inside::read);
        connect(m_restart.get(), &SystemRestart::calledOff, this,
                [](const QString &why) { say("calledOff " + why.toUtf8()); });
        connect(m_restart.get(), &SystemRestart::happened, this, [this](const auto &event) {
            m_events.append(QByteArray(typeOf(event.kind).word) + ' '
                            + event.value("ENTRACTE_REASON").toUtf8());
        });
        say("ready");
    }

private:
    static void say(const QByteArray &line)
    {
        std::puts(line.constData());
        std::fflush(stdout);
    }

    static void say(const Result<> &result)
    {
        if (result)
            return say("ok");
        const bool isDenied = result.error().code == ErrorCode::PermissionDenied;
        say((isDenied ? "denied " : "failed ") + result.error().message.toUtf8());
    }

    void read()
    {
        char block[256];
        const ssize_t length = ::read(fileno(stdin), block, sizeof block);
        if (length <= 0)
            return QCoreApplication::quit();
        const QList<QByteArray> words = QByteArray(block, length).trimmed().split(' ');
        const QByteArray &word = words.constFirst();
        if (word == "forbid") {
            m_restart->forbid(u"Sample is being installed."_s);
            say("ok");
        } else if (word == "allow") {
            m_restart->allow();
            say("ok");
        } else if (word == "look") {
            look();
        } else if (word == "schedule") {
            m_restart->schedule(QDateTime::currentDateTime().addMSecs(words.at(1).toLongLong()),
                                u"Sample was installed."_s,
                                words.at(2) == "aware" ? SystemRestart::OtherUsers::AreAware
                                                       : SystemRestart::OtherUsers::Respect,
                                this, [](const Result<> &result) { say(result); });
        } else if (word == "cancel") {
            m_restart->cancelScheduled(this, [](const Result<> &result) { say(result); });
        } else if (word == "events") {
            say(m_events.join("; "));
        } else if (word == "login") {
            login(words.at(1).toUInt());
        } else if (word == "shutdown") {
            shutdown();
        }
    }

    void look()
    {
        m_restart->look(this, [](const Result<RestartOutlook> &outlook) {
            if (!outlook)
                return say(Result<>(outlook.error()));
            QByteArray line =
                outlook->permission == RestartOutlook::Permission::Granted ? "granted" : "not";
            for (const QString &user : outlook->otherUsers)
                line += " user " + user.toUtf8();
            if (outlook->scheduled)
                line += " scheduled";
            say(line);
        });
    }

    /// As a login program would, for \a uid; the session lasts as long as we do.
    void login(uint uid)
    {
        m_leader.start(u"cat"_s, {});
        m_leader.waitForStarted();
        QDBusMessage message = QDBusMessage::createMethodCall(
            u"org.freedesktop.login1"_s, u"/org/freedesktop/login1"_s,
            u"org.freedesktop.login1.Manager"_s, u"CreateSession"_s);
        qDBusRegisterMetaType<Property>();
        qDBusRegisterMetaType<QList<Property>>();
        message << uid << uint(m_leader.processId()) << u"sample"_s << u"tty"_s << u"user"_s
                << QString() << QString() << 0u << QString() << QString() << false << QString()
                << QString() << QVariant::fromValue(QList<Property>());
        m_session = QDBusConnection::systemBus().call(message);
        say(m_session.type() == QDBusMessage::ReplyMessage ? QByteArray("ok")
                                                           : m_session.errorMessage().toUtf8());
    }

    /// The code, the reasons and the sentence of a shutdown that cannot be: we are in the way.
    void shutdown()
    {
        if (!m_held.open())
            return say("no file");
        m_files = std::make_unique<RestartSession>(
            createRestartBackend(std::make_shared<SystemClock>()), std::make_shared<SystemClock>(),
            RestartRules::Windows);
        if (!m_files->registerFiles({m_held.fileName()}))
            return say("not registered");
        m_task = m_files->shutdown(ShutdownType::Force);
        connect(m_task.get(), &Job::finished, this, [this] {
            say(QByteArray::number(int(m_task->code())) + ' '
                + QByteArray::number(m_files->rebootReasons().toInt()) + ' '
                + m_files->applications().constFirst().reason.toUtf8());
        });
        m_task->start();
    }

    QSocketNotifier m_input;
    std::unique_ptr<SystemRestart> m_restart;
    QByteArrayList m_events; ///< what a log would get: word and reason
    QProcess m_leader;
    QDBusMessage m_session;
    QTemporaryFile m_held;
    std::unique_ptr<RestartSession> m_files;
    std::unique_ptr<RestartTask> m_task;
};

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (QCoreApplication::arguments().value(1) == u"--inside"_s) {
        const Inside inside;
        return QCoreApplication::exec();
    }
    tst_SystemRestart test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_systemrestart.moc"
