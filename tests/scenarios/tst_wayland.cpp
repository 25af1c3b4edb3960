// SPDX-License-Identifier: MIT
#include "support/closinglab.h"

#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QFileInfo>

using namespace Entracte;
using namespace Qt::StringLiterals;
using Hold = ClosingLab::Hold;

/// A desktop without X11: Weston, which draws for nobody, and programs that speak Wayland alone. No
/// client can see or close another's window there: programs are known by their connection, asked
/// over the bus, and whoever cannot be asked is left to the person.
class tst_Wayland : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void spec_051_theCompositorNeedsANewSession();
    void aProgramIsAskedOverTheBus();
    void whoCannotBeAskedIsLeftToThePerson();

private:
    void startCompositor(Hold hold);

    std::unique_ptr<ClosingLab> m_lab;
    QProcess *m_compositor = nullptr;
    QByteArray m_display;
};

void tst_Wayland::init()
{
    m_display = qgetenv("DISPLAY");
    m_lab = std::make_unique<ClosingLab>();
}

void tst_Wayland::cleanup()
{
    m_lab.reset();
    qunsetenv("WAYLAND_DISPLAY");
    qputenv("DISPLAY", m_display);
}

void tst_Wayland::startCompositor(Hold hold)
{
    qunsetenv("DISPLAY");
    const QString socket = m_lab->path(u"wayland"_s);
    m_compositor = m_lab->start(u"weston"_s,
                                {u"--backend=headless-backend.so"_s, u"--shell=kiosk-shell.so"_s,
                                 u"--no-config"_s, u"--idle-time=0"_s, u"--socket="_s + socket},
                                hold);
    QVERIFY(m_compositor);
    QVERIFY2(QTest::qWaitFor([&] { return QFileInfo::exists(socket); }, 20'000),
             m_compositor->readAllStandardError().constData());
    qputenv("WAYLAND_DISPLAY", QFile::encodeName(socket));
    m_lab->renew();
}

void tst_Wayland::spec_051_theCompositorNeedsANewSession()
{
    startCompositor(Hold::Library);
    const qint64 pid = m_compositor->processId();

    QVERIFY(m_lab->seesHolders(1));

    QVERIFY(m_lab->application(pid).isCritical());
    QCOMPARE(m_lab->application(pid).requiredLevel, RestartLevel::Session);
    const QList<UniqueProcess> everybody = m_lab->application(pid).processes;
    QVERIFY(m_lab->finish(m_lab->session->shutdown(ShutdownType::Force, everybody)));
    QCOMPARE(*m_lab->code, RestartCode::FailNoActionReboot);
    QCOMPARE(m_compositor->state(), QProcess::Running);
}

void tst_Wayland::aProgramIsAskedOverTheBus()
{
    startCompositor(Hold::Nothing);
    QProcess *const editor = m_lab->start(u"gedit"_s, {}, Hold::Library);
    QVERIFY(editor);
    const qint64 pid = editor->processId();
    QTRY_VERIFY_WITH_TIMEOUT(
        QDBusConnection::sessionBus().interface()->isServiceRegistered(u"org.gnome.gedit"_s),
        20'000);
    QVERIFY(m_lab->seesHolders(1));
    QCOMPARE(m_lab->application(pid).type, ApplicationType::OtherWindow);
    QCOMPARE(m_lab->application(pid).name, u"gedit"_s);

    QVERIFY(m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful)));

    QCOMPARE(*m_lab->code, RestartCode::Success);
    QCOMPARE(m_lab->closing(pid), ClosingState::Closed);
    QTRY_COMPARE(editor->state(), QProcess::NotRunning);
    QCOMPARE(editor->exitStatus(), QProcess::NormalExit); // of its own accord
    QCOMPARE(m_compositor->state(), QProcess::Running);
}

void tst_Wayland::whoCannotBeAskedIsLeftToThePerson()
{
    startCompositor(Hold::Nothing);
    QProcess *const flower = m_lab->start(u"weston-flower"_s, {}, Hold::Library);
    QVERIFY(flower);
    const qint64 pid = flower->processId();
    QVERIFY(QTest::qWaitFor(
        [&] {
            return m_lab->look() && m_lab->application(pid).type == ApplicationType::OtherWindow;
        },
        20'000));

    QVERIFY(m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful)));

    QCOMPARE(*m_lab->code, RestartCode::FailShutdown);
    QCOMPARE(m_lab->closing(pid), ClosingState::Refused);
    QVERIFY(m_lab->application(pid).reason.contains(u"please close it yourself"_s));
    QCOMPARE(flower->state(), QProcess::Running);

    flower->kill(); // the person does
    QVERIFY(flower->waitForFinished());
    QVERIFY(m_lab->seesHolders(0));
}

QTEST_GUILESS_MAIN(tst_Wayland)
#include "tst_wayland.moc"
