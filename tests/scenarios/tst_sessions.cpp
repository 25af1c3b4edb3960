// SPDX-License-Identifier: MIT
#include "support/endprograms.h"
#include "support/rminstaller.h"
#include "support/sampleproduct.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

static constexpr uid_t nobody = 65534;

/// Sessions of installers that are processes of their own and end as processes do: suddenly.
class tst_Sessions : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void scenario_23_whatAKilledSecondaryRegisteredStays();
    void scenario_23_theNextInstallerBringsBackWhatAKilledOneClosed();
    void scenario_24_sixtyFourInstallersAndWhoDiesMakesRoom();
    void scenario_24_anotherUserIsRefusedInSpiteOfTheRightKey();
    void scenario_24_aLinkInPlaceOfTheStoreIsRefused();
    void whoEndsASessionIsToldThatItEnded();

private:
    QProcessEnvironment environment(uid_t uid = 0) const;
    std::unique_ptr<LinkedProgram> holder(const QString &file, const QStringList &options = {});
    QByteArray install(const QString &manifest) const;
    QByteArray log(const QString &name) const
    {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    QString path(const QString &name) const { return m_folder->filePath(name); }
    QString store() const { return path(u"runtime-0/entracte"_s); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void tst_Sessions::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_LINKED_HOLDER), path(u"holder"_s)));
    chmod(QFile::encodeName(m_folder->path()).constData(), 0755);
    for (const uid_t uid : {uid_t(0), nobody}) {
        const QByteArray runtime = QFile::encodeName(environment(uid).value(u"XDG_RUNTIME_DIR"_s));
        QCOMPARE(mkdir(runtime.constData(), 0700), 0);
        if (geteuid() == 0)
            QCOMPARE(chown(runtime.constData(), uid, uid), 0);
    }
}

void tst_Sessions::cleanup()
{
    endProgramsOf(m_folder->path());
}

QProcessEnvironment tst_Sessions::environment(uid_t uid) const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"XDG_RUNTIME_DIR"_s, path(u"runtime-%1"_s.arg(uid)));
    environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s);
    environment.remove(u"DISPLAY"_s);
    return environment;
}

/// A program that holds \a file, with its log beside it.
std::unique_ptr<LinkedProgram> tst_Sessions::holder(const QString &file, const QStringList &options)
{
    SampleProduct::write(file, "bytes");
    return std::make_unique<LinkedProgram>(path(u"holder"_s), file + u".log"_s,
                                           QStringList{u"--open"_s, file} + options, environment(),
                                           m_folder->path());
}

