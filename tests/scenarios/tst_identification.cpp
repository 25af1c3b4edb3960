// SPDX-License-Identifier: MIT
#include "guardian/guardian.h"
#include "restart/restartsession.h"
#include "support/realprogram.h"
#include "support/sampleproduct.h"
#include "support/sdbox.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <sys/prctl.h>
#include <sys/stat.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// Real programs on a real display, all of them with a product's library loaded: what a person
/// would call them, and how many rows that makes.
class tst_Identification : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void scenario_09_programsHaveTheirName_data();
    void scenario_09_programsHaveTheirName();
    void scenario_09_windowsMakeTheType_data();
    void scenario_09_windowsMakeTheType();
    void scenario_09_aNameOnTheBusNamesItsOwner();
    void scenario_09_aSandboxNamesItsApplication();
    void scenario_09_aUnitNamesItsApplication();
    void scenario_09_aServiceHasItsDescription();
    void spec_046_aServiceHasBothNames();
    void scenario_10_aBrowserWithTabsIsOneRow();
    void scenario_10_aHelperBelongsToItsProgram();
    void scenario_10_aScriptInATerminalIsItself();
    void scenario_11_hostileNamesAreOnlyText_data();
    void scenario_11_hostileNamesAreOnlyText();
    void scenario_11_aFakedLauncherIsNotBelieved();
    void scenario_11_aPathMayEndInDeleted();
    void aStoppedBusCostsAMomentOnly();

private:
    RealProgram &add() { return *m_programs.emplace_back(std::make_unique<RealProgram>()); }
    void look(const QString &file, int limit = 40'000);
    std::optional<AffectedApplication> rowOf(qint64 pid) const;
    bool bringUp(SdBox &box);
    QJsonArray holdersInside(SdBox &box, const QString &file);
    void lookAtRedis(QJsonObject &row);
    QString path(const QString &name) const { return m_folder->filePath(name); }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_library;
    QString m_document;
    std::vector<std::unique_ptr<RealProgram>> m_programs;
    std::unique_ptr<RestartSession> m_session;
};

void tst_Identification::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    chmod(QFile::encodeName(m_folder->path()).constData(), 0777);
    m_library = path(u"libproduct.so"_s);
    QVERIFY(QFile::copy(QStringLiteral(ENTRACTE_HELD_LIBRARY), m_library));
    m_document = path(u"letter.txt"_s);
    SampleProduct::write(m_document, "Dear reader,\n");
    m_session =
        std::make_unique<RestartSession>(createRestartBackend(std::make_shared<SystemClock>()));
}

void tst_Identification::cleanup()
{
    m_programs.clear();
    m_session.reset();
}

void tst_Identification::look(const QString &file, int limit)
{
    QVERIFY(m_session->registerFiles({file}));
    std::optional<Result<>> result;
    const std::unique_ptr<Job> list = m_session->list();
    connect(list.get(), &Job::finished, this, [&](const Result<> &ended) { result = ended; });
    list->start();
    QTRY_VERIFY_WITH_TIMEOUT(result, limit);
    QVERIFY(*result);
}

std::optional<AffectedApplication> tst_Identification::rowOf(qint64 pid) const
{
    for (const AffectedApplication &application : m_session->inTheWay())
        for (const UniqueProcess &process : application.processes)
            if (process.pid == pid)
                return application;
    return std::nullopt;
}

// --- names
// -----------------------------------------------------------------------------------------

