// SPDX-License-Identifier: MIT
#include "restart/sessionstore.h"
#include "support/restartmanagertest.h"
#include "support/sampleproduct.h"

#include <QProcess>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// The restart manager from the command line: `entracte session` and `entracte ask`.
class tst_RmCommand : public RestartManagerTest
{
    Q_OBJECT

private slots:
    void aShellScriptIsAPrimaryAndASecondary();
    void theHolderBringsBackWhatItsDeadOwnerClosed();
    void askSaysWhatClosingWouldMeet();
};

void tst_RmCommand::aShellScriptIsAPrimaryAndASecondary()
{
    Program *const first = start(u"first"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s,
                                              u"--restart-with"_s, path(u"first.again"_s)});
    Program *const second =
        start(u"second"_s, {u"--open"_s, path(u"other"_s), u"--answer"_s, u"yes"_s,
                            u"--restart-with"_s, path(u"second.again"_s)});
    SampleProduct::write(path(u"script"_s), R"sh(
set -e
eval "$($ENTRACTE session start)"
$ENTRACTE session register "$1"
env -u ENTRACTE_SESSION_TOKEN $ENTRACTE session register "$2"
$ENTRACTE session list --json
env -u ENTRACTE_SESSION_TOKEN $ENTRACTE session list && exit 9
$ENTRACTE session filter add --service foo --no-shutdown
$ENTRACTE session filter remove --service foo
$ENTRACTE session filter remove --service foo && exit 9
$ENTRACTE session restart && exit 9
env -u ENTRACTE_SESSION_TOKEN $ENTRACTE session unregister "$1" && exit 9
exec 3<"$3"; $ENTRACTE session register "$3"
$ENTRACTE session shutdown && exit 9
exec 3<&-
$ENTRACTE session shutdown
$ENTRACTE session restart
$ENTRACTE session end
$ENTRACTE session list && exit 9
$ENTRACTE session nonsense || [ $? -eq 2 ]
)sh");
    QProcess shell;
    QProcessEnvironment withTool = environment();
    withTool.insert(u"ENTRACTE"_s, QStringLiteral(ENTRACTE_COMMAND));
    shell.setProcessEnvironment(withTool);
    SampleProduct::write(path(u"own"_s), "held by the script");
    shell.start(u"sh"_s, {path(u"script"_s), held(), path(u"other"_s), path(u"own"_s)});
    QVERIFY(shell.waitForFinished(60'000));
    const QByteArray output = shell.readAllStandardOutput();
    QVERIFY2(shell.exitCode() == 0, output + shell.readAllStandardError());

    QVERIFY(output.contains("\"name\": \"first\"") && output.contains("\"name\": \"second\""));
    for (const char *code : {"1219 ERROR_SESSION_CREDENTIAL_CONFLICT", "2 ERROR_FILE_NOT_FOUND",
                             "776 ERROR_REQUEST_OUT_OF_SEQUENCE", "350 ERROR_FAIL_NOACTION_REBOOT"})
        QVERIFY2(output.contains(code), output);
    QVERIFY(!first->isRunning() && !second->isRunning());
    QTRY_VERIFY(!textOf(u"first.again"_s).isEmpty() && !textOf(u"second.again"_s).isEmpty());
}

void tst_RmCommand::theHolderBringsBackWhatItsDeadOwnerClosed()
{
    Program *const program = start(u"app"_s, {u"--open"_s, held(), u"--answer"_s, u"yes"_s,
                                              u"--restart-with"_s, path(u"app.again"_s)});
    SampleProduct::write(path(u"script"_s), R"sh(
set -e
eval "$($ENTRACTE session start)"
$ENTRACTE session register "$1"
$ENTRACTE session shutdown
kill -9 $$
)sh");
    QProcess shell;
    QProcessEnvironment withTool = environment();
    withTool.insert(u"ENTRACTE"_s, QStringLiteral(ENTRACTE_COMMAND));
    shell.setProcessEnvironment(withTool);
    shell.start(u"sh"_s, {path(u"script"_s), held()});
    QVERIFY(shell.waitForFinished(60'000));
    QCOMPARE(shell.exitStatus(), QProcess::CrashExit);

    QVERIFY(!program->isRunning());
    QTRY_VERIFY(!textOf(u"app.again"_s).isEmpty());
    // And it has gone itself.
    const auto sessions = store(std::make_shared<SystemClock>());
    QTRY_COMPARE(*sessions->openSessions(), 0);
}

void tst_RmCommand::askSaysWhatClosingWouldMeet()
{
    Program *const linked =
        start(u"linked"_s, {u"--answer"_s, u"no"_s, u"--restart-with"_s, u"x"_s});
    Program *const plain = start(u"plain"_s, {u"--ignore-term"_s});

    const QString good = runEntracte({u"ask"_s, QString::number(linked->pid())}).join(u'\n');
    const QString bad = runEntracte({u"ask"_s, QString::number(plain->pid())}).join(u'\n');

    QCOMPARE(good.count(u"  good  "_s), 3);
    QVERIFY2(bad.contains(u"  bad  It ignores the request to terminate"_s), qPrintable(bad));
    QVERIFY2(bad.contains(u"  weak  It did not say how to open it again"_s), qPrintable(bad));
    // Nothing was done.
    QCOMPARE(linked->log().size(), 1);
    QVERIFY(linked->isRunning() && plain->isRunning());
}

QTEST_GUILESS_MAIN(tst_RmCommand)
#include "tst_rmcommand.moc"
