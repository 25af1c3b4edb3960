// SPDX-License-Identifier: MIT
#include "platform/linux/relaunch/reopenentries.h"
#include "platform/unix/descriptor.h"
#include "support/rminstaller.h"
#include "support/sampleproduct.h"
#include "support/windowapplication.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

struct KillsIt
{
    void operator()(QProcess *process) const
    {
        process->kill();
        process->waitForFinished();
        delete process;
    }
};
/// Our own in the place of libc's, in the copy of this executable too: with $TST_GATE it tells the
/// test that somebody has come to the first removal, and waits until the test opens that pipe.
extern "C" int unlinkat(int folder, const char *name, int flags) noexcept
{
    static bool hasWaited = false;
    const char *const gate = std::getenv("TST_GATE");
    if (gate && !std::exchange(hasWaited, true)) {
        (void)!write(STDOUT_FILENO, "here", 4);
        close(open(gate, O_RDONLY | O_CLOEXEC));
    }
    return int(syscall(SYS_unlinkat, folder, name, flags));
}

/// A run of the system: its processes end with it.
using Run = std::unique_ptr<QProcess, KillsIt>;

/// Programs that come back after the system was restarted. The restart is a new process namespace,
/// which is another run of the system as far as a process can tell; a session in it is GLib, as on
/// a desktop, or systemd's own generator. This executable is the one that arranges it.
class tst_Reopening : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void spec_119_everybodyComesBackOnceAndNoEntryStays();
    void spec_119_twoSessionsAtOnceStartNobodyTwice();
    void spec_119_whoAskedNotToStaysClosed();
    void spec_119_whatIsCalledOffIsForgotten();
    void beforeTheRestartNothingHappens();
    void aRestartThatIsLongOverdueIsForgotten();
    void argumentsAreForTheirOwnerOnly();
    void recordsOfStrangersAreNotBelieved();
    void anythingCanBeTheNameOfAFolder();
    void systemdUnderstandsTheEntry();