void tst_Identification::scenario_09_programsHaveTheirName_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments"); // "@" is the document
    QTest::addColumn<QString>("title");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("icon");
    QTest::addColumn<bool>("hasDocument");

    const auto row = [](const QString &program, const QStringList &arguments, const QString &title,
                        const QString &name, const QString &icon, bool hasDocument) {
        QTest::newRow(qPrintable(program))
            << program << arguments << title << name << icon << hasDocument;
    };
    row(u"gedit"_s, {u"--standalone"_s, u"@"_s}, u"letter.txt"_s, u"gedit"_s, u"org.gnome.gedit"_s,
        true);
    row(u"mousepad"_s, {u"--disable-server"_s, u"@"_s}, u"letter.txt"_s, u"Mousepad"_s,
        u"org.xfce.mousepad"_s, true);
    row(u"kate"_s, {u"--startanon"_s, u"@"_s}, u"letter.txt"_s, u"Kate"_s, u"kate"_s, true);
    row(u"gnome-calculator"_s, {}, u"Calculator"_s, u"Calculator"_s, u"org.gnome.Calculator"_s,
        false);
    row(u"konsole"_s, {}, u"bash"_s, u"Konsole"_s, u"utilities-terminal"_s, false);
    row(u"xterm"_s, {u"-T"_s, u"held terminal"_s}, u"held terminal"_s, u"XTerm"_s, u"mini.xterm"_s,
        false);
    row(u"vlc"_s, {u"--intf"_s, u"qt"_s, u"--no-qt-privacy-ask"_s}, u"VLC"_s, u"VLC media player"_s,
        u"vlc"_s, false);
}

void tst_Identification::scenario_09_programsHaveTheirName()
{
    QFETCH(QString, program);
    QFETCH(QStringList, arguments);
    QFETCH(QString, title);
    QFETCH(QString, name);
    QFETCH(QString, icon);
    QFETCH(bool, hasDocument);
    if (QStandardPaths::findExecutable(program).isEmpty())
        QSKIP(qPrintable(program + u" is not installed"_s));
    RealProgram &running = add();
    running.preload(m_library);
    if (program == u"vlc") { // which refuses to run as root
        running.runAs(65534);
        running.setVariable(u"HOME"_s, m_folder->path());
        running.setVariable(u"XDG_RUNTIME_DIR"_s, m_folder->path());
    }
    const qint64 pid = running.start(program, arguments.replaceInStrings(u"@"_s, m_document));
    QVERIFY(pid > 0);
    QVERIFY(RealProgram::waitForWindow(title));

    look(m_library);

    const std::optional<AffectedApplication> row = rowOf(pid);
    QVERIFY(row);
    QCOMPARE(row->process.pid, pid);
    QCOMPARE(row->name, name);
    QCOMPARE(row->iconName, icon);
    QCOMPARE(row->type, ApplicationType::MainWindow);
    QVERIFY2(row->windowTitles.join(u'|').contains(title, Qt::CaseInsensitive),
             qPrintable(row->windowTitles.join(u'|')));
    QCOMPARE(row->document, hasDocument ? m_document : QString());
    QCOMPARE(row->requiredLevel, RestartLevel::Application);
}

void tst_Identification::scenario_09_windowsMakeTheType_data()
{
    QTest::addColumn<QString>("hint"); // empty: a window that is never shown
    QTest::addColumn<ApplicationType>("type");

    QTest::newRow("normal") << u"NORMAL"_s << ApplicationType::MainWindow;
    QTest::newRow("dialog only") << u"DIALOG"_s << ApplicationType::MainWindow;
    QTest::newRow("palette") << u"UTILITY"_s << ApplicationType::OtherWindow;
    QTest::newRow("panel") << u"DOCK"_s << ApplicationType::OtherWindow;
    QTest::newRow("background of the desktop") << u"DESKTOP"_s << ApplicationType::Shell;
    QTest::newRow("hidden") << QString() << ApplicationType::OtherWindow;
}

