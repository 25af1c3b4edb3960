// SPDX-License-Identifier: MIT
#include "payload/namecollisions.h"
#include "transaction/directory.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QScopeGuard>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

Q_DECLARE_METATYPE(Entracte::NameFolding)

static constexpr NameFolding tellsAllApart;
static constexpr NameFolding foldsCase{true, false};
static constexpr NameFolding normalises{false, true};
static constexpr NameFolding doesBoth{true, true};

class tst_NameCollisions : public QObject
{
    Q_OBJECT

private slots:
    void namesThatAreOneAreRefused_data();
    void namesThatAreOneAreRefused();
    void namesThatAreTwoPass_data();
    void namesThatAreTwoPass();
    void theRefusalNamesEntriesArchivesAndRule_data();
    void theRefusalNamesEntriesArchivesAndRule();
    void oneSpellingInTwoComponentsIsNoCollision();
    void foldingKeepsTheParts_data();
    void foldingKeepsTheParts();
    void twentyThousandNamesTakeNoTime();
    void aFileSystemThatFoldsIsRecognised_data();
    void aFileSystemThatFoldsIsRecognised();

private:
    static PayloadEntry entry(const QString &path, const QString &archive = u"/pay/app.zip"_s,
                              EntryKind kind = EntryKind::File)
    {
        PayloadEntry entry;
        entry.path = path;
        entry.kind = kind;
        entry.archive = archive;
        return entry;
    }

    static QList<PayloadEntry> entries(const QStringList &paths)
    {
        QList<PayloadEntry> entries;
        for (const QString &path : paths)
            entries.append(entry(path));
        return entries;
    }
};

void tst_NameCollisions::namesThatAreOneAreRefused_data()
{
    QTest::addColumn<QStringList>("paths");
    QTest::addColumn<NameFolding>("folding");

    const auto row = [](const char *name, const QStringList &paths, NameFolding folding) {
        QTest::newRow(name) << paths << folding;
    };
    row("files", {u"a/README"_s, u"a/x"_s, u"a/readme"_s}, foldsCase);
    row("folders that are only mentioned", {u"Lib/a"_s, u"lib/b"_s}, foldsCase);
    row("deep folders", {u"a/b/C/d"_s, u"a/b/c/e"_s}, foldsCase);
    row("a folder and a file", {u"Data/a"_s, u"data"_s}, foldsCase);
    row("a file and a folder", {u"data"_s, u"x"_s, u"Data/a"_s}, foldsCase);
    row("Greek, with its final sigma", {u"ΟΔΟΣ"_s, u"οδος"_s}, foldsCase);
    row("sharp s", {u"Straße"_s, u"STRASSE"_s}, foldsCase);
    row("capital sharp s", {u"STRASSE"_s, u"STRA\u1e9eE"_s}, foldsCase);
    row("ligature", {u"\ufb01x"_s, u"FIX"_s}, foldsCase);
    row("Kelvin", {u"\x212a"_s, u"k"_s}, foldsCase);
    row("beyond the first plane", {u"\U00010400"_s, u"\U00010428"_s}, foldsCase);
    row("composed and decomposed", {u"\xe9t\xe9"_s, u"e\x0301te\x0301"_s}, normalises);
    row("decomposed folders", {u"e\x0301/a"_s, u"\xe9/b"_s}, normalises);
    row("two accents in another order", {u"a\x0323\x0301"_s, u"a\x0301\x0323"_s}, normalises);
    row("Hangul", {u"\xd55c"_s, u"\x1112\x1161\x11ab"_s}, normalises);
    row("Angstrom", {u"\x212b"_s, u"\xc5"_s}, normalises);
    row("case, where both are done", {u"a"_s, u"A"_s}, doesBoth);
    row("accents, where both are done", {u"\xe9"_s, u"e\x0301"_s}, doesBoth);
    row("case and accents at once", {u"\xc9"_s, u"e\x0301"_s}, doesBoth);
    row("folded only when decomposed", {u"\x0345\x0301"_s, u"\x0301\x03b9"_s}, doesBoth);
    row("an invisible character", {u"plug\x200b/a"_s, u"Plug/b"_s}, doesBoth);
}