private:
    /// Applications as a session's list has them.
    using Applications = QList<AffectedApplication>;

    LinkedProgram *program(const QString &name, const QStringList &options);
    /// A shell script that ends by a fault whenever it is started again.
    LinkedProgram *crasher(const QString &name);
    QString log(const QString &name) const { return path(name + u".log"_s); }
    QByteArray textOf(const QString &fileName) const;
    int starts(const QString &name) const { return int(textOf(log(name)).count("started ")); }

    QStringList entries() const;
    QStringList remains() const;
    void endEverybody();
    /// \a sessions begin at once in a new run of the system, each with every entry that is there.
    Run restartAndLogOn(int sessions = 1);

    /// What one session starts for the record \a id, in a run of the system of its own.
    Run startInNewRun(const QString &id) const;
    /// The same in this run of the system; its exit status, or -1 if it became the program.
    int endedHere(const QString &id) const
    {
        const Run process(new QProcess);
        process->start(copy(), {u"--entracte-reopen"_s, id});
        return process->waitForFinished(10'000) ? process->exitCode() : -1;
    }
    static QString idOf(const QString &entry)
    {
        return QFileInfo(entry).completeBaseName().section(u'-', 2);
    }
    QString copy() const { return path(u"xdg_state_home/entracte/reopen/entracte-reopen"_s); }
    QString record(const QString &id) const
    {
        return path(u"xdg_state_home/entracte/reopen/%1.record"_s.arg(id));
    }

    QString path(const QString &name) const { return m_folder->filePath(name); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::vector<std::unique_ptr<LinkedProgram>> m_programs;
    ReopenEntries m_entries;
};

void tst_Reopening::init()
{
    if (geteuid() != 0)
        QSKIP("a process namespace needs root");
    m_folder = std::make_unique<QTemporaryDir>();
    for (const char *name : {"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "HOME"}) {
        const QString folder = path(QString::fromLatin1(name).toLower());
        QVERIFY(QDir().mkpath(folder));
        chmod(QFile::encodeName(folder).constData(), 0700);
        qputenv(name, QFile::encodeName(folder));
    }
}

void tst_Reopening::cleanup()
{
    endEverybody();
}

void tst_Reopening::endEverybody()
{
    for (const auto &program : m_programs)
        program->end();
}

LinkedProgram *tst_Reopening::program(const QString &name, const QStringList &options)
{
    const QString executable = path(name);
    if (!QFile::copy(QStringLiteral(ENTRACTE_LINKED_HOLDER), executable))
        qFatal("could not copy the helper");
    QDir().mkpath(path(u"work in here"_s));
    m_programs.push_back(std::make_unique<LinkedProgram>(executable, log(name), options,
                                                         QProcessEnvironment::systemEnvironment(),
                                                         path(u"work in here"_s)));
    return m_programs.back().get();
}

LinkedProgram *tst_Reopening::crasher(const QString &name)
{
    const QString script = path(name);
    SampleProduct::write(script, "#!/bin/sh\n"
                                 "echo started $$ >> \"$1\"\n"
                                 "test -e \"$1.again\" && kill -SEGV $$\n"
                                 "touch \"$1.again\"\n"
                                 "echo ready\n"
                                 "read line\n");
    chmod(QFile::encodeName(script).constData(), 0755);
    m_programs.push_back(std::make_unique<LinkedProgram>(script, log(name), QStringList(),
                                                         QProcessEnvironment::systemEnvironment(),
                                                         m_folder->path()));
    return m_programs.back().get();
}

QByteArray tst_Reopening::textOf(const QString &fileName) const
{
    QFile file(fileName);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QStringList tst_Reopening::entries() const
{
    QStringList all;
    const QDir folder(path(u"xdg_config_home/autostart"_s));
    for (const QString &name : folder.entryList(QDir::Files | QDir::Hidden))
        all.append(folder.filePath(name));
    return all;
}

/// What there is of ours, entries and records.
QStringList tst_Reopening::remains() const
{
    return entries()
         + QDir(path(u"xdg_state_home/entracte"_s))
               .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
}

Run tst_Reopening::restartAndLogOn(int sessions)
{
    endEverybody();
    Run system(new QProcess);
    system->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    // The first process of the system ends with our end of the pipe, and all others with it.
    const QString script = u"sessions=$1; shift\n"
                           "while [ $sessions -gt 0 ]; do\n"
                           "  for entry; do gio launch \"$entry\" & done\n"
                           "  sessions=$((sessions - 1))\n"
                           "done\n"
                           "read line\n"_s;
    system->start(u"unshare"_s,
                  QStringList{u"--pid"_s, u"--fork"_s, u"--kill-child"_s, u"--mount-proc"_s,
                              u"sh"_s, u"-c"_s, script, u"sh"_s, QString::number(sessions)}
                      + entries());
    if (!system->waitForStarted())
        qFatal("there is no new run of the system");
    return system;
}

Run tst_Reopening::startInNewRun(const QString &id) const
{
    Run system(new QProcess);
    system->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    system->start(u"unshare"_s, {u"--pid"_s, u"--fork"_s, u"--kill-child"_s, u"--mount-proc"_s,
                                 copy(), u"--entracte-reopen"_s, id});
    return system;
}

void tst_Reopening::spec_119_everybodyComesBackOnceAndNoEntryStays()
{
    program(u"registered"_s, {u"--restart-with"_s, log(u"registered"_s), u"back"_s, u"a  b"_s});
    const LinkedProgram *const plain = program(u"plain"_s, {u"--name"_s, u""_s, u"last"_s});
    const LinkedProgram *const crashing = crasher(u"crashing"_s);
    program(u"stranger"_s, {});
    const Applications applications{windowApplication(plain->pid(), u"Plain"_s),
                                    windowApplication(crashing->pid(), u"Crashing"_s)};
    const QStringList names{u"Crashing"_s, u"Plain"_s, u"registered"_s};
    QCOMPARE(m_entries.look(applications), (ReopeningOutlook{names, {}}));

    const Result<ReopeningOutlook> arranged =
        m_entries.arrange(QDateTime::currentDateTime(), applications);
    QVERIFY2(arranged, arranged ? "" : qPrintable(arranged.error().message));
    QCOMPARE(arranged->names, names);
    QCOMPARE(entries().size(), 3);
    const auto system = restartAndLogOn();

    for (const QString &name : {u"registered"_s, u"plain"_s, u"crashing"_s})
        QTRY_COMPARE_WITH_TIMEOUT(starts(name), 2, 30'000);
    QTRY_COMPARE(remains(), QStringList());
    const QByteArray where = " cwd " + path(u"work in here"_s).toLocal8Bit() + '\n';
    QVERIFY(textOf(log(u"registered"_s)).endsWith(" back a  b" + where));
    QVERIFY(textOf(log(u"plain"_s)).endsWith(" --name  last" + where));
    QCOMPARE(starts(u"stranger"_s), 1);
}

void tst_Reopening::spec_119_twoSessionsAtOnceStartNobodyTwice()
{
    const LinkedProgram *const contested = program(u"contested"_s, {});
    const LinkedProgram *const other = program(u"other"_s, {});
    // The record of the other one stays, and with it the copy, for all of them.
    QVERIFY(m_entries.arrange(QDateTime::currentDateTime(),
                              {windowApplication(contested->pid(), u"Contested"_s),
                               windowApplication(other->pid(), u"Other"_s)}));
    const QStringList both = entries();
    const auto ours = std::find_if(both.cbegin(), both.cend(), [this](const QString &entry) {
        return textOf(entry).contains("Name=Contested\n");
    });
    QVERIFY(ours != both.cend());
    const QString id = idOf(*ours);
    endEverybody();

    const QByteArray gate = QFile::encodeName(path(u"gate"_s));
    QCOMPARE(mkfifo(gate.constData(), 0600), 0);
    qputenv("TST_GATE", gate);
    std::vector<Run> sessions;
    for (int i = 0; i < 4; ++i)
        sessions.push_back(startInNewRun(id));
    qunsetenv("TST_GATE");
    for (const Run &session : sessions) // each has read the record, none has taken it
        QTRY_COMPARE_WITH_TIMEOUT(session->bytesAvailable(), 4, 30'000);
    QCOMPARE(starts(u"contested"_s), 1);
    const Descriptor open(::open(gate.constData(), O_WRONLY | O_CLOEXEC));

    const auto ended = [&] {
        return std::count_if(sessions.cbegin(), sessions.cend(), [](const auto &session) {
            return session->state() == QProcess::NotRunning;
        });
    };
    QTRY_COMPARE_WITH_TIMEOUT(ended(), 3, 30'000); // the one that is left is the program
    QTRY_COMPARE(starts(u"contested"_s), 2);
}

void tst_Reopening::spec_119_whoAskedNotToStaysClosed()
{
    const LinkedProgram *const shy =
        program(u"shy"_s, {u"--flags"_s, u"8"_s, u"--restart-with"_s, log(u"shy"_s)});
    const LinkedProgram *const service = program(u"service"_s, {});
    AffectedApplication asService = windowApplication(service->pid(), u"Service"_s);
    asService.type = ApplicationType::Service;
    const LinkedProgram *const lost = program(u"lost"_s, {});
    AffectedApplication cannot = windowApplication(lost->pid(), u"Lost"_s);
    cannot.restartability = Restartability::Cannot;
    cannot.reason = u"It lives in a terminal."_s;
    AffectedApplication gone = windowApplication(lost->pid(), u"Gone"_s);
    ++gone.process.startTime;

    const Applications applications{windowApplication(shy->pid(), u"Shy"_s), asService, cannot,
                                    gone};
    // Only who would have come back, and cannot, is missed.
    const ReopeningOutlook expected{{}, {{u"Lost"_s, u"It lives in a terminal."_s}}};
    QCOMPARE(m_entries.look(applications), expected);
    const Result<ReopeningOutlook> arranged =
        m_entries.arrange(QDateTime::currentDateTime(), applications);
    QVERIFY(arranged && *arranged == expected);
    QCOMPARE(remains(), QStringList());
}

void tst_Reopening::spec_119_whatIsCalledOffIsForgotten()
{
    const LinkedProgram *const plain = program(u"plain"_s, {});
    SampleProduct::write(path(u"xdg_config_home/autostart/mine.desktop"_s), "[Desktop Entry]\n");
    for (int i = 0; i < 2; ++i) // the second replaces the first
        QVERIFY(m_entries.arrange(QDateTime::currentDateTime(),
                                  {windowApplication(plain->pid(), u"Plain"_s)}));
    QCOMPARE(entries().size(), 2);

    QVERIFY(m_entries.forget());

    QCOMPARE(remains(), QStringList{path(u"xdg_config_home/autostart/mine.desktop"_s)});
    QVERIFY(m_entries.forget());
}

void tst_Reopening::beforeTheRestartNothingHappens()
{
    const LinkedProgram *const plain = program(u"plain"_s, {});
    QVERIFY(m_entries.arrange(QDateTime::currentDateTime().addSecs(60),
                              {windowApplication(plain->pid(), u"Plain"_s)}));
    const QStringList before = remains();

    // Somebody logs on a second time meanwhile.
    QCOMPARE(endedHere(idOf(entries().constFirst())), 0);

    QCOMPARE(remains(), before);
    QCOMPARE(starts(u"plain"_s), 1);
}

void tst_Reopening::aRestartThatIsLongOverdueIsForgotten()
{
    const LinkedProgram *const plain = program(u"plain"_s, {});
    for (const bool inNewRun : {false, true}) {
        QVERIFY(m_entries.arrange(QDateTime::currentDateTime().addSecs(-3 * 60 * 60),
                                  {windowApplication(plain->pid(), u"Plain"_s)}));
        const QString id = idOf(entries().constFirst());
        if (inNewRun) {
            const auto session = startInNewRun(id);
            QVERIFY(session->waitForFinished());
        } else {
            QCOMPARE(endedHere(id), 0);
        }
        QCOMPARE(remains(), QStringList());
        QCOMPARE(starts(u"plain"_s), 1);
    }
}

void tst_Reopening::argumentsAreForTheirOwnerOnly()
{
    program(u"registered"_s, {u"--restart-with"_s, log(u"registered"_s), u"secret-word"_s});
    QVERIFY(m_entries.arrange(QDateTime::currentDateTime(), {}));

    const QString entry = entries().constFirst();
    QVERIFY(!textOf(entry).contains("secret-word"));
    QVERIFY(textOf(record(idOf(entry))).contains("secret-word"));
    const auto modeOf = [](const QString &name) {
        struct stat status = {};
        lstat(QFile::encodeName(name).constData(), &status);
        return int(status.st_mode & 0777);
    };
    QCOMPARE(modeOf(entry), 0600);
    QCOMPARE(modeOf(record(idOf(entry))), 0600);
    QCOMPARE(modeOf(copy()), 0700);
    QCOMPARE(modeOf(QFileInfo(copy()).path()), 0700);
}

void tst_Reopening::recordsOfStrangersAreNotBelieved()
{
    const LinkedProgram *const plain = program(u"plain"_s, {});
    const Applications applications{windowApplication(plain->pid(), u"Plain"_s)};
    const QByteArray elsewhere = QFile::encodeName(path(u"elsewhere"_s));
    const std::vector<std::function<void(const QByteArray &)>> tricks{
        [](const QByteArray &name) { chmod(name.constData(), 0644); },
        [](const QByteArray &name) { (void)!chown(name.constData(), 65534, 65534); },
        [&](const QByteArray &name) {
            rename(name.constData(), elsewhere.constData());
            (void)!symlink(elsewhere.constData(), name.constData());
        },
        [&](const QByteArray &name) {
            unlink(elsewhere.constData());
            (void)!link(name.constData(), elsewhere.constData());
        },
        [](const QByteArray &name) { (void)!truncate(name.constData(), 40); },
        [](const QByteArray &name) { (void)!truncate(name.constData(), 2 * 1024 * 1024); },
    };
    for (size_t trick = 0; trick < tricks.size(); ++trick) {
        QVERIFY(m_entries.arrange(QDateTime::currentDateTime(), applications));
        const QString id = idOf(entries().constFirst());
        tricks[trick](QFile::encodeName(record(id)));
        const auto session = startInNewRun(id);
        QVERIFY2(session->waitForFinished(), qPrintable(QString::number(trick)));
        QCOMPARE(remains(), QStringList());
    }

    // Nor is a folder that others may write to.
    QVERIFY(m_entries.arrange(QDateTime::currentDateTime(), applications));
    chmod(QFile::encodeName(QFileInfo(copy()).path()).constData(), 0770);
    const auto session = startInNewRun(idOf(entries().constFirst()));
    QVERIFY(session->waitForFinished());
    QCOMPARE(session->exitCode(), 1);
    QCOMPARE(starts(u"plain"_s), 1);
}

void tst_Reopening::anythingCanBeTheNameOfAFolder()
{
    const QString odd = path(u"a \"b\" $HOME `c` \\ 'd' #; é\tf\ng"_s);
    QVERIFY(QDir().mkpath(odd));
    qputenv("XDG_STATE_HOME", QFile::encodeName(odd));
    const LinkedProgram *const plain = program(u"plain"_s, {});
    QVERIFY(m_entries.arrange(QDateTime::currentDateTime(),
                              {windowApplication(plain->pid(), u"Two\nlines"_s)}));

    const auto system = restartAndLogOn();

    QTRY_COMPARE_WITH_TIMEOUT(starts(u"plain"_s), 2, 30'000);
    QTRY_COMPARE(entries(), QStringList());
}

void tst_Reopening::systemdUnderstandsTheEntry()
{
    const QString generator = u"/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator"_s;
    if (!QFile::exists(generator))
        QSKIP("systemd's generator for autostart entries is not installed");
    const LinkedProgram *const plain = program(u"plain"_s, {});
    QVERIFY(m_entries.arrange(QDateTime::currentDateTime(),
                              {windowApplication(plain->pid(), u"Plain"_s)}));
    const QString id = idOf(entries().constFirst());

    const QString units = path(u"units"_s);
    QVERIFY(QDir().mkpath(units));
    QCOMPARE(QProcess::execute(generator, {units, units, units}), 0);

    const QString unit = units + u"/app-entracte\\x2dreopen\\x2d%1@autostart.service"_s.arg(id);
    const QByteArray text = textOf(unit);
    QVERIFY2(text.contains("\nExecStart=:" + QFile::encodeName(copy()) + " --entracte-reopen "
                           + id.toLatin1() + '\n'),
             text.constData());
}

int main(int argc, char **argv)
{
    Reopening::takeUp(argc, argv);
    QCoreApplication application(argc, argv);
    tst_Reopening test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_reopening.moc"
