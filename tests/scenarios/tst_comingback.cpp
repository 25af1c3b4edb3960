// SPDX-License-Identifier: MIT
#include "client/registrationpath.h"
#include "guardian/guardian.h"
#include "platform/linux/process.h"
#include "support/closinglab.h"
#include "support/realprogram.h"
#include "support/selfreport.h"

#include <QJsonArray>
#include <QScopeGuard>
#include <QStandardPaths>

#include <csignal>

#include <sys/mount.h>
#include <sys/stat.h>

using namespace Entracte;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Hold = ClosingLab::Hold;

/// A session closes real programs and opens them again: with what they had open, or as they said
/// themselves; who cannot come back is named and keeps nobody else away (linux-mechanisms 10, 20
/// and 22).
class tst_ComingBack : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void scenario_19_whatCannotComeBackIsSaidBeforeItIsClosed();
    void scenario_20_editorsComeBackWithTheirDocuments_data();
    void scenario_20_editorsComeBackWithTheirDocuments();
    void scenario_20_aPlaylistIsPlayedAgain();
    void scenario_20_aRegistrationSaysTheArguments_data();
    void scenario_20_aRegistrationSaysTheArguments();
    void scenario_22_whoCannotStartIsNamedTheRestGoesOn_data();
    void scenario_22_whoCannotStartIsNamedTheRestGoesOn();
    void scenario_22_aFolderThatDoesNotAnswerKeepsNobodyElse();

private:
    bool closeAll();
    bool openAgain(const QString &title = {});
    void closeAndOpenAgain(qint64 before, qint64 &after, const QString &title = {});
    qint64 whoCameBack();
    QString copyOfHolder(const QString &name) const;
    QProcess *startHolder(const QString &program, const std::function<void()> &before = {});

    std::unique_ptr<ClosingLab> m_lab;
    std::unique_ptr<RealProgram> m_program;
    std::unique_ptr<SelfReport> m_report;
};

void tst_ComingBack::init()
{
    m_lab = std::make_unique<ClosingLab>();
    chmod(QFile::encodeName(m_lab->path({})).constData(), 0777);
    m_program = std::make_unique<RealProgram>();
    m_report = std::make_unique<SelfReport>(QDir::cleanPath(m_lab->path({})));
}

void tst_ComingBack::cleanup()
{
    // What came back leads a session of its own and holds our files, or is a program of ours.
    m_lab->renew();
    if (m_lab->look())
        for (const AffectedApplication &application : m_lab->session->inTheWay())
            ::kill(-pid_t(application.process.pid), SIGKILL);
    for (const QString &name : QDir(u"/proc"_s).entryList(QDir::Dirs))
        if (executableOf(name.toInt()).startsWith(QDir::cleanPath(m_lab->path({})) + u'/'))
            ::kill(name.toInt(), SIGKILL);
    m_report.reset();
    m_program.reset();
    m_lab.reset();
}

bool tst_ComingBack::closeAll()
{
    return m_lab->finish(m_lab->session->shutdown(ShutdownType::Graceful))
        && m_lab->code == RestartCode::Success;
}

/// Windows end the wait; those who show none are settled by the clock. So is another user's
/// program, whose windows are none of root's business: \a title is that of its window.
bool tst_ComingBack::openAgain(const QString &title)
{
    const auto task = m_lab->begin(m_lab->session->restart());
    if (!title.isEmpty() && ClosingLab::windowOf(title) != 0)
        m_lab->clock->advance(2s);
    return QTest::qWaitFor([this] { return m_lab->result.has_value(); }, 60'000);
}

/// Of exactly one that holds the product's files again.
qint64 tst_ComingBack::whoCameBack()
{
    return m_lab->seesHolders(1) ? m_lab->session->inTheWay().first().process.pid : 0;
}

// --- documents
// -----------------------------------------------------------------------------------

/// Closes the program that is \a before and has it opened again: \a after, with the same words.
void tst_ComingBack::closeAndOpenAgain(qint64 before, qint64 &after, const QString &title)
{
    const QList<QByteArray> words = argumentsOf(pid_t(before));
    QVERIFY(m_lab->seesHolders(1));
    QVERIFY2(closeAll(), qPrintable(m_lab->application(before).reason));
    QTRY_VERIFY(!m_program->isRunning());

    QVERIFY(openAgain(title));

    QCOMPARE(*m_lab->code, RestartCode::Success);
    after = whoCameBack();
    QVERIFY(after > 0 && after != before);
    QCOMPARE(argumentsOf(pid_t(after)), words);
}

void tst_ComingBack::scenario_20_editorsComeBackWithTheirDocuments_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("saved"); // after a word was typed and saved

    QTest::newRow("mousepad") << u"mousepad"_s
                              << QStringList{u"--disable-server"_s, u"letter.txt"_s}
                              << QByteArray("typed one\ntwo\nthree\nfour\n");
    QTest::newRow("kate") << u"kate"_s << QStringList{u"-n"_s, u"--line"_s, u"3"_s, u"letter.txt"_s}
                          << QByteArray("one\ntwo\ntyped three\nfour\n");
}

