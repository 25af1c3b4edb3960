// SPDX-License-Identifier: MIT
#include "platform/linux/identification/desktopentries.h"
#include "platform/linux/identification/ubiquity.h"
#include "platform/linux/identification/unitname.h"
#include "platform/linux/interpreter.h"
#include "support/sampleproduct.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

/// Each kind of evidence by itself: what a control group, a command line, a desktop entry says, and
/// what it does not get away with.
class tst_Evidence : public QObject
{
    Q_OBJECT

private slots:
    void controlGroupsNameUnits_data();
    void controlGroupsNameUnits();
    void commandLinesNameScripts_data();
    void commandLinesNameScripts();
    void entriesAreFoundByEachEvidence();
    void aNearerFolderTakesAnEntryAway();
    void hugeAndOddEntriesDoNoHarm();
    void aLibraryIsUbiquitousByFactsOnly_data();
    void aLibraryIsUbiquitousByFactsOnly();
};

void tst_Evidence::controlGroupsNameUnits_data()
{
    QTest::addColumn<QByteArray>("controlGroup");
    QTest::addColumn<Unit::Kind>("kind");
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isUserUnit");
    QTest::addColumn<QString>("applicationId");
    QTest::addColumn<int>("logonSession");

    using Kind = Unit::Kind;
    const QByteArray user = "/user.slice/user-1000.slice/user@1000.service";
    const auto row = [](const char *name) -> QTestData & { return QTest::newRow(name); };
    row("nothing") << QByteArray("/") << Kind::None << u""_s << false << u""_s << -1;
    row("a service") << QByteArray("/system.slice/redis-server.service") << Kind::Service
                     << u"redis-server.service"_s << false << u""_s << -1;
    row("a service with groups of its own")
        << QByteArray("/system.slice/docker.service/abc/init.scope") << Kind::Service
        << u"docker.service"_s << false << u""_s << -1;
    row("a login") << QByteArray("/user.slice/user-1000.slice/session-3.scope")
                   << Kind::LogonSession << u"session-3.scope"_s << false << u""_s << 3;
    row("a login with a letter") << QByteArray("/user.slice/user-120.slice/session-c2.scope")
                                 << Kind::LogonSession << u"session-c2.scope"_s << false << u""_s
                                 << -1;
    row("GNOME") << user + "/app.slice/app-gnome-org.gnome.gedit-4711.scope" << Kind::Application
                 << u"app-gnome-org.gnome.gedit-4711.scope"_s << true << u"org.gnome.gedit"_s << -1;
    row("KDE") << user + "/app.slice/app-org.kde.kate-0af5.scope" << Kind::Application
               << u"app-org.kde.kate-0af5.scope"_s << true << u"org.kde.kate"_s << -1;
    row("KDE as a service") << user + "/app.slice/app-KDE-org.kde.kate@x.service"
                            << Kind::Application << u"app-KDE-org.kde.kate@x.service"_s << true
                            << u"org.kde.kate"_s << -1;
    row("escaped dashes") << user + R"(/app.slice/app-gnome-firefox\x2desr-12.scope)"
                          << Kind::Application << uR"(app-gnome-firefox\x2desr-12.scope)"_s << true
                          << u"firefox-esr"_s << -1;
    row("autostart") << user + "/app.slice/app-org.kde.korgac@autostart.service"
                     << Kind::Application << u"app-org.kde.korgac@autostart.service"_s << true
                     << u"org.kde.korgac"_s << -1;
    row("flatpak") << user + "/app.slice/app-flatpak-org.gnome.Maps-77.scope" << Kind::Application
                   << u"app-flatpak-org.gnome.Maps-77.scope"_s << true << u"org.gnome.Maps"_s << -1;
    row("snap") << user
                       + "/app.slice/"
                         "snap.hello-world.env-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0.scope"
                << Kind::Application
                << u"snap.hello-world.env-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0.scope"_s << true
                << u"hello-world_env"_s << -1;
    row("started by the bus") << user + "/app.slice/dbus-:1.2-org.gnome.Calculator@0.service"
                              << Kind::Activated << u"dbus-:1.2-org.gnome.Calculator@0.service"_s
                              << true << u"org.gnome.Calculator"_s << -1;
    row("a tab") << user + "/app.slice/vte-spawn-0f1e.scope" << Kind::Terminal
                 << u"vte-spawn-0f1e.scope"_s << true << u""_s << -1;
    row("the user's manager") << user + "/init.scope" << Kind::UserManager << u"init.scope"_s
                              << true << u""_s << -1;
    row("a user's service") << user + "/app.slice/syncthing.service" << Kind::Service
                            << u"syncthing.service"_s << true << u""_s << -1;
    row("a name of no length") << "/system.slice/" + QByteArray(5000, 'x') + ".service"
                               << Kind::None << u""_s << false << u""_s << -1;
    row("hostile escapes") << user + R"(/app.slice/app-x\x0a\x1b[31m\x2-1.scope)"
                           << Kind::Application << uR"(app-x\x0a\x1b[31m\x2-1.scope)"_s << true
                           << uR"(x [31m\x2)"_s << -1;
}