void tst_Identification::scenario_09_windowsMakeTheType()
{
    QFETCH(QString, hint);
    QFETCH(ApplicationType, type);
    const QString show =
        hint.isEmpty()
            ? u"w.realize()"_s
            : u"w.set_type_hint(getattr(Gdk.WindowTypeHint, '%1')); w.show_all()"_s.arg(hint);
    SampleProduct::write(path(u"window.py"_s),
                         u"import gi, sys; gi.require_version('Gtk', '3.0')\n"
                         "from gi.repository import Gtk, Gdk, GLib\n"
                         "w = Gtk.Window(title='some kind of window'); %1\n"
                         "Gdk.Display.get_default().sync()\n"
                         "GLib.timeout_add(200, lambda: open(sys.argv[1], 'w').close())\n"
                         "Gtk.main()\n"_s.arg(show)
                             .toUtf8());
    RealProgram &program = add();
    program.preload(m_library);
    const qint64 pid =
        program.start(u"/usr/bin/python3"_s, {path(u"window.py"_s), path(u"shown"_s)});
    QVERIFY(pid > 0);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path(u"shown"_s)), 20'000);
    if (!hint.isEmpty())
        QVERIFY(RealProgram::waitForWindow(u"some kind of window"_s));

    look(m_library);

    const std::optional<AffectedApplication> row = rowOf(pid);
    QVERIFY(row);
    QCOMPARE(row->type, type);
    QCOMPARE(row->windowTitles.isEmpty(), type != ApplicationType::MainWindow);
}

void tst_Identification::scenario_09_aNameOnTheBusNamesItsOwner()
{
    SampleProduct::write(path(u"owner.py"_s),
                         "import sys\nfrom gi.repository import Gio, GLib\n"
                         "Gio.bus_own_name(Gio.BusType.SESSION, 'org.gnome.gedit', 0, None,\n"
                         "    lambda *a: open(sys.argv[1], 'w').close(), None)\n"
                         "GLib.MainLoop().run()\n");
    RealProgram &owner = add();
    owner.preload(m_library);
    const qint64 pid = owner.start(u"/usr/bin/python3"_s, {path(u"owner.py"_s), path(u"owned"_s)});
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path(u"owned"_s)), 20'000);

    look(m_library);

    QVERIFY(rowOf(pid));
    QCOMPARE(rowOf(pid)->name, u"gedit"_s);
    QCOMPARE(rowOf(pid)->type, ApplicationType::Unknown);
}

