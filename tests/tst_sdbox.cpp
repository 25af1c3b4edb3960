// SPDX-License-Identifier: MIT
#include "support/sdbox.h"

#include <QTest>

#include <csignal>

using namespace Qt::StringLiterals;

/// The box that other tests rely on: it is a systemd as on a booted machine, it is not the host's,
/// and nothing of it remains, whichever way it ends.
class tst_SdBox : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void aServiceOfTheDistributionRunsUnmodified();
    void whatItRebootsIsItself();
    void nothingRemainsWhenItsOwnerIsKilled();
    void theStatusOfACommandIsKept();

private:
    static QByteArray contents(const QString &path);
    std::unique_ptr<SdBox> m_box;
};

void tst_SdBox::init()
{
    m_box = std::make_unique<SdBox>();
    m_box->addUnit(u"redis-server.service"_s);
    m_box->makePrivate(u"/var/lib/redis"_s);
    m_box->makePrivate(u"/var/log/redis"_s);
    const bool isUp = m_box->up();
    if (m_box->wasImpossible())
        QSKIP(qPrintable(m_box->whyNot()));
    QVERIFY2(isUp, qPrintable(m_box->whyNot()));
}

QByteArray tst_SdBox::contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
}

void tst_SdBox::aServiceOfTheDistributionRunsUnmodified()
{
    QCOMPARE(m_box->run({u"systemctl"_s, u"start"_s, u"redis-server.service"_s}), 0);
    QCOMPARE(m_box->run({u"redis-cli"_s, u"ping"_s}), 0);
    QCOMPARE(m_box->output(), "PONG");
    QCOMPARE(m_box->run({u"systemctl"_s, u"is-system-running"_s}), 0);

    const QString cgroup = QString::fromLocal8Bit(contents(m_box->path(u"cgroup"_s)));
    QVERIFY(QFile::exists(cgroup + u"/system.slice/redis-server.service"_s));
    m_box->down();
    QVERIFY(!QFile::exists(cgroup));
}

void tst_SdBox::whatItRebootsIsItself()
{
    const QString init = QString::fromLocal8Bit(contents(m_box->path(u"init"_s)));
    QVERIFY(QFile::exists(u"/proc/"_s + init));
    m_box->run({u"systemctl"_s, u"reboot"_s});
    QTRY_VERIFY(!QFile::exists(u"/proc/"_s + init));

    QVERIFY2(m_box->up(), qPrintable(m_box->whyNot()));
    QVERIFY(QString::fromLocal8Bit(contents(m_box->path(u"init"_s))) != init);
}

void tst_SdBox::nothingRemainsWhenItsOwnerIsKilled()
{
    QProcess owner;
    owner.start(SdBox::script(), {u"run"_s, u"sh"_s, u"-c"_s, u"echo $SDBOX; exec sleep 1000"_s});
    QTRY_VERIFY_WITH_TIMEOUT(owner.canReadLine(), 30'000);
    const QString folder = QString::fromLocal8Bit(owner.readLine().trimmed());
    const QString cgroup = QString::fromLocal8Bit(contents(folder + u"/cgroup"_s));
    QVERIFY(QFile::exists(cgroup));

    owner.kill();
    QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(cgroup), 20'000);
    QTRY_VERIFY(!QFile::exists(folder));
    owner.waitForFinished();
}

void tst_SdBox::theStatusOfACommandIsKept()
{
    QProcess process;
    process.start(SdBox::script(), {u"run"_s, u"sh"_s, u"-c"_s, u"echo $SDBOX; exit 3"_s});
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitCode(), 3);
    const QString folder = QString::fromLocal8Bit(process.readAllStandardOutput().trimmed());
    QVERIFY(!folder.isEmpty() && !QFile::exists(folder));
}

QTEST_GUILESS_MAIN(tst_SdBox)
#include "tst_sdbox.moc"
