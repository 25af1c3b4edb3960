// SPDX-License-Identifier: MIT
#include "support/endprograms.h"
#include "support/sampleproduct.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>

#include <csignal>

#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

/// Installers of installers: real `entracte run --silent` processes, one the primary, the others in
/// its chain, over applications that hold files of each.
class tst_Chain : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void spec_025_failingToJoinNeverFailsTheInstallation_data();
    void spec_025_failingToJoinNeverFailsTheInstallation();
    void spec_027_theKeyIsInNobodysArguments();
    void aBuiltInstallerJoinsInsteadOfAsking();
    void aRequiredMemberThatFailsUndoesAll();
    void anOptionalMemberThatFailsIsReported();
    void whenThePrimaryGivesUpTheSecondaryChangesNothing();
    void aSecondaryWhosePrimaryDiesGoesOnAlone();
    void whatAKilledInstallerClosedComesBackByItself();

private:
    /// A product with one library that a program of ours holds.
    struct Side
    {
        SampleProduct product;
        std::unique_ptr<QProcess> program;
        QString log;

        QByteArray version() { return product.installed().value(u"library"_s); }
        QByteArrayList events() const
        {
            QFile file(log);
            return file.open(QIODevice::ReadOnly) ? file.readAll().split('\n') : QByteArrayList();
        }
        int starts() const
        {
            const QByteArrayList all = events();
            return int(std::count_if(all.cbegin(), all.cend(), [](const QByteArray &line) {
                return line.startsWith("started ");
            }));
        }
    };

    QString writeManifest(Side &side, const QString &version, const QJsonArray &chain = {});
    void prepare(Side &side);
    int run(const QStringList &arguments, const QProcessEnvironment &environment);
    QStringList installerArguments(const QString &manifest, const QString &policy) const;
    QJsonObject member(const QString &manifest, bool required = false) const;
    QProcessEnvironment environment() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Side> m_first;
    std::unique_ptr<Side> m_second;
    QByteArray m_output;
};

void tst_Chain::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QDir().mkpath(m_folder->filePath(u"runtime"_s));
    chmod(QFile::encodeName(m_folder->filePath(u"runtime"_s)).constData(), 0700);
    m_first = std::make_unique<Side>();
    m_second = std::make_unique<Side>();
    prepare(*m_first);
    prepare(*m_second);
}

void tst_Chain::cleanup()
{
    for (Side *side : {m_first.get(), m_second.get()}) {
        side->program->kill();
        side->program->waitForFinished();
    }
    endProgramsOf(m_folder->path());
}

QProcessEnvironment tst_Chain::environment() const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"XDG_RUNTIME_DIR"_s, m_folder->filePath(u"runtime"_s));
    environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s);
    environment.remove(u"DISPLAY"_s);
    return environment;
}

QString tst_Chain::writeManifest(Side &side, const QString &version, const QJsonArray &chain)
{
    const Entracte::Manifest offer =
        side.product.offer(version, {{u"library"_s, version.toLatin1()}});
    return side.product.writeManifest(offer, chain);
}

/// Version 1 is installed, and a linked program holds its library.
void tst_Chain::prepare(Side &side)
{
    QCOMPARE(run(installerArguments(writeManifest(side, u"1.0"_s), u"close"_s), environment()), 0);
    const QString name = &side == m_first.get() ? u"first"_s : u"second"_s;
    const QString program = m_folder->filePath(name);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_LINKED_HOLDER), program));
    side.log = m_folder->filePath(name + u".log"_s);
    const QString library = side.product.target() + u"/library"_s;
    side.program = std::make_unique<QProcess>();
    side.program->setProcessEnvironment(environment());
    side.program->setChildProcessModifier([] { setsid(); });
    side.program->start(program, {side.log, u"--open"_s, library, u"--answer"_s, u"yes"_s,
                                  u"--restart-with"_s, side.log, u"back"_s});
    QVERIFY(side.program->waitForReadyRead());
}

QStringList tst_Chain::installerArguments(const QString &manifest, const QString &policy) const
{
    return {u"run"_s, manifest, u"--silent"_s, u"--in-use"_s, policy};
}

QJsonObject tst_Chain::member(const QString &manifest, bool required) const
{
    return {{u"name"_s, u"Second"_s},
            {u"program"_s, QStringLiteral(ENTRACTE_COMMAND)},
            {u"required"_s, required},
            // Alone it would fail because its files are in use.
            {u"arguments"_s, QJsonArray::fromStringList(installerArguments(manifest, u"fail"_s))}};
}