// Two programs of one run of a sandbox are one row; its own file says whose.
void tst_Identification::scenario_09_aSandboxNamesItsApplication()
{
    if (QStandardPaths::findExecutable(u"bwrap"_s).isEmpty())
        QSKIP("bubblewrap is not installed");
    SampleProduct::write(path(u"info"_s), "[Application]\nname=org.kde.kate\n\n"
                                          "[Instance]\ninstance-id=4711\n");
    RealProgram &sandbox = add();
    QStringList arguments;
    for (const QString &folder : {u"/usr"_s, u"/bin"_s, u"/lib"_s, u"/lib64"_s, m_folder->path()})
        arguments += {u"--ro-bind-try"_s, folder, folder};
    arguments += {u"--dev"_s,
                  u"/dev"_s,
                  u"--proc"_s,
                  u"/proc"_s,
                  u"--ro-bind"_s,
                  path(u"info"_s),
                  u"/.flatpak-info"_s,
                  u"--setenv"_s,
                  u"LD_PRELOAD"_s,
                  m_library,
                  u"/bin/sh"_s,
                  u"-c"_s,
                  u"sleep 1000 & echo both; exec sleep 1001"_s};
    QVERIFY(sandbox.start(u"bwrap"_s, arguments) > 0);
    const bool areBoth = QTest::qWaitFor([&] { return sandbox.process().canReadLine(); }, 20'000);
    QVERIFY2(areBoth, sandbox.process().readAllStandardError().constData());

    const auto processesOfTheRow = [this] {
        look(m_library);
        return m_session->inTheWay().value(0).processes.size();
    };
    QTRY_COMPARE(processesOfTheRow(), 2); // both have become sleep
    QCOMPARE(m_session->inTheWay().size(), 1);
    QCOMPARE(m_session->inTheWay().first().name, u"Kate"_s);
}

bool tst_Identification::bringUp(SdBox &box)
{
    box.addUnit(u"redis-server.service"_s);
    for (const QString &folder : {u"/var/lib/redis"_s, u"/var/log/redis"_s})
        box.makePrivate(folder);
    return box.up();
}

// Only the unit tells: the program in it is sleep.
void tst_Identification::scenario_09_aUnitNamesItsApplication()
{
    SdBox box;
    const bool isUp = bringUp(box);
    if (box.wasImpossible())
        QSKIP(qPrintable(box.whyNot()));
    QVERIFY2(isUp, qPrintable(box.whyNot()));
    QCOMPARE(box.run({u"systemctl"_s, u"start"_s, u"user@65534.service"_s}), 0);
    const QStringList asUser{u"setpriv"_s,
                             u"--reuid=65534"_s,
                             u"--clear-groups"_s,
                             u"env"_s,
                             u"XDG_RUNTIME_DIR=/run/user/65534"_s,
                             u"systemd-run"_s,
                             u"--user"_s,
                             u"-q"_s,
                             u"-E"_s,
                             u"LD_PRELOAD="_s + m_library};
    const QString unit = u"app-KDE-org.kde.kate@x.service"_s;
    QCOMPARE(box.run(asUser + QStringList{u"--unit="_s + unit, u"sleep"_s, u"1000"_s}), 0);

    QTRY_VERIFY((look(m_library), m_session->inTheWay().size() == 1)); // it may still be starting
    const AffectedApplication row = m_session->inTheWay().first();
    QCOMPARE(row.name, u"Kate"_s);
    QCOMPARE(row.iconName, u"kate"_s);
    QCOMPARE(row.unit, unit);
    QVERIFY(row.isUserUnit);
    QVERIFY(row.type != ApplicationType::Service);
    QCOMPARE(row.ownerUid, 65534);

    // The real one, with its window, is the same to a person.
    QCOMPARE(box.run({u"systemctl"_s, u"stop"_s, u"user@65534.service"_s}), 0);
    QCOMPARE(
        box.run({u"systemd-run"_s, u"-q"_s, u"--unit="_s + unit, u"-E"_s,
                 u"LD_PRELOAD="_s + m_library, u"-E"_s,
                 u"DISPLAY="_s + qEnvironmentVariable("DISPLAY"), u"-E"_s,
                 u"HOME="_s + m_folder->path(), u"-E"_s, u"DBUS_SESSION_BUS_ADDRESS=disabled:"_s,
                 u"kate"_s, u"--startanon"_s, m_document}),
        0);
    QVERIFY(RealProgram::waitForWindow(u"letter.txt"_s));
    look(m_library);
    QCOMPARE(m_session->inTheWay().size(), 1);
    QCOMPARE(m_session->inTheWay().first().name, u"Kate"_s);
    QCOMPARE(m_session->inTheWay().first().type, ApplicationType::MainWindow);
    QVERIFY(m_session->inTheWay().first().executable.endsWith(u"/kate"));
}

QJsonArray tst_Identification::holdersInside(SdBox &box, const QString &file)
{
    if (box.run({QStringLiteral(ENTRACTE_LIST_HOLDERS), file}) != 0)
        qWarning("%s", box.errorOutput().constData());
    return QJsonDocument::fromJson(box.output()).object()[u"applications"_s].toArray();
}

/// The one row of Debian's redis in a box.
void tst_Identification::lookAtRedis(QJsonObject &row)
{
    SdBox box;
    const bool isUp = bringUp(box);
    if (box.wasImpossible())
        QSKIP(qPrintable(box.whyNot()));
    QVERIFY2(isUp, qPrintable(box.whyNot()));
    QCOMPARE(box.run({u"systemctl"_s, u"start"_s, u"redis-server.service"_s}), 0);
    const QJsonArray rows = holdersInside(box, u"/usr/bin/redis-server"_s);
    QCOMPARE(rows.size(), 1);
    row = rows.first().toObject();
}

void tst_Identification::scenario_09_aServiceHasItsDescription()
{
    QJsonObject row;
    lookAtRedis(row);
    if (row.isEmpty())
        return; // failed or skipped there
    QCOMPARE(row[u"name"_s].toString(), u"Advanced key-value store"_s);
    QVERIFY(row[u"executable"_s].toString().endsWith(u"/redis-check-rdb"));
}

void tst_Identification::spec_046_aServiceHasBothNames()
{
    QJsonObject row;
    lookAtRedis(row);
    if (row.isEmpty())
        return; // failed or skipped there
    QCOMPARE(row[u"type"_s].toString(), u"Service"_s);
    QCOMPARE(row[u"service"_s].toString(), u"redis-server"_s);
    QCOMPARE(row[u"name"_s].toString(), u"Advanced key-value store"_s);
    QCOMPARE(row[u"unit"_s].toString(), u"redis-server.service"_s);
    QVERIFY(row[u"comesBack"_s].toBool());
}

// --- rows
// ------------------------------------------------------------------------------------------

void tst_Identification::scenario_10_aBrowserWithTabsIsOneRow()
{
    if (QStandardPaths::findExecutable(u"chromium"_s).isEmpty())
        QSKIP("chromium is not installed");
    SampleProduct::write(path(u"a.html"_s), "<title>First tab</title>");
    SampleProduct::write(path(u"b.html"_s), "<title>Second tab</title>");
    RealProgram &browser = add();
    browser.preload(m_library);
    const qint64 pid = browser.start(
        u"chromium"_s, {u"--no-sandbox"_s, u"--disable-gpu"_s, u"--disable-background-networking"_s,
                        u"--disable-component-update"_s, u"--disable-sync"_s, u"--no-first-run"_s,
                        u"--no-default-browser-check"_s, u"--password-store=basic"_s,
                        u"--user-data-dir="_s + path(u"profile"_s),
                        u"file://"_s + path(u"a.html"_s), u"file://"_s + path(u"b.html"_s)});
    QVERIFY(pid > 0);
    QVERIFY(RealProgram::waitForWindow(u"tab"_s));

    look(m_library);

    QStringList rows;
    for (const AffectedApplication &row : m_session->inTheWay())
        rows.append(u"%1 %2 %3"_s.arg(row.name, row.executable).arg(row.processes.size()));
    QVERIFY2(rows.size() == 1, qPrintable(rows.join(u'\n')));
    const AffectedApplication row = m_session->inTheWay().first();
    QVERIFY2(row.name.contains(u"Chromium"), qPrintable(row.name));
    QCOMPARE(row.iconName, u"chromium"_s);
    QCOMPARE(row.type, ApplicationType::MainWindow);
    QVERIFY(row.processes.size() > 3); // browser, zygote, renderers
    QCOMPARE(row.process.pid, pid);    // the one with the window
}

// The helper holds the file, the program with the window does not.
void tst_Identification::scenario_10_aHelperBelongsToItsProgram()
{
    RealProgram &editor = add();
    const QString helper = path(u"helper.sh"_s);
    SampleProduct::write(helper, "exec 9<\"$1\"; echo held > \"$1.ready\"; exec sleep 1000\n");
    const QString held = path(u"held"_s);
    SampleProduct::write(held, "x");
    // A GTK program whose child stays in its session, as a language server does.
    const QString code = u"import subprocess, gi; gi.require_version('Gtk', '3.0')\n"
                         "from gi.repository import Gtk\n"
                         "w = Gtk.Window(title='with a helper'); w.show_all()\n"
                         "subprocess.Popen(['sh', '%1', '%2'])\n"
                         "Gtk.main()\n"_s.arg(helper, held);
    SampleProduct::write(path(u"editor.py"_s), code.toUtf8());
    const qint64 pid = editor.start(u"/usr/bin/python3"_s, {path(u"editor.py"_s)});
    QVERIFY(pid > 0);
    QVERIFY(RealProgram::waitForWindow(u"with a helper"_s));
    QTRY_VERIFY(QFile::exists(held + u".ready"_s));

    look(held);

    QCOMPARE(m_session->inTheWay().size(), 1);
    const AffectedApplication row = m_session->inTheWay().first();
    QCOMPARE(row.process.pid, pid);
    QCOMPARE(row.processes.size(), 2);
    QCOMPARE(row.name, u"editor.py"_s);
    QCOMPARE(row.type, ApplicationType::MainWindow);
}

void tst_Identification::scenario_10_aScriptInATerminalIsItself()
{
    SampleProduct::write(path(u"script.py"_s),
                         "import sys, time\nopen(sys.argv[1]).close()\n"
                         "f = open(sys.argv[1]); open(sys.argv[1] + '.ready', 'w').close()\n"
                         "time.sleep(1000)\n");
    RealProgram &terminal = add();
    terminal.preload(m_library);
    const qint64 pid =
        terminal.start(u"xterm"_s, {u"-T"_s, u"with a script"_s, u"-e"_s, u"/usr/bin/python3"_s,
                                    path(u"script.py"_s), m_library});
    QVERIFY(pid > 0);
    QTRY_VERIFY(QFile::exists(m_library + u".ready"_s));
    QVERIFY(RealProgram::waitForWindow(u"with a script"_s));

    look(m_library);

    QCOMPARE(m_session->inTheWay().size(), 2);
    const std::optional<AffectedApplication> xterm = rowOf(pid);
    QVERIFY(xterm);
    QCOMPARE(xterm->processes.size(), 1);
    QCOMPARE(xterm->type, ApplicationType::MainWindow);
    const auto rows = m_session->inTheWay();
    const AffectedApplication script =
        rows.first().process == xterm->process ? rows.last() : rows.first();
    QCOMPARE(script.name, u"script.py"_s);
    QCOMPARE(script.type, ApplicationType::Console);
    QVERIFY(script.windowTitles.isEmpty());
}

// --- strangers' text
// -------------------------------------------------------------------------------

void tst_Identification::scenario_11_hostileNamesAreOnlyText_data()
{
    QTest::addColumn<QString>("program"); // file name of the copy of sleep
    QTest::addColumn<QString>("code");    // python, before it sleeps; empty: the copy runs
    QTest::addColumn<QString>("name");    // empty: any one line of plain text

    QTest::newRow("control characters in its file name")
        << u"evil\n\x1b[31mname\x07"_s << QString() << u"evil [31mname"_s;
    QTest::newRow("argv[0] with lines and escapes")
        << u"plain"_s << u"os.execv(sys.argv[1], ['a\\nb\\x1b[2J' * 50, '1000'])"_s << u"plain"_s;
    QTest::newRow("calls itself a kernel thread") << u"kthreadd"_s << QString() << u"kthreadd"_s;
    QTest::newRow("calls itself the session's manager")
        << u"systemd"_s << QString() << u"systemd"_s;
    QTest::newRow("calls itself the display server") << u"Xorg"_s << QString() << u"Xorg"_s;
}

void tst_Identification::scenario_11_hostileNamesAreOnlyText()
{
    QFETCH(QString, program);
    QFETCH(QString, code);
    QFETCH(QString, name);
    const QString copy = path(program);
    QVERIFY(QFile::copy(u"/usr/bin/sleep"_s, copy));
    QCOMPARE(::chown(QFile::encodeName(copy).constData(), 65534, 65534), 0);
    RealProgram &stranger = add();
    stranger.preload(m_library);
    stranger.runAs(65534);
    const qint64 pid =
        code.isEmpty()
            ? stranger.start(copy, {u"1000"_s})
            : stranger.start(u"/usr/bin/python3"_s, {u"-c"_s, u"import os, sys; "_s + code, copy});
    QVERIFY(pid > 0);
    QTRY_COMPARE(QFile::symLinkTarget(u"/proc/%1/exe"_s.arg(pid)), copy);
    QVERIFY(RealProgram::waitUntilLoaded(pid, m_library)); // by that one, not by python

    look(m_library);

    const std::optional<AffectedApplication> row = rowOf(pid);
    QVERIFY(row);
    QCOMPARE(row->name, name);
    QVERIFY2(row->type != ApplicationType::Critical, qPrintable(row->reason));
}

// Children inherit the variables; a liar names a file that is no desktop entry of this machine.
void tst_Identification::scenario_11_aFakedLauncherIsNotBelieved()
{
    SampleProduct::write(path(u"fake.desktop"_s),
                         "[Desktop Entry]\nName=Your Bank\nExec=/usr/bin/sleep\n");
    const QString kate = u"/usr/share/applications/org.kde.kate.desktop"_s;
    for (const auto &[file, isItsOwn] : {std::pair(path(u"fake.desktop"_s), true),
                                         std::pair(kate, false), std::pair(kate, true)}) {
        RealProgram &stranger = add();
        stranger.preload(m_library);
        stranger.setVariable(u"GIO_LAUNCHED_DESKTOP_FILE"_s, file);
        stranger.setVariable(u"GIO_LAUNCHED_DESKTOP_FILE_PID"_s, u"1"_s);
        const QString start = isItsOwn
                                ? u"export GIO_LAUNCHED_DESKTOP_FILE_PID=$$; exec sleep 1000"_s
                                : u"exec sleep 1000"_s;
        const qint64 pid = stranger.start(u"/bin/sh"_s, {u"-c"_s, start});
        QTRY_VERIFY(QFile::symLinkTarget(u"/proc/%1/exe"_s.arg(pid)).endsWith(u"/sleep"));

        look(m_library);

        const std::optional<AffectedApplication> row = rowOf(pid);
        QVERIFY(row);
        // Only an entry of this machine, told to this very process, names it.
        QCOMPARE(row->name, file == kate && isItsOwn ? u"Kate"_s : u"sleep"_s);
        stranger.end();
    }
}

void tst_Identification::scenario_11_aPathMayEndInDeleted()
{
    const QString honest = path(u"tool"_s);
    const QString odd = path(u"tool (deleted)"_s);
    for (const QString &program : {honest, odd})
        QVERIFY(QFile::copy(u"/usr/bin/sleep"_s, program));
    RealProgram &replaced = add();
    RealProgram &named = add();
    for (RealProgram *program : {&replaced, &named})
        program->preload(m_library);
    const qint64 first = replaced.start(honest, {u"1000"_s});
    const qint64 second = named.start(odd, {u"1000"_s});
    QTRY_COMPARE(QFile::symLinkTarget(u"/proc/%1/exe"_s.arg(first)), honest);
    QTRY_COMPARE(QFile::symLinkTarget(u"/proc/%1/exe"_s.arg(second)), odd);
    QVERIFY(QFile::remove(honest));

    look(m_library);

    QVERIFY(rowOf(first) && rowOf(second));
    QCOMPARE(rowOf(first)->name, u"tool"_s);
    QCOMPARE(rowOf(first)->executable, honest);
    QCOMPARE(rowOf(second)->name, u"tool (deleted)"_s);
    QCOMPARE(rowOf(second)->executable, odd);
}

// --- and in time
// -----------------------------------------------------------------------------------

// The listing still comes, without what only the bus knows.
void tst_Identification::aStoppedBusCostsAMomentOnly()
{
    RealProgram bus;
    const qint64 daemon =
        bus.start(u"dbus-daemon"_s, {u"--session"_s, u"--nofork"_s, u"--nopidfile"_s,
                                     u"--address=unix:path="_s + path(u"bus"_s)});
    QVERIFY(daemon > 0);
    QTRY_VERIFY(QFile::exists(path(u"bus"_s)));
    QCOMPARE(::kill(pid_t(daemon), SIGSTOP), 0);
    RealProgram &holder = add();
    holder.preload(m_library);
    const qint64 pid = holder.start(u"/usr/bin/sleep"_s, {u"1000"_s});
    QTRY_VERIFY(QFile::symLinkTarget(u"/proc/%1/exe"_s.arg(pid)).endsWith(u"/sleep"));
    const QByteArray before = qgetenv("DBUS_SESSION_BUS_ADDRESS");
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + QFile::encodeName(path(u"bus"_s)));

    look(m_library, 15'000); // a call without a limit of ours is given 25 seconds
    qputenv("DBUS_SESSION_BUS_ADDRESS", before);

    QVERIFY(rowOf(pid));
}

int main(int argc, char **argv)
{
    (void)Guardian::takeUp(argc, argv); // or an agent: some programs here are another user's
    QCoreApplication application(argc, argv);
    tst_Identification test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_identification.moc"
