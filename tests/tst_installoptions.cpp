// SPDX-License-Identifier: MIT
#include "engine/installoptions.h"

#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_InstallOptions : public QObject
{
    Q_OBJECT

private slots:
    void wordsBecomeValues();
    void theFirstWordIsACommand();
    void mistakesAreUsageErrors_data();
    void mistakesAreUsageErrors();
    void silentAskIsFail();
    void yesImpliesNoPolicy();
    void helpNamesEveryOption();
};

void tst_InstallOptions::wordsBecomeValues()
{
    const Result<InstallOptions> options = InstallOptions::parse(
        {u"update"_s, u"--silent"_s, u"--in-use=close"_s, u"--target"_s, u"/opt/x/"_s,
         u"--in-use-timeout"_s, u"30"_s, u"--no-relaunch"_s, u"--service-timeout=45"_s});

    QVERIFY(options);
    QVERIFY(options->silent);
    QCOMPARE(options->inUsePolicy, InUsePolicy::Close);
    QCOMPARE(options->targetDirectory, u"/opt/x"_s);
    QCOMPARE(options->inUseTimeout, std::chrono::seconds(30));
    QVERIFY(!options->relaunch);
    QCOMPARE(options->serviceTimeout, std::chrono::seconds(45));
    QVERIFY(!InstallOptions::parse({})->serviceTimeout); // then the manifest decides
}

void tst_InstallOptions::theFirstWordIsACommand()
{
    using Command = InstallOptions::Command;
    QCOMPARE(InstallOptions::parse({})->command, Command::Install);
    QCOMPARE(InstallOptions::parse({u"update"_s})->command, Command::Install);
    QCOMPARE(InstallOptions::parse({u"list"_s, u"--json"_s})->command, Command::List);
    QVERIFY(InstallOptions::parse({u"list"_s, u"--json"_s})->json);
    QCOMPARE(InstallOptions::parse({u"recover"_s})->command, Command::Recover);
    QCOMPARE(InstallOptions::parse({u"cancel"_s})->command, Command::Cancel);
    QCOMPARE(InstallOptions::parse({u"--in-use=defer"_s})->inUsePolicy, InUsePolicy::Defer);
}

void tst_InstallOptions::mistakesAreUsageErrors_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("word");

    QTest::newRow("unknown option") << QStringList(u"--fast"_s) << u"fast"_s;
    QTest::newRow("unknown command") << QStringList(u"explode"_s) << u"explode"_s;
    QTest::newRow("unknown policy") << QStringList(u"--in-use=kill"_s) << u"kill"_s;
    QTest::newRow("two commands") << QStringList{u"list"_s, u"cancel"_s} << u"cancel"_s;
    QTest::newRow("json of what") << QStringList{u"recover"_s, u"--json"_s} << u"--json"_s;
    QTest::newRow("no time for services") << QStringList(u"--service-timeout=0"_s) << u"“0”"_s;
    QTest::newRow("bad number") << QStringList(u"--in-use-timeout=soon"_s) << u"soon"_s;
}

void tst_InstallOptions::mistakesAreUsageErrors()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, word);

    const Result<InstallOptions> options = InstallOptions::parse(arguments);

    QVERIFY(!options);
    QCOMPARE(options.error().code, ErrorCode::Usage);
    QVERIFY2(options.error().message.contains(word), qPrintable(options.error().message));
}

void tst_InstallOptions::silentAskIsFail()
{
    const Manifest manifest; // policy ask

    QCOMPARE(InstallOptions::parse({})->effectivePolicy(manifest), InUsePolicy::Ask);
    QCOMPARE(InstallOptions::parse({u"--silent"_s})->effectivePolicy(manifest), InUsePolicy::Fail);
}

void tst_InstallOptions::yesImpliesNoPolicy()
{
    QVERIFY(!InstallOptions::parse({u"--yes"_s})->inUsePolicy);
}

void tst_InstallOptions::helpNamesEveryOption()
{
    const QString help = InstallOptions::helpText(u"aurora-setup"_s);

    QVERIFY(help.contains(u"aurora-setup [install|update|list|recover|cancel] [options]"_s));
    for (const char *option :
         {"--silent", "--in-use", "--target", "--language", "--log-json", "--service-timeout"})
        QVERIFY2(help.contains(QLatin1StringView(option)), option);
}

QTEST_GUILESS_MAIN(tst_InstallOptions)
#include "tst_installoptions.moc"
