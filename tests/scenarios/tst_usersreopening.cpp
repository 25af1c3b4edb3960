// SPDX-License-Identifier: MIT
#include "guardian/guardian.h"
#include "platform/linux/agent/usersreopening.h"
#include "platform/linux/process.h"
#include "support/holderprocess.h"
#include "support/insidebox.h"
#include "support/sampleproduct.h"
#include "support/windowapplication.h"

#include <QTemporaryDir>
#include <QTest>

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

namespace {

constexpr uid_t user = 1000;

/// While it lives this thread, and what it starts, may read everything and write only what is
/// root's own: whoever writes into somebody's home fails.
class WithoutPowerOverFiles
{
public:
    WithoutPowerOverFiles()
    {
        m_isGood = ::syscall(SYS_capget, &m_header, m_before) == 0;
        __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3] = {m_before[0], m_before[1]};
        now[0].effective &= ~((1U << CAP_DAC_OVERRIDE) | (1U << CAP_CHOWN) | (1U << CAP_FOWNER));
        m_isGood = m_isGood && ::syscall(SYS_capset, &m_header, now) == 0;
    }
    ~WithoutPowerOverFiles() { ::syscall(SYS_capset, &m_header, m_before); }
    bool isGood() const { return m_isGood; }

private:
    __user_cap_header_struct m_header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct m_before[_LINUX_CAPABILITY_U32S_3] = {};
    bool m_isGood = false;
};

} // namespace

/// An installer that root started arranges that a user's programs come back after the restart. Runs
/// inside a box, with a list of users of its own; a restart is a new process namespace, and a
/// session in it is GLib, as on a desktop. This executable is the one that is copied.
class tst_UsersReopening : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();
    void spec_119_aUsersProgramComesBackThoughRootInstalls();
    void spec_119_calledOffNothingStaysInAUsersHome();
    void spec_119_whoRegisteredComesBackToo();
    void theUsersOwnFoldersAreUsed();
    void whatCannotBeArrangedIsSaidBefore();
    void aUserArrangesNothingForOthers();

private:
    using Applications = QList<AffectedApplication>;

    QString home(const QString &name) const { return m_folder->filePath(u"home/"_s + name); }
    QString log() const { return home(u"log"_s); }
    int starts() const;
    /// A program of the user; says in log() that it has started.
    AffectedApplication startProgram(const QStringList &variables = {});
    ReopeningOutlook look(const Applications &applications);
    ReopeningOutlook arrange(const Applications &applications);
    Result<> forget();
    QStringList entries(const QString &folder = u".config/autostart"_s) const;
    QStringList records() const;
    void restartAndLogOn(int sessions);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<HolderProcess> m_program;
    std::unique_ptr<HolderProcess> m_system;
    std::unique_ptr<UsersReopening> m_reopening;
};

static QStringList asUser(const QStringList &command)
{
    return QStringList{u"--reuid=1000"_s, u"--regid=1000"_s, u"--clear-groups"_s, u"--"_s}
         + command;
}

static uid_t ownerOfFile(const QString &path)
{
    struct stat status = {};
    return ::lstat(QFile::encodeName(path).constData(), &status) == 0 ? status.st_uid : uid_t(-1);
}

static mode_t modeOf(const QString &path)
{
    struct stat status = {};
    ::lstat(QFile::encodeName(path).constData(), &status);
    return status.st_mode & 0777;
}

void tst_UsersReopening::initTestCase()
{
    if (qEnvironmentVariableIsEmpty("SDBOX"))
        QSKIP("needs a box of its own: tests/support/sdbox run tst_usersreopening");
    QVERIFY(InsideBox::systemctl({u"start"_s, u"user@1000.service"_s}));
}