void tst_NameCollisions::namesThatAreOneAreRefused()
{
    QFETCH(QStringList, paths);
    QFETCH(NameFolding, folding);

    const Result<> checked = NameCollisions::check(entries(paths), folding);

    QVERIFY(!checked);
    QCOMPARE(checked.error().code, ErrorCode::BadPayload);
    QVERIFY2(checked.error().message.contains(paths.first()), qPrintable(checked.error().message));
    QVERIFY2(checked.error().message.contains(paths.last()), qPrintable(checked.error().message));
}

void tst_NameCollisions::namesThatAreTwoPass_data()
{
    QTest::addColumn<QStringList>("paths");
    QTest::addColumn<NameFolding>("folding");

    const auto row = [](const char *name, const QStringList &paths, NameFolding folding) {
        QTest::newRow(name) << paths << folding;
    };
    row("case, told apart", {u"Lib/a"_s, u"lib/a"_s}, tellsAllApart);
    row("accents, told apart", {u"\xe9"_s, u"e\x0301"_s}, tellsAllApart);
    row("accents, only case folded", {u"\xe9"_s, u"e\x0301"_s}, foldsCase);
    row("case, only normalised", {u"Lib/a"_s, u"lib/b"_s}, normalises);
    row("an accent or none", {u"e"_s, u"\xe9"_s}, doesBoth);
    row("the same name elsewhere", {u"a/Read"_s, u"b/read"_s}, doesBoth);
    row("a name and its beginning", {u"lib"_s, u"library"_s, u"lib.d/a"_s}, doesBoth);
    row("with a dot and without", {u"s\u0131r"_s, u"sir"_s}, doesBoth);
    row("compatible, not the same", {u"\uff41"_s, u"a"_s}, doesBoth);
    row("one folder, many times", {u"Lib"_s, u"Lib/a"_s, u"Lib/b"_s, u"Lib/c/d"_s}, doesBoth);
}

void tst_NameCollisions::namesThatAreTwoPass()
{
    QFETCH(QStringList, paths);
    QFETCH(NameFolding, folding);

    const Result<> checked = NameCollisions::check(entries(paths), folding);

    QVERIFY2(checked, checked ? "" : qPrintable(checked.error().message));
}

void tst_NameCollisions::theRefusalNamesEntriesArchivesAndRule_data()
{
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    QTest::addColumn<QString>("archive");
    QTest::addColumn<QStringList>("words");

    QTest::newRow("one archive") << u"Lib/a"_s << u"lib/b"_s << u"/pay/app.zip"_s
                                 << QStringList{u"“/pay/app.zip” is refused"_s, u"“Lib/a”"_s,
                                                u"“lib/b”"_s, u"“Lib” and “lib” are one name"_s,
                                                u"does not tell capital letters"_s};
    QTest::newRow("two archives") << u"\xe9"_s << u"e\x0301"_s << u"/pay/more.zip"_s
                                  << QStringList{u"“/pay/app.zip” and “/pay/more.zip”"_s,
                                                 u"“\xe9” and “e\x0301” are one name"_s,
                                                 u"does not tell an accented character"_s};
    QTest::newRow("names like places")
        << u"%2/a%5"_s << u"%2/A%5"_s << u"/pay/%3.zip"_s
        << QStringList{u"“%2/a%5” and “%2/A%5” are one name"_s, u"“/pay/%3.zip” are refused"_s};
    QTest::newRow("both rules") << u"\xc9"_s << u"e\x0301"_s << u"/pay/app.zip"_s
                                << QStringList{u"tells neither capital letters"_s};
}

void tst_NameCollisions::theRefusalNamesEntriesArchivesAndRule()
{
    QFETCH(QString, first);
    QFETCH(QString, second);
    QFETCH(QString, archive);
    QFETCH(QStringList, words);

    const Result<> checked =
        NameCollisions::check({entry(first), entry(second, archive)}, doesBoth);

    QVERIFY(!checked);
    const QString message = checked.error().message;
    for (const QString &word : std::as_const(words))
        QVERIFY2(message.contains(word), qPrintable(message));
    QVERIFY(message.endsWith(u'.'));
}

