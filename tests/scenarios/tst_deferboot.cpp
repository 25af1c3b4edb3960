// SPDX-License-Identifier: MIT
#include "guardian/guardian.h"
#include "support/sampleproduct.h"
#include "support/sdbox.h"
#include "support/victiminstaller.h"
#include "transaction/deferredversion.h"

#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// What root has deferred is put in place by the next boot, if nobody waits any more: a real reboot
/// of a box, whose /etc/systemd/system is its folder of units. This test stays outside; the
/// installer inside is this program with other arguments.
class tst_DeferBoot : public QObject
{
    Q_OBJECT

private slots:
    void theNextBootPutsInPlaceWhatWaits();

private:
    QStringList units() const;
    int install(const QString &archive, const QString &version);

    SampleProduct m_product;
    SdBox m_box;
};

namespace {

const SampleProduct::Tree versionOne{{u"app"_s, "one"}, {u"same"_s, "same"}};
const SampleProduct::Tree versionTwo{{u"app"_s, "two!"}, {u"same"_s, "same"}};

} // namespace

QStringList tst_DeferBoot::units() const
{
    return QDir(m_box.path(u"units"_s)).entryList({u"entracte-deferred-*"_s})
         + QDir(m_box.path(u"units/sysinit.target.wants"_s))
               .entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot);
}

int tst_DeferBoot::install(const QString &archive, const QString &version)
{
    return m_box.run({QCoreApplication::applicationFilePath(), u"--install"_s, archive,
                      m_product.target(), version, u"in-use=defer"_s});
}

void tst_DeferBoot::theNextBootPutsInPlaceWhatWaits()
{
    m_box.writeUnit(u"test.target"_s, "[Unit]\nDefaultDependencies=no\nAllowIsolate=yes\n"
                                      "Wants=dbus.service sysinit.target\n"
                                      "After=dbus.service sysinit.target\n");
    m_box.writeUnit(u"sysinit.target"_s, "[Unit]\nDefaultDependencies=no\nWants=local-fs.target\n"
                                         "After=local-fs.target\n");
    m_box.writeUnit(u"local-fs.target"_s,
                    "[Unit]\nDefaultDependencies=no\nRequires=etc-systemd-system.mount\n"
                    "After=etc-systemd-system.mount\n");
    m_box.writeUnit(u"etc-systemd-system.mount"_s,
                    "[Unit]\nDefaultDependencies=no\n[Mount]\nType=none\nOptions=bind\nWhat="
                        + QFile::encodeName(m_box.path(u"units"_s))
                        + "\nWhere=/etc/systemd/system\n");
    m_box.writeUnit(u"holder.service"_s,
                    "[Unit]\nDefaultDependencies=no\n[Service]\nType=exec\nExecStart=/bin/sleep "
                    "infinity\nStandardInput=file:"
                        + QFile::encodeName(m_product.target()) + "/app\n");
    const bool isUp = m_box.up();
    if (m_box.wasImpossible())
        QSKIP(qPrintable(m_box.whyNot()));
    QVERIFY2(isUp, qPrintable(m_box.whyNot()));
    QCOMPARE(m_box.run({u"mountpoint"_s, u"-q"_s, u"/etc/systemd/system"_s}), 0); // not the host's
    QDir().mkpath(QFileInfo(m_product.target()).path());
    const QString one = m_product.offer(u"1.0"_s, versionOne).components[0].payload;
    const QString two = m_product.offer(u"2.0"_s, versionTwo).components[0].payload;
    QCOMPARE(install(one, u"1.0"_s), 0);
    QCOMPARE(m_box.run({u"systemctl"_s, u"start"_s, u"holder.service"_s}), 0);

    QVERIFY2(install(two, u"2.0"_s) == 7, m_box.errorOutput());

    QCOMPARE(units().size(), 2);
    QCOMPARE(m_box.run({u"systemctl"_s, u"daemon-reload"_s}), 0);
    QCOMPARE(m_box.run({u"systemd-analyze"_s, u"verify"_s, u"--man=no"_s, units().first()}), 0);
    // The guardian stands in a scope of its own; nobody is to wait when the machine goes down.
    QCOMPARE(
        m_box.run({u"systemctl"_s, u"kill"_s, u"--signal=KILL"_s, u"entracte-guardian-*.scope"_s}),
        0);
    QCOMPARE(m_product.installed(), versionOne);
    QFile pid(m_box.path(u"init"_s));
    QVERIFY(pid.open(QIODevice::ReadOnly));
    const QString init = u"/proc/"_s + QString::fromLatin1(pid.readAll()).trimmed();
    m_box.run({u"systemctl"_s, u"reboot"_s});
    QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(init), 30'000);
    QCOMPARE(m_product.installed(), versionOne);
    QVERIFY(DeferredVersion::isPresent(m_product.target()));

    QVERIFY2(m_box.up(), qPrintable(m_box.whyNot()));

    // The boot has come past sysinit.target: it is done, not under way.
    QCOMPARE(m_product.installed(), versionTwo);
    QVERIFY(m_product.besideTarget().isEmpty());
    QVERIFY(units().isEmpty());
}

int main(int argc, char *argv[])
{
    const Guardian::Starter startGuardian = Guardian::takeUp(argc, argv);
    QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == "--install"_L1)
        return runVictimInstaller(arguments.mid(2), startGuardian);
    tst_DeferBoot test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_deferboot.moc"