void tst_ComingBack::scenario_20_editorsComeBackWithTheirDocuments()
{
    QFETCH(const QString, program);
    QFETCH(const QStringList, arguments);
    QFETCH(const QByteArray, saved);
    SampleProduct::write(m_lab->path(u"letter.txt"_s), "one\ntwo\nthree\nfour\n");
    m_program->preload(m_lab->library());
    m_program->startIn(m_lab->path({}));
    const qint64 before = m_program->start(program, arguments);
    QVERIFY(before > 0);
    QVERIFY(ClosingLab::windowOf(u"letter.txt"_s) != 0);
    qint64 after = 0;
    closeAndOpenAgain(before, after);
    if (QTest::currentTestFailed())
        return;
    // The document is open, at its line: what a person types now goes there.
    const quint32 window = ClosingLab::windowOf(u"letter.txt"_s);
    QVERIFY(window != 0);
    const auto titleHas = [window](const char *mark) {
        return ClosingLab::xdotool({u"getwindowname"_s, QString::number(window)}).contains(mark);
    };
    ClosingLab::xdotool({u"windowactivate"_s, u"--sync"_s, QString::number(window)});
    const auto contents = [this] {
        QFile file(m_lab->path(u"letter.txt"_s));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    ClosingLab::xdotool({u"type"_s, u"typed "_s});
    QTRY_VERIFY_WITH_TIMEOUT(titleHas("*") || titleHas("[modified]"), 20'000);
    QTRY_COMPARE_WITH_TIMEOUT((ClosingLab::xdotool({u"key"_s, u"ctrl+s"_s}), contents()), saved,
                              20'000);
}

/// Ten minutes of silence.
static QByteArray silence()
{
    constexpr quint32 rate = 8000;
    constexpr quint32 size = rate * 600;
    const auto number = [](auto value) {
        return QByteArray(reinterpret_cast<const char *>(&value), sizeof value);
    };
    return "RIFF" + number(36 + size) + "WAVEfmt " + number(16u) + number(quint16(1))
         + number(quint16(1)) + number(rate) + number(rate) + number(quint16(1))
         + number(quint16(8)) + "data" + number(size) + QByteArray(size, '\x80');
}

void tst_ComingBack::scenario_20_aPlaylistIsPlayedAgain()
{
    if (geteuid() != 0)
        QSKIP("the player runs as another user here");
    SampleProduct::write(m_lab->path(u"second.wav"_s), silence());
    SampleProduct::write(m_lab->path(u"list.m3u"_s), m_lab->path(u"second.wav"_s).toUtf8() + '\n');
    m_program->preload(m_lab->library());
    m_program->startIn(m_lab->path({}));
    m_program->runAs(65534); // the player refuses to run as root
    m_program->setVariable(u"HOME"_s, m_lab->path({}));
    m_program->setVariable(u"XDG_RUNTIME_DIR"_s, m_lab->path({}));
    const qint64 before =
        m_program->start(u"vlc"_s, {u"--intf"_s, u"qt"_s, u"--no-qt-privacy-ask"_s, u"--aout"_s,
                                    u"adummy"_s, u"--no-one-instance"_s, u"list.m3u"_s});
    QVERIFY(before > 0);
    QVERIFY(ClosingLab::windowOf(u"second.wav"_s) != 0);
    qint64 after = 0;
    closeAndOpenAgain(before, after, u"second.wav"_s);
    if (QTest::currentTestFailed())
        return;
    QCOMPARE(ownerOf(pid_t(after)), uid_t(65534));
    QVERIFY(ClosingLab::windowOf(u"second.wav"_s) != 0);
}

// --- registrations
// -------------------------------------------------------------------------------

void tst_ComingBack::scenario_20_aRegistrationSaysTheArguments_data()
{
    QTest::addColumn<QString>("wrong"); // with the file; empty: nothing
    QTest::addColumn<QString>("word");  // that the program finds among its arguments afterwards

    const QString own = u"b'of the registration'"_s;
    const QString captured = u"b'as before'"_s;
    QTest::newRow("its own") << u""_s << own;
    QTest::newRow("of another owner") << u"owner"_s << captured;
    QTest::newRow("of root") << u"root"_s << captured;
    QTest::newRow("a link") << u"link"_s << captured;
    QTest::newRow("too large") << u"size"_s << captured;
    QTest::newRow("a pipe") << u"pipe"_s << captured;
    QTest::newRow("of another start of that pid") << u"start"_s << captured;
    QTest::newRow("of another version") << u"version"_s << captured;
}

void tst_ComingBack::scenario_20_aRegistrationSaysTheArguments()
{
    QFETCH(const QString, wrong);
    QFETCH(const QString, word);
    if (geteuid() != 0)
        QSKIP("making files of several users needs root");
    constexpr uid_t uid = 1000;
    const QString folder = registrationFolder(m_lab->path(u"runtime"_s), uid);
    QVERIFY(QDir().mkpath(folder));
    const auto words = [this](const QString &last) {
        return QJsonArray{SelfReport::script(), m_report->reportPath(), last, u""_s};
    };
    QJsonArray first = words(u"as before"_s);
    first.prepend(u"/usr/bin/python3"_s);
    QVERIFY(m_report->start(
        {{u"arguments"_s, first},
         {u"environment"_s, QJsonObject{{u"XDG_RUNTIME_DIR"_s, m_lab->path(u"runtime"_s)}}},
         {u"hold"_s, m_lab->held()},
         {u"uid"_s, qint64(uid)},
         {u"gid"_s, qint64(uid)},
         {u"groups"_s, QJsonArray()}}));
    QCOMPARE(m_report->take().value(u"argument 3"_s), u"b'as before'"_s);
    const UniqueProcess process = uniqueProcess(m_report->pid());
    const QString file =
        folder + u'/'
        + registrationFileName(process.pid, process.startTime + (wrong == u"start" ? 1 : 0));
    QByteArray json = QJsonDocument(QJsonObject{{u"formatVersion"_s, wrong == u"version" ? 2 : 1},
                                                {u"name"_s, u"Registered"_s},
                                                {u"arguments"_s, words(u"of the registration"_s)}})
                          .toJson();
    if (wrong == u"size")
        json += QByteArray(longestRegistration + 1 - json.size(), ' ');
    const QString written = wrong == u"link" ? m_lab->path(u"elsewhere"_s) : file;
    SampleProduct::write(written, json);
    const uid_t owner = wrong == u"owner" ? 1001 : wrong == u"root" ? 0 : uid;
    QCOMPARE(chown(QFile::encodeName(written).constData(), owner, owner), 0);
    if (wrong == u"link")
        QVERIFY(QFile::link(written, file));
    if (wrong == u"pipe") {
        QVERIFY(QFile::remove(file));
        QCOMPARE(mkfifo(QFile::encodeName(file).constData(), 0600), 0);
        QCOMPARE(chown(QFile::encodeName(file).constData(), uid, uid), 0);
    }

    QVERIFY(m_lab->seesHolders(1));
    QCOMPARE(m_lab->session->inTheWay().first().restartability,
             wrong.isEmpty() ? Restartability::Registered : Restartability::Captured);
    QVERIFY(closeAll());
    QTRY_VERIFY(!m_report->isRunning());
    const auto restart = m_lab->begin(m_lab->session->restart());

    QVERIFY(m_report->waitForReport());
    const SelfReport::Properties after = m_report->take();
    QCOMPARE(after.value(u"argument 3"_s), word);
    QCOMPARE(after.value(u"argument 4"_s), u"b''"_s);
    QCOMPARE(after.value(u"argument 0"_s), u"b'/usr/bin/python3'"_s);
    QCOMPARE(after.value(u"user"_s), u"(1000, 1000, 1000)"_s);
    QTRY_VERIFY((m_lab->clock->advance(2s), m_lab->result.has_value()));
    QCOMPARE(*m_lab->code, RestartCode::Success);
}

// --- who cannot come back
// ------------------------------------------------------------------------

void tst_ComingBack::scenario_19_whatCannotComeBackIsSaidBeforeItIsClosed()
{
    if (geteuid() != 0)
        QSKIP("a sandbox needs root here");
    const QString bwrap = QStandardPaths::findExecutable(u"bwrap"_s);
    if (bwrap.isEmpty())
        QSKIP("bubblewrap is not installed");
    const QJsonArray words{u"/usr/bin/python3"_s, SelfReport::script(), m_report->reportPath()};
    QVERIFY(m_report->start(
        {{u"arguments"_s, words}, {u"environment"_s, QJsonObject()}, {u"hold"_s, m_lab->held()}},
        {bwrap, u"--dev-bind"_s, u"/"_s, u"/"_s, u"--unshare-ipc"_s}));
    m_report->take();

    QVERIFY(m_lab->seesHolders(1));
    const AffectedApplication told = m_lab->session->inTheWay().first();
    QCOMPARE(told.restartability, Restartability::Cannot);
    QVERIFY2(told.reason.contains(u"sandbox"_s), qPrintable(told.reason));
    QVERIFY(closeAll());
    QVERIFY(openAgain());

    QCOMPARE(*m_lab->code, RestartCode::Success); // nobody failed: nobody was to come
    QCOMPARE(m_lab->session->notRestarted().size(), 1);
    QVERIFY2(m_lab->session->notRestarted().first().reason.contains(u"sandbox"_s),
             qPrintable(m_lab->session->notRestarted().first().reason));
    QVERIFY(!QFile::exists(m_report->reportPath()));
}

/// Who runs \a program now; 0 if nobody does.
static pid_t pidOf(const QString &program)
{
    for (const QString &name : QDir(u"/proc"_s).entryList(QDir::Dirs))
        if (executableOf(name.toInt()) == program)
            return name.toInt();
    return 0;
}

QString tst_ComingBack::copyOfHolder(const QString &name) const
{
    const QString copy = m_lab->path(name);
    if (!QFile::copy(QStringLiteral(ENTRACTE_FILE_HOLDER), copy))
        qFatal("cannot copy the holder");
    return copy;
}

QProcess *tst_ComingBack::startHolder(const QString &program, const std::function<void()> &before)
{
    QProcess *const process = m_lab->start(program, {u"--catch-term"_s, u"--open"_s, m_lab->held()},
                                           Hold::Nothing, before);
    return process && ClosingLab::says(*process, "ready") ? process : nullptr;
}

void tst_ComingBack::scenario_22_whoCannotStartIsNamedTheRestGoesOn_data()
{
    QTest::addColumn<QString>("instead");
    QTest::addColumn<QString>("reply");

    QTest::newRow("missing") << u""_s << u"No such file or directory"_s;
    QTest::newRow("not executable") << u"text"_s << u"Permission denied"_s;
    QTest::newRow("no program") << u"script"_s << u"Exec format error"_s;
    QTest::newRow("a folder") << u"folder"_s << u"Permission denied"_s;
}

void tst_ComingBack::scenario_22_whoCannotStartIsNamedTheRestGoesOn()
{
    QFETCH(const QString, instead);
    QFETCH(const QString, reply);
    const QString lost = copyOfHolder(u"a-lost"_s); // the first, and the last, of three
    const QString lostToo = copyOfHolder(u"z-lost"_s);
    const QString kept = copyOfHolder(u"kept"_s);
    for (const QString &program : {lost, kept, lostToo})
        QVERIFY(startHolder(program));
    QVERIFY(m_lab->seesHolders(3));
    QVERIFY(closeAll());
    for (const QString &program : {lost, lostToo}) { // the update
        QVERIFY(QFile::remove(program));
        if (instead == u"folder")
            QVERIFY(QDir().mkdir(program));
        else if (!instead.isEmpty())
            SampleProduct::write(program, "\x7f"
                                          "ELF, but no program");
        if (instead == u"script")
            QCOMPARE(chmod(QFile::encodeName(program).constData(), 0755), 0);
    }

    const auto restart = m_lab->begin(m_lab->session->restart());
    QTRY_VERIFY_WITH_TIMEOUT(pidOf(kept) > 0, 20'000);
    QTRY_VERIFY((m_lab->clock->advance(2s), m_lab->result.has_value()));

    QVERIFY(*m_lab->result); // no failed installation
    QCOMPARE(*m_lab->code, RestartCode::FailRestart);
    QCOMPARE(whoCameBack(), qint64(pidOf(kept)));
    QCOMPARE(m_lab->session->notRestarted().size(), 2);
    for (const AffectedApplication &one : m_lab->session->notRestarted()) {
        QVERIFY(one.status.testFlag(ApplicationStatus::ErrorOnRestart));
        QVERIFY(!one.status.testFlag(ApplicationStatus::Restarted));
        QCOMPARE(one.reason, u"“%1” could not be started again: %2."_s.arg(one.executable, reply));
        QVERIFY(one.executable == lost || one.executable == lostToo);
    }
}

void tst_ComingBack::scenario_22_aFolderThatDoesNotAnswerKeepsNobodyElse()
{
    if (geteuid() != 0)
        QSKIP("mounting needs root");
    const QString bindfs = QStandardPaths::findExecutable(u"bindfs"_s);
    if (bindfs.isEmpty() || !QFile::exists(u"/dev/fuse"_s))
        QSKIP("bindfs is not installed, or there is no FUSE");
    const QString point = m_lab->path(u"point"_s);
    QVERIFY(QDir().mkpath(m_lab->path(u"served/folder"_s)) && QDir().mkdir(point));
    QProcess server;
    server.start(bindfs, {u"-f"_s, u"-o"_s, u"entry_timeout=0,attr_timeout=0"_s,
                          m_lab->path(u"served"_s), point});
    QVERIFY(server.waitForStarted());
    const auto end = qScopeGuard([&] {
        umount2(QFile::encodeName(point).constData(), MNT_DETACH);
        server.kill();
        server.waitForFinished();
    });
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(point + u"/folder"_s), 20'000);
    const QString stuck = copyOfHolder(u"stuck"_s);
    const QString kept = copyOfHolder(u"kept"_s);
    QVERIFY(startHolder(stuck, [folder = QFile::encodeName(point + u"/folder"_s)] {
        if (chdir(folder.constData()) != 0)
            _exit(98);
    }));
    QVERIFY(startHolder(kept));
    QVERIFY(m_lab->seesHolders(2));
    QVERIFY(closeAll());
    QCOMPARE(::kill(pid_t(server.processId()), SIGSTOP), 0);

    const auto restart = m_lab->begin(m_lab->session->restart());
    const auto isBack = [&] {
        for (const AffectedApplication &one : m_lab->session->applications())
            if (one.executable == kept && one.status.testFlag(ApplicationStatus::Restarted))
                return true;
        return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT((m_lab->clock->advance(100ms), isBack()), 20'000);
    QVERIFY(!m_lab->result);
    m_lab->clock->advance(30s);
    QTRY_VERIFY(m_lab->result);

    QCOMPARE(*m_lab->code, RestartCode::FailRestart);
    QCOMPARE(m_lab->session->notRestarted().size(), 1);
    QCOMPARE(m_lab->session->notRestarted().first().executable, stuck);
    QCOMPARE(m_lab->session->notRestarted().first().reason,
             u"It did not start within the time allowed."_s);
}

int main(int argc, char **argv)
{
    (void)Guardian::takeUp(argc, argv); // or an agent: some programs here are another user's
    QCoreApplication application(argc, argv);
    tst_ComingBack test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_comingback.moc"