/// What a silent installer says that succeeds.
QByteArray tst_Sessions::install(const QString &manifest) const
{
    QProcess installer;
    installer.setProcessEnvironment(environment());
    installer.setProcessChannelMode(QProcess::MergedChannels);
    installer.start(QStringLiteral(ENTRACTE_COMMAND), {u"run"_s, manifest, u"--silent"_s});
    if (!installer.waitForFinished(60'000) || installer.exitCode() != 0)
        return "FAILED " + installer.readAll();
    return installer.readAll();
}

void tst_Sessions::scenario_23_whatAKilledSecondaryRegisteredStays()
{
    const auto first = holder(path(u"file-0"_s));
    const auto last = holder(path(u"file-49999"_s));
    RmInstaller primary(environment());
    RmInstaller secondary(environment());
    const RmInstaller::Session session = primary.start();
    const RmInstaller::Session joined = secondary.join(session.key);
    QCOMPARE(joined.code, 0);
    const QStringList registered =
        secondary.call({u"register-many"_s, joined.handle, u"50000"_s, path(u"file-"_s)})
            .constFirst();
    QCOMPARE(registered.value(0), u"0"_s);

    secondary.kill();

    const RmInstaller::List list = primary.list(session.handle);
    QCOMPARE(list.code, 0);
    QCOMPARE(list.pids(), QSet({first->pid(), last->pid()}));
    QCOMPARE(primary.shutdown(session.handle, 1), 0);
    QVERIFY(!first->isRunning() && !last->isRunning());
}

void tst_Sessions::scenario_23_theNextInstallerBringsBackWhatAKilledOneClosed()
{
    const auto program =
        holder(path(u"held"_s), {u"--name"_s, u"Notes"_s, u"--answer"_s, u"yes"_s,
                                 u"--restart-with"_s, path(u"again.log"_s), u"recovered"_s});
    RmInstaller primary(environment());
    QCOMPARE(primary.shutdown(primary.sessionFor(path(u"held"_s))), 0);
    QVERIFY(!program->isRunning());

    primary.kill();
    QVERIFY(!QFile::exists(path(u"again.log"_s)));

    // Of another product, that has nothing to do with the program.
    SampleProduct product;
    const QString manifest =
        product.writeManifest(product.offer(u"1.0"_s, {{u"library"_s, "bytes"}}));
    const QByteArray told = install(manifest);
    QVERIFY2(told.contains("Notes was left closed by an installation that was interrupted; it is "
                           "open again."),
             told);
    QTRY_VERIFY(log(u"again.log"_s).contains("recovered"));

    const QByteArray toldAgain = install(manifest);
    QVERIFY2(!toldAgain.contains("Notes"), toldAgain);
    QCOMPARE(log(u"again.log"_s).count("started "), 1);
}

void tst_Sessions::scenario_24_sixtyFourInstallersAndWhoDiesMakesRoom()
{
    std::vector<std::unique_ptr<RmInstaller>> installers;
    for (int i = 0; i < 64; ++i) {
        installers.push_back(std::make_unique<RmInstaller>(environment()));
        QCOMPARE(installers.back()->start().code, 0);
    }
    RmInstaller next(environment());
    QCOMPARE(next.start().code, 353);

    installers[31]->kill();

    QCOMPARE(next.start().code, 0);
    QCOMPARE(next.start().code, 353);
    for (const auto &installer : installers)
        QVERIFY(installer == installers[31] || installer->code({u"end"_s, u"0"_s}) == 0);
}

void tst_Sessions::scenario_24_anotherUserIsRefusedInSpiteOfTheRightKey()
{
    if (geteuid() != 0)
        QSKIP("acting as another user needs root");
    RmInstaller primary(environment());
    const RmInstaller::Session session = primary.start();
    // As if everything had been opened for all: what is left is who asks.
    QString socket;
    QDirIterator all(path(u"runtime-0"_s), QDir::AllEntries | QDir::NoDotAndDotDot | QDir::System,
                     QDirIterator::Subdirectories);
    while (all.hasNext()) {
        const QFileInfo info(all.next());
        QCOMPARE(chmod(QFile::encodeName(info.filePath()).constData(), 0777), 0);
        if (info.fileName() == u"socket"_s)
            socket = info.filePath();
    }
    QVERIFY(!socket.isEmpty());
    chmod(QFile::encodeName(path(u"runtime-0"_s)).constData(), 0777);

    RmInstaller stranger(environment(), nobody);
    QCOMPARE(stranger.join(session.key).code, 1219);
    // Who does not keep to the rules of our own client is hung up on, without a word.
    QProcess intruder;
    intruder.setChildProcessModifier([] {
        if (setgid(nobody) != 0 || setuid(nobody) != 0)
            _exit(99);
    });
    intruder.start(u"/usr/bin/python3"_s, {u"-c"_s,
                                           u"import socket, sys\n"
                                           "line = socket.socket(socket.AF_UNIX)\n"
                                           "line.connect(sys.argv[1])\n"
                                           "sys.exit(0 if line.recv(1) == b'' else 5)\n"_s,
                                           socket});
    QVERIFY2(intruder.waitForFinished(), qPrintable(intruder.errorString()));
    QVERIFY2(intruder.exitCode() == 0, intruder.readAllStandardError());
}

void tst_Sessions::scenario_24_aLinkInPlaceOfTheStoreIsRefused()
{
    const QString elsewhere = path(u"elsewhere"_s);
    QCOMPARE(mkdir(QFile::encodeName(elsewhere).constData(), 0700), 0);
    QVERIFY(QFile::link(elsewhere, store()));

    QCOMPARE(RmInstaller(environment()).start().code, 29);
    QVERIFY(QDir(elsewhere).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));

    QVERIFY(QFile::remove(store()));
    QCOMPARE(RmInstaller(environment()).start().code, 0);
}

// The process that holds the session ends at once: its last answer must not go with it.
void tst_Sessions::whoEndsASessionIsToldThatItEnded()
{
    constexpr int many = 40;
    const auto begin = [this](QProcess &command, const QStringList &words, const QJsonObject &who) {
        QProcessEnvironment its = environment();
        its.insert(u"ENTRACTE_SESSION_KEY"_s, who[u"key"_s].toString());
        its.insert(u"ENTRACTE_SESSION_TOKEN"_s, who[u"token"_s].toString());
        command.setProcessEnvironment(its);
        command.start(QStringLiteral(ENTRACTE_COMMAND),
                      QStringList{u"session"_s} + words + QStringList{u"--json"_s});
    };
    const auto answerOf = [](QProcess &command) {
        command.waitForFinished(60'000);
        return QJsonDocument::fromJson(command.readAllStandardOutput()).object();
    };
    std::vector<QJsonObject> sessions;
    for (int number = 0; number < many; ++number) {
        QProcess command;
        begin(command, {u"start"_s, u"--owner"_s, QString::number(getpid())}, {});
        sessions.push_back(answerOf(command));
        QCOMPARE(sessions.back()[u"code"_s].toInt(-1), 0);
    }

    std::vector<std::unique_ptr<QProcess>> commands;
    for (const QJsonObject &session : sessions) {
        commands.push_back(std::make_unique<QProcess>());
        begin(*commands.back(), {u"end"_s}, session);
    }

    for (const std::unique_ptr<QProcess> &command : commands)
        QCOMPARE(answerOf(*command)[u"code"_s].toInt(-1), 0);
}

QTEST_GUILESS_MAIN(tst_Sessions)
#include "tst_sessions.moc"