void tst_UsersReopening::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    ::chmod(QFile::encodeName(m_folder->path()).constData(), 0755);
    QVERIFY(QDir().mkpath(home({})));
    QCOMPARE(::chown(QFile::encodeName(home({})).constData(), user, user), 0);
    QCOMPARE(::chmod(QFile::encodeName(home({})).constData(), 0700), 0);
    SampleProduct::write(m_folder->filePath(u"passwd"_s),
                         "root:x:0:0::/root:/bin/sh\nada:x:1000:1000::"
                             + QFile::encodeName(home({})).chopped(1) + ":/bin/sh\n");
    QVERIFY(InsideBox::run(u"mount"_s,
                           {u"--bind"_s, m_folder->filePath(u"passwd"_s), u"/etc/passwd"_s}));
    // Of root itself nothing is to be opened, and nothing to be lost.
    for (const char *name : {"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"}) {
        const QString folder = m_folder->filePath(u"root/"_s + QString::fromLatin1(name));
        QVERIFY(QDir().mkpath(folder));
        qputenv(name, QFile::encodeName(folder));
    }
    m_reopening = std::make_unique<UsersReopening>(std::make_shared<SystemClock>());
}

void tst_UsersReopening::cleanup()
{
    m_reopening.reset();
    m_program.reset();
    m_system.reset();
    if (m_folder)
        InsideBox::run(u"umount"_s, {u"/etc/passwd"_s});
}

int tst_UsersReopening::starts() const
{
    QFile file(log());
    return file.open(QIODevice::ReadOnly) ? int(file.readAll().count("started")) : 0;
}

AffectedApplication tst_UsersReopening::startProgram(const QStringList &variables)
{
    m_program = std::make_unique<HolderProcess>();
    const QString script = u"echo started >> \"$1\"; echo ready; read line"_s;
    const QStringList environment{u"PATH=/usr/bin:/bin"_s, u"HOME="_s + home({}),
                                  u"XDG_RUNTIME_DIR=/run/user/1000"_s};
    const bool isStarted = m_program->start(
        u"/usr/bin/setpriv"_s,
        asUser(QStringList{u"/usr/bin/env"_s, u"-i"_s} + environment + variables
               + QStringList{u"/bin/sh"_s, u"-c"_s, script, u"secret-word"_s, log()}));
    if (!isStarted)
        qFatal("the user's program did not start");
    return windowApplication(m_program->pid(), u"Editor"_s);
}