void tst_NameCollisions::oneSpellingInTwoComponentsIsNoCollision()
{
    const Result<> checked =
        NameCollisions::check({entry(u"Lib"_s, u"/a.zip"_s, EntryKind::Directory),
                               entry(u"Lib/a"_s, u"/a.zip"_s), entry(u"Lib/a"_s, u"/b.zip"_s)},
                              doesBoth);

    QVERIFY(checked); // the planner has its own words for a file that two components bring
}

void tst_NameCollisions::foldingKeepsTheParts_data()
{
    QTest::addColumn<NameFolding>("folding");

    QTest::newRow("case") << foldsCase;
    QTest::newRow("accents") << normalises;
    QTest::newRow("both") << doesBoth;
}

void tst_NameCollisions::foldingKeepsTheParts()
{
    QFETCH(NameFolding, folding);

    // Whatever stands beside a slash, there are as many slashes afterwards, and a second folding
    // changes nothing.
    for (char32_t character = 1; character <= QChar::LastValidCodePoint; ++character) {
        if (QChar::isSurrogate(character))
            continue;
        const QString letter = QStringView(QChar::fromUcs4(character)).toString();
        const QString path = u"a/"_s + letter + u"/b"_s + letter;
        const QString folded = folding.folded(path);
        if (folded.count(u'/') != path.count(u'/') || folding.folded(folded) != folded)
            QFAIL(qPrintable(u"U+%1"_s.arg(uint(character), 4, 16, QChar(u'0'))));
    }
}

void tst_NameCollisions::twentyThousandNamesTakeNoTime()
{
    QList<PayloadEntry> many;
    for (int i = 0; i < 20'000; ++i)
        many.append(
            entry(u"share/Application/Catalogue-%1/deep/File-%2.txt"_s.arg(i % 200).arg(i)));
    many.append(entry(u"share/application"_s));

    QBENCHMARK
    {
        QVERIFY(!NameCollisions::check(many, doesBoth));
    }
}

void tst_NameCollisions::aFileSystemThatFoldsIsRecognised_data()
{
    QTest::addColumn<QStringList>("driver");
    QTest::addColumn<NameFolding>("expected");

    QTest::newRow("NTFS as Windows has it")
        << QStringList{u"lowntfs-3g"_s, u"-o"_s, u"ignore_case"_s} << foldsCase;
    QTest::newRow("NTFS as Linux has it") << QStringList{u"ntfs-3g"_s} << tellsAllApart;
}

/// A real one: the kernel's own that fold (ext4 with casefold, vfat) are not in every kernel.
void tst_NameCollisions::aFileSystemThatFoldsIsRecognised()
{
    QFETCH(QStringList, driver);
    QFETCH(NameFolding, expected);
    if (QStandardPaths::findExecutable(driver.first()).isEmpty() || geteuid() != 0
        || !QFile::exists(u"/dev/fuse"_s))
        QSKIP("needs ntfs-3g, root and FUSE");
    const QTemporaryDir folder;
    const QString image = folder.filePath(u"image"_s);
    const QString mount = folder.filePath(u"mount"_s);
    QFile file(image);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(4 * 1024 * 1024));
    file.close();
    QVERIFY(QDir().mkdir(mount));
    QCOMPARE(QProcess::execute(u"mkntfs"_s, {u"-q"_s, u"-Q"_s, u"-F"_s, image}), 0);
    if (QProcess::execute(driver.first(), driver.sliced(1) + QStringList{image, mount}) != 0)
        QSKIP("this container may not mount");
    const auto unmount = qScopeGuard([&] { QProcess::execute(u"umount"_s, {mount}); });

    Result<Directory> directory = Directory::open(mount);
    QVERIFY(directory);
    const Result<NameFolding> folding = directory->nameFolding();

    QVERIFY2(folding, folding ? "" : qPrintable(folding.error().message));
    QVERIFY(*folding == expected);
    QCOMPARE(QDir(mount).entryList(QDir::AllEntries | QDir::NoDotAndDotDot), QStringList());
    QFile upper(mount + u"/É"_s);
    QVERIFY(upper.open(QIODevice::WriteOnly));
    QCOMPARE(QFile::exists(mount + u"/é"_s), expected.foldsCase);
    QCOMPARE(bool(NameCollisions::check(entries({u"É/a"_s, u"é/b"_s}), *folding)),
             !expected.foldsCase);
}

QTEST_GUILESS_MAIN(tst_NameCollisions)
#include "tst_namecollisions.moc"