int tst_Chain::run(const QStringList &arguments, const QProcessEnvironment &environment)
{
    QProcess installer;
    installer.setProcessEnvironment(environment);
    installer.setProcessChannelMode(QProcess::MergedChannels);
    installer.start(QStringLiteral(ENTRACTE_COMMAND), arguments);
    if (!installer.waitForFinished(60'000))
        return -1;
    m_output = installer.readAll();
    return installer.exitCode();
}

void tst_Chain::spec_025_failingToJoinNeverFailsTheInstallation_data()
{
    QTest::addColumn<QString>("key");

    QTest::newRow("missing") << QString();
    QTest::newRow("unknown") << u"0123456789abcdef0123456789abcdef"_s;
    QTest::newRow("malformed") << u"not a key"_s;
}

void tst_Chain::spec_025_failingToJoinNeverFailsTheInstallation()
{
    QFETCH(const QString, key);
    QProcessEnvironment withKey = environment();
    withKey.insert(u"ENTRACTE_SESSION_KEY"_s, key);

    const int status =
        run(installerArguments(writeManifest(*m_first, u"2.0"_s), u"close"_s), withKey);

    QVERIFY2(status == 0, m_output.constData());
    QCOMPARE(m_first->version(), "2.0");
    QTRY_COMPARE(m_first->starts(), 2);
    QCOMPARE(m_output.contains("cannot be joined"), !key.isEmpty());
}

void tst_Chain::spec_027_theKeyIsInNobodysArguments()
{
    const QString spy = m_folder->filePath(u"spy"_s);
    const QString report = m_folder->filePath(u"report"_s);
    // What everybody can read of a process, then what only its user can.
    SampleProduct::write(spy, "#!/bin/sh\n"
                              "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done "
                              "2>/dev/null >\""
                                  + report.toLocal8Bit()
                                  + "\"\nprintf '%s' \"$ENTRACTE_SESSION_KEY\" >\""
                                  + report.toLocal8Bit() + ".key\"\n");
    QVERIFY(QFile::setPermissions(spy, QFile::permissions(spy) | QFile::ExeUser | QFile::ExeOwner));
    const QJsonArray chain{QJsonObject{{u"name"_s, u"Spy"_s}, {u"program"_s, spy}}};

    const int status = run(installerArguments(writeManifest(*m_first, u"2.0"_s, chain), u"close"_s),
                           environment());

    QVERIFY2(status == 0, m_output.constData());
    QFile key(report + u".key"_s);
    QVERIFY(key.open(QIODevice::ReadOnly));
    const QByteArray secret = key.readAll();
    QCOMPARE(secret.size(), 32);
    QFile arguments(report);
    QVERIFY(arguments.open(QIODevice::ReadOnly));
    const QByteArray seen = arguments.readAll();
    QVERIFY(seen.contains("manifest-2.0.json"));
    QVERIFY(!seen.contains(secret));
    QVERIFY(!m_output.contains(secret));
}

void tst_Chain::aBuiltInstallerJoinsInsteadOfAsking()
{
    const QJsonArray chain{member(writeManifest(*m_second, u"2.0"_s))};

    const int status = run(installerArguments(writeManifest(*m_first, u"2.0"_s, chain), u"close"_s),
                           environment());

    QVERIFY2(status == 0, m_output.constData());
    QCOMPARE(m_first->version(), "2.0");
    QCOMPARE(m_second->version(), "2.0");
    QTRY_COMPARE(m_first->starts(), 2);
    QTRY_COMPARE(m_second->starts(), 2);
    QVERIFY2(m_output.contains("Second was installed."), m_output.constData());
    QCOMPARE(m_second->events().count("asked"), 1);
}

void tst_Chain::aRequiredMemberThatFailsUndoesAll()
{
    const QJsonArray chain{QJsonObject{
        {u"name"_s, u"Second"_s}, {u"program"_s, u"/bin/false"_s}, {u"required"_s, true}}};

    const int status = run(installerArguments(writeManifest(*m_first, u"2.0"_s, chain), u"close"_s),
                           environment());

    QVERIFY2(status == 13, m_output.constData());
    QCOMPARE(m_first->version(), "1.0");
    QVERIFY2(m_output.contains("Second was not installed: its installer ended with status 1."),
             m_output.constData());
    QTRY_COMPARE(m_first->starts(), 2);
}

void tst_Chain::anOptionalMemberThatFailsIsReported()
{
    const QJsonArray chain{QJsonObject{{u"name"_s, u"Second"_s}, {u"program"_s, u"/bin/false"_s}}};

    const int status = run(installerArguments(writeManifest(*m_first, u"2.0"_s, chain), u"close"_s),
                           environment());

    QVERIFY2(status == 0, m_output.constData());
    QCOMPARE(m_first->version(), "2.0");
    QVERIFY2(m_output.contains("Second was not installed"), m_output.constData());
}

void tst_Chain::whenThePrimaryGivesUpTheSecondaryChangesNothing()
{
    const QJsonArray chain{member(writeManifest(*m_second, u"2.0"_s))};

    const int status =
        run(installerArguments(writeManifest(*m_first, u"2.0"_s, chain), u"fail"_s), environment());

    QVERIFY2(status == 6, m_output.constData());
    QCOMPARE(m_first->version(), "1.0");
    QCOMPARE(m_second->version(), "1.0");
    QCOMPARE(m_first->starts() + m_second->starts(), 2);
    QVERIFY(m_second->product.besideTarget().isEmpty());
}

void tst_Chain::aSecondaryWhosePrimaryDiesGoesOnAlone()
{
    QProcess primary;
    primary.setProcessEnvironment(environment());
    primary.start(QStringLiteral(ENTRACTE_RM_CLIENT), QStringList());
    primary.write("start\n");
    QTRY_VERIFY(primary.waitForReadyRead(100) || primary.bytesAvailable() > 32);
    QProcessEnvironment withKey = environment();
    withKey.insert(u"ENTRACTE_SESSION_KEY"_s,
                   QString::fromLatin1(primary.readLine().split('\t').value(2).trimmed()));
    QProcess secondary;
    secondary.setProcessEnvironment(withKey);
    secondary.setProcessChannelMode(QProcess::MergedChannels);
    const QString log = m_folder->filePath(u"secondary.log"_s);
    secondary.start(QStringLiteral(ENTRACTE_COMMAND),
                    installerArguments(writeManifest(*m_second, u"2.0"_s), u"close"_s)
                        + QStringList{u"--log"_s, log});
    QVERIFY(secondary.waitForStarted());
    QTRY_VERIFY([&log] {
        QFile file(log);
        return file.open(QIODevice::ReadOnly) && file.readAll().contains("AwaitingPrimary");
    }());

    primary.kill();
    primary.waitForFinished();

    QVERIFY(secondary.waitForFinished(60'000));
    m_output = secondary.readAll();
    QVERIFY2(secondary.exitCode() == 0, m_output.constData());
    QCOMPARE(m_second->version(), "2.0");
    QTRY_COMPARE(m_second->starts(), 2);
    QVERIFY(m_output.contains("cannot be joined"));
}

void tst_Chain::whatAKilledInstallerClosedComesBackByItself()
{
    // A second program of the product that says yes and then takes its time.
    const QString slowLog = m_folder->filePath(u"slow.log"_s);
    QProcess slow;
    slow.setProcessEnvironment(environment());
    slow.setChildProcessModifier([] { setsid(); });
    slow.start(m_folder->filePath(u"first"_s),
               {slowLog, u"--open"_s, m_first->product.target() + u"/library"_s, u"--answer"_s,
                u"yes"_s, u"--stubborn"_s});
    QVERIFY(slow.waitForReadyRead());
    QProcess installer;
    installer.setProcessEnvironment(environment());
    installer.start(QStringLiteral(ENTRACTE_COMMAND),
                    installerArguments(writeManifest(*m_first, u"2.0"_s), u"close"_s));
    QVERIFY(installer.waitForStarted());
    QTRY_VERIFY(m_first->events().contains("close"));
    QVERIFY(m_first->program->waitForFinished());

    installer.kill();
    installer.waitForFinished();

    QTRY_COMPARE(m_first->starts(), 2);
    QCOMPARE(m_first->version(), "1.0");
    // The guardian is still waiting for the slow one, and nobody else may bring anybody back.
    QCOMPARE(run({u"session"_s, u"recover"_s}, environment()), 0);
    slow.kill();
    slow.waitForFinished();
    const QDir dead(m_folder->filePath(u"runtime/entracte/abandoned"_s));
    QTRY_VERIFY(dead.isEmpty());
    // The guardian has done its part once the program runs; what the program writes comes later.
    QTRY_COMPARE(
        [&slowLog] {
            QFile log(slowLog);
            return log.open(QIODevice::ReadOnly) ? log.readAll().count("started ") : 0;
        }(),
        2);
    QCOMPARE(m_first->starts(), 2);
}

QTEST_GUILESS_MAIN(tst_Chain)
#include "tst_chain.moc"