void tst_Evidence::controlGroupsNameUnits()
{
    QFETCH(QByteArray, controlGroup);
    QFETCH(Unit::Kind, kind);

    const Unit unit = unitIn(controlGroup);

    QCOMPARE(unit.kind, kind);
    QTEST(unit.name, "name");
    QTEST(unit.isUserUnit, "isUserUnit");
    QTEST(unit.applicationId, "applicationId");
    QTEST(unit.logonSession, "logonSession");
}

void tst_Evidence::commandLinesNameScripts_data()
{
    QTest::addColumn<QString>("executable");
    QTest::addColumn<QByteArray>("line"); // words cut at spaces
    QTest::addColumn<QString>("name");    // empty: no script
    QTest::addColumn<QByteArray>("path");

    const auto row = [](const char *name, const QString &executable, const QByteArray &line,
                        const QString &script, const QByteArray &path) {
        QTest::newRow(name) << executable << line << script << path;
    };
    row("python", u"/usr/bin/python3.11"_s, "python3 -u -W ignore ./tools/report.py --for all",
        u"report.py"_s, "./tools/report.py");
    row("module", u"/usr/bin/python3.11"_s, "python3 -m http.server 80", u"http.server"_s, "");
    row("module in a cluster", u"/usr/bin/python3.11"_s, "python3 -um http.server",
        u"http.server"_s, "");
    row("command", u"/usr/bin/python3.11"_s, "python3 -c pass report.py", {}, "");
    row("java -jar", u"/opt/jdk/bin/java"_s, "java -Xmx1g -cp a.jar -jar /opt/app/app.jar x",
        u"app.jar"_s, "/opt/app/app.jar");
    row("main class", u"/opt/jdk/bin/java"_s, "java -cp a.jar:b.jar org.example.Main x",
        u"org.example.Main"_s, "");
    row("shell", u"/usr/bin/bash"_s, "bash -e /usr/bin/run-it", u"run-it"_s, "/usr/bin/run-it");
    row("shell command", u"/usr/bin/bash"_s, "bash -ec exit", {}, "");
    row("interactive shell", u"/usr/bin/bash"_s, "bash -i", {}, "");
    row("login shell", u"/usr/bin/bash"_s, "-bash", {}, "");
    row("perl", u"/usr/bin/perl"_s, "perl -w -Ilib tool.pl", u"tool.pl"_s, "tool.pl");
    row("perl command", u"/usr/bin/perl"_s, "perl -lane print x", {}, "");
    row("node", u"/usr/bin/node"_s, "node --require x.js server.js", u"server.js"_s, "server.js");
    row("after the options", u"/usr/bin/dash"_s, "sh -- -odd", u"-odd"_s, "-odd");
    row("no interpreter", u"/usr/bin/kate"_s, "kate file.py", {}, "");
    row("an option too many", u"/usr/bin/python3"_s, "python3 -W", {}, "");
    row("nothing", u"/usr/bin/python3"_s, "", {}, "");
}

void tst_Evidence::commandLinesNameScripts()
{
    QFETCH(QString, executable);
    QFETCH(QByteArray, line);

    const std::optional<Script> script = scriptOf(executable, line.split(' '));

    QTEST(script ? script->name : QString(), "name");
    QTEST(script ? script->path : QByteArray(), "path");
}

void tst_Evidence::entriesAreFoundByEachEvidence()
{
    const QTemporaryDir folder;
    SampleProduct::write(folder.filePath(u"bin/prog"_s), "x");
    SampleProduct::write(folder.filePath(u"bin/tool.py"_s), "x");
    QFile::link(u"prog"_s, folder.filePath(u"bin/alias"_s));
    const QByteArray bin = QFile::encodeName(folder.filePath(u"bin"_s));
    SampleProduct::write(folder.filePath(u"a/org.example.Prog.desktop"_s),
                         "[Desktop Entry]\nName=Program\nName[xx]=Other\nIcon=prog\nExec=env A=b \""
                             + bin
                             + "/alias\" %F\nStartupWMClass=ProgClass\n[Desktop Action New]\n"
                               "Name=New Window\n");
    SampleProduct::write(folder.filePath(u"a/sub/Tool.desktop"_s),
                         "[Desktop Entry]\nName=Tool\nNoDisplay=true\nExec=python3 " + bin
                             + "/tool.py\n");
    const DesktopEntries entries({folder.filePath(u"a"_s)});

    const DesktopEntry *entry = entries.byId(u"org.example.prog"_s);
    QVERIFY(entry);
    QCOMPARE(entry->name, u"Program"_s);
    QCOMPARE(entry->icon, u"prog"_s);
    QVERIFY(entry->takesDocuments);
    QCOMPARE(entries.byWindowClass(u"progclass"_s), entry);
    QCOMPARE(entries.byWindowClass(u"org.example.Prog"_s), entry);
    QCOMPARE(entries.byProgram(*identityAt(AT_FDCWD, bin + "/prog")), entry);
    QCOMPARE(entries.byFile(folder.filePath(u"a/org.example.Prog.desktop"_s)), entry);
    QCOMPARE(entries.byProgram(*identityAt(AT_FDCWD, bin + "/tool.py")),
             entries.byId(u"sub-Tool"_s));
    QVERIFY(!entries.byFile(folder.filePath(u"b/org.example.Prog.desktop"_s)));
    QVERIFY(!entries.byProgram(*identityAt(AT_FDCWD, "/usr/bin/env")));
}