ReopeningOutlook tst_UsersReopening::look(const Applications &applications)
{
    std::optional<ReopeningOutlook> known;
    m_reopening->look(applications, this,
                      [&](const ReopeningOutlook &outlook) { known = outlook; });
    [&] { QTRY_VERIFY_WITH_TIMEOUT(known, 60'000); }();
    return known.value_or(ReopeningOutlook());
}

ReopeningOutlook tst_UsersReopening::arrange(const Applications &applications)
{
    std::optional<ReopeningOutlook> known;
    m_reopening->arrange(QDateTime::currentDateTime(), applications, this,
                         [&](const ReopeningOutlook &outlook) { known = outlook; });
    [&] { QTRY_VERIFY_WITH_TIMEOUT(known, 60'000); }();
    return known.value_or(ReopeningOutlook());
}

Result<> tst_UsersReopening::forget()
{
    std::optional<Result<>> outcome;
    m_reopening->forget(this, [&](const Result<> &forgotten) { outcome = forgotten; });
    [&] { QTRY_VERIFY_WITH_TIMEOUT(outcome, 60'000); }();
    return outcome.value_or(Error{ErrorCode::Failed, u"no answer"_s});
}

QStringList tst_UsersReopening::entries(const QString &folder) const
{
    QStringList all;
    const QDir place(home(folder));
    for (const QString &name : place.entryList(QDir::Files | QDir::Hidden))
        all.append(place.filePath(name));
    return all;
}

QStringList tst_UsersReopening::records() const
{
    return QDir(home(u".local/state/entracte"_s))
        .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
}

/// The user logs on, \a sessions times at once, in a new run of the system.
void tst_UsersReopening::restartAndLogOn(int sessions)
{
    m_program.reset();
    m_system = std::make_unique<HolderProcess>();
    const QString script = u"sessions=$1; shift\n"
                           "while [ $sessions -gt 0 ]; do\n"
                           "  for entry; do gio launch \"$entry\" & done\n"
                           "  sessions=$((sessions - 1))\n"
                           "done\n"
                           "echo ready\n"
                           "read line\n"_s;
    QVERIFY(m_system->start(
        u"unshare"_s,
        QStringList{u"--pid"_s, u"--fork"_s, u"--kill-child"_s, u"--mount-proc"_s, u"setpriv"_s}
            + asUser(QStringList{u"/usr/bin/env"_s, u"-i"_s, u"PATH=/usr/bin:/bin"_s,
                                 u"HOME="_s + home({}), u"/bin/sh"_s, u"-c"_s, script, u"sh"_s,
                                 QString::number(sessions)}
                     + entries())));
}

void tst_UsersReopening::spec_119_aUsersProgramComesBackThoughRootInstalls()
{
    const AffectedApplication editor = startProgram();
    const ReopeningOutlook expected{{u"Editor (ada)"_s}, {}};
    {
        const WithoutPowerOverFiles now;
        QVERIFY(now.isGood());
        QVERIFY(!QFile(home(u"probe"_s)).open(QIODevice::WriteOnly)); // we could not even try
        QCOMPARE(look({editor}), expected);
        QCOMPARE(entries(), QStringList());
        QCOMPARE(arrange({editor}), expected);
    }

    QCOMPARE(entries().size(), 1);
    const QString state = home(u".local/state/entracte/reopen"_s);
    const QStringList files = QDir(state).entryList(QDir::Files);
    QCOMPARE(files.size(), 2); // the record, and the copy
    for (const QString &file : files)
        QCOMPARE(ownerOfFile(state + u'/' + file), user);
    for (const QString &path : {entries().constFirst(), state, home(u".config/autostart"_s)})
        QCOMPARE(ownerOfFile(path), user);
    QCOMPARE(modeOf(entries().constFirst()), mode_t(0600));
    QCOMPARE(modeOf(state), mode_t(0700));
    QFile entry(entries().constFirst());
    QVERIFY(entry.open(QIODevice::ReadOnly));
    QVERIFY(!entry.readAll().contains("secret-word"));

    restartAndLogOn(2);

    QTRY_COMPARE_WITH_TIMEOUT(starts(), 2, 60'000);
    QTRY_COMPARE(entries() + records(), QStringList());
    QCOMPARE(starts(), 2);
    QVERIFY(m_system->process().state() == QProcess::Running);
}

void tst_UsersReopening::spec_119_calledOffNothingStaysInAUsersHome()
{
    const AffectedApplication editor = startProgram();
    QCOMPARE(arrange({editor}).names.size(), 1);
    SampleProduct::write(home(u".config/autostart/mine.desktop"_s), "[Desktop Entry]\n");
    QCOMPARE(entries().size(), 2);

    {
        const WithoutPowerOverFiles now;
        QVERIFY(now.isGood());
        const Result<> forgotten = forget();
        QVERIFY2(forgotten, forgotten ? "" : qPrintable(forgotten.error().message));
    }

    QCOMPARE(entries(), QStringList{home(u".config/autostart/mine.desktop"_s)});
    QCOMPARE(records(), QStringList());
    QCOMPARE(starts(), 1);

    // Also when nobody waits for it any more.
    QCOMPARE(arrange({editor}).names.size(), 1);
    m_reopening->forget(this, [](const Result<> &) {});
    m_reopening.reset();
    QTRY_COMPARE(records(), QStringList());
    QCOMPARE(entries().size(), 1);
}

void tst_UsersReopening::spec_119_whoRegisteredComesBackToo()
{
    const QString program = m_folder->filePath(u"notes"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_LINKED_HOLDER), program));
    m_program = std::make_unique<HolderProcess>();
    QVERIFY(
        m_program->start(u"/usr/bin/setpriv"_s,
                         asUser({u"/usr/bin/env"_s, u"-i"_s, u"XDG_RUNTIME_DIR=/run/user/1000"_s,
                                 program, log(), u"--restart-with"_s, log(), u"back"_s})));

    QCOMPARE(arrange({}), (ReopeningOutlook{{u"notes (ada)"_s}, {}}));

    QCOMPARE(entries().size(), 1);
    QCOMPARE(ownerOfFile(entries().constFirst()), user);
    restartAndLogOn(1);
    QTRY_COMPARE_WITH_TIMEOUT(starts(), 2, 60'000);
    QTRY_COMPARE(entries() + records(), QStringList());
}

void tst_UsersReopening::theUsersOwnFoldersAreUsed()
{
    const AffectedApplication editor = startProgram(
        {u"XDG_CONFIG_HOME="_s + home(u"my settings"_s), u"XDG_STATE_HOME="_s + home(u"state"_s)});

    QCOMPARE(arrange({editor}).names.size(), 1);

    QCOMPARE(entries().size(), 0);
    QCOMPARE(entries(u"my settings/autostart"_s).size(), 1);
    QCOMPARE(ownerOfFile(home(u"state/entracte/reopen/entracte-reopen"_s)), user);
    QVERIFY(forget());
    QCOMPARE(entries(u"my settings/autostart"_s).size(), 0);
}

void tst_UsersReopening::whatCannotBeArrangedIsSaidBefore()
{
    const AffectedApplication editor = startProgram();
    AffectedApplication lost = editor;
    lost.name = u"Lost"_s;
    lost.restartability = Restartability::Cannot;
    lost.reason = u"It lives in a terminal."_s;
    QCOMPARE(look({lost}), (ReopeningOutlook{{}, {{u"Lost (ada)"_s, lost.reason}}}));

    // There is a place that the user may not write to: known only when it is tried.
    QVERIFY(QDir().mkpath(home(u".config/autostart"_s))); // root's
    const ReopeningOutlook tried = arrange({editor});
    QCOMPARE(tried.names, QStringList());
    QCOMPARE(tried.losses.size(), 1);
    QCOMPARE(tried.losses[0].application, u"Editor (ada)"_s);
    QVERIFY2(tried.losses[0].reason.contains(u".config/autostart"_s),
             qPrintable(tried.losses[0].reason));
    QCOMPARE(records(), QStringList());

    // And here no agent can be had.
    m_reopening = std::make_unique<UsersReopening>(std::make_shared<SystemClock>());
    qputenv("LC_AGENT", "gone");
    const ReopeningOutlook unheard = look({editor});
    qunsetenv("LC_AGENT");
    QCOMPARE(unheard.names, QStringList());
    QCOMPARE(unheard.losses.size(), 1);
    QCOMPARE(unheard.losses[0].application, u"Editor (ada)"_s);
    QVERIFY2(unheard.losses[0].reason.contains(u"ada"_s), qPrintable(unheard.losses[0].reason));
}

void tst_UsersReopening::aUserArrangesNothingForOthers()
{
    // Root's own program, and the installer of a user.
    HolderProcess program;
    QVERIFY(program.start(u"/bin/sh"_s, {u"-c"_s, u"echo ready; read line"_s}));
    const std::optional<QByteArray> said = InsideBox::run(
        u"/usr/bin/setpriv"_s, asUser({u"/usr/bin/env"_s, u"-i"_s, u"HOME="_s + home({}),
                                       QCoreApplication::applicationFilePath(), u"--look"_s,
                                       QString::number(program.pid())}));
    QVERIFY(said);
    QVERIFY2(said->startsWith("names 0 losses Editor: It runs for root"), said->constData());
}

/// The installer of a user: prints what would become of one program.
static int lookAsUser(qint64 pid)
{
    AffectedApplication application;
    application.process = uniqueProcess(pid);
    application.processes = {application.process};
    application.name = u"Editor"_s;
    UsersReopening reopening(std::make_shared<SystemClock>());
    QObject context;
    reopening.look({application}, &context, [](const ReopeningOutlook &outlook) {
        QTextStream out(stdout);
        out << "names " << outlook.names.size() << " losses";
        for (const ReopeningOutlook::Loss &loss : outlook.losses)
            out << ' ' << loss.application << ": " << loss.reason;
        QCoreApplication::quit();
    });
    return QCoreApplication::exec();
}

int main(int argc, char **argv)
{
    if (argc > 1 && qstrcmp(argv[1], "--entracte-agent") == 0 && qgetenv("LC_AGENT") == "gone")
        return 1;
    Reopening::takeUp(argc, argv);
    (void)Guardian::takeUp(argc, argv);
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == u"--look"_s)
        return lookAsUser(arguments.value(2).toLongLong());
    tst_UsersReopening test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_usersreopening.moc"