void tst_Evidence::aNearerFolderTakesAnEntryAway()
{
    const QTemporaryDir folder;
    SampleProduct::write(folder.filePath(u"near/one.desktop"_s), "[Desktop Entry]\nHidden=true\n");
    SampleProduct::write(folder.filePath(u"near/two.desktop"_s), "[Desktop Entry]\nName=Near\n");
    SampleProduct::write(folder.filePath(u"far/one.desktop"_s), "[Desktop Entry]\nName=Far\n");
    SampleProduct::write(folder.filePath(u"far/two.desktop"_s), "[Desktop Entry]\nName=Far\n");

    const DesktopEntries entries({folder.filePath(u"near"_s), folder.filePath(u"far"_s)});

    QVERIFY(!entries.byId(u"one"_s));
    QCOMPARE(entries.byId(u"two"_s)->name, u"Near"_s);
}

// A pipe that nobody writes into would hang whoever opens it as a file.
void tst_Evidence::hugeAndOddEntriesDoNoHarm()
{
    const QTemporaryDir folder;
    const QByteArray longName(10'000'000, 'N');
    SampleProduct::write(folder.filePath(u"huge.desktop"_s),
                         "[Desktop Entry]\nName=" + longName + "\nExec=/bin/true\n");
    QCOMPARE(mkfifo(QFile::encodeName(folder.filePath(u"pipe.desktop"_s)).constData(), 0600), 0);
    QFile::link(u"/dev/zero"_s, folder.filePath(u"zero.desktop"_s));
    SampleProduct::write(folder.filePath(u"odd.desktop"_s),
                         QByteArray("[Desktop Entry]\nName=a\x1b[31m\0b\rc\nExec=\"\\\n", 40));

    const DesktopEntries entries({folder.path()});

    QCOMPARE(entries.byId(u"huge"_s)->name.size(), 120);
    QVERIFY(!entries.byId(u"pipe"_s) || entries.byId(u"pipe"_s)->name.isEmpty());
    for (const QChar character : entries.byId(u"odd"_s)->name)
        QVERIFY(character.isPrint());
}

void tst_Evidence::aLibraryIsUbiquitousByFactsOnly_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("holders");
    QTest::addColumn<int>("inspected");
    QTest::addColumn<bool>("criticalHolds");
    QTest::addColumn<bool>("isUbiquitous");

    const QString libc = u"/usr/lib/x86_64-linux-gnu/libc.so.6"_s;
    QTest::newRow("by most") << libc << 51 << 100 << false << true;
    QTest::newRow("by half") << libc << 50 << 100 << false << false;
    QTest::newRow("by one that all need") << libc << 1 << 100 << true << true;
    QTest::newRow("by one") << libc << 1 << 100 << false << false;
    QTest::newRow("by most of too few") << libc << 5 << 6 << false << false;
    QTest::newRow("a product's library")
        << u"/usr/lib/aurora/libaurora.so"_s << 100 << 100 << true << false;
    QTest::newRow("a program") << u"/usr/bin/bash"_s << 100 << 100 << true << false;
}

void tst_Evidence::aLibraryIsUbiquitousByFactsOnly()
{
    QFETCH(QString, file);
    QFETCH(int, holders);
    QFETCH(int, inspected);
    QFETCH(bool, criticalHolds);
    QFETCH(bool, isUbiquitous);
    if (file.startsWith(u"/usr/lib/x86_64") && !QFile::exists(file))
        QSKIP("this machine keeps its libraries elsewhere");
    ProcessScan scan;
    scan.inspected = inspected;
    for (int pid = 1000; pid < 1000 + holders; ++pid)
        scan.holders.append({{pid, 1}, {{file, HoldKind::Mapped}}, {}});

    const QSet<QString> found = ubiquitousFiles(scan, [criticalHolds](const UniqueProcess &one) {
        return criticalHolds && one.pid == 1000;
    });

    QCOMPARE(found.contains(file), isUbiquitous);
}

QTEST_GUILESS_MAIN(tst_Evidence)
#include "tst_evidence.moc"
