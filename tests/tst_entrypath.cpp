// SPDX-License-Identifier: MIT
#include "payload/entrypath.h"

#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_EntryPath : public QObject
{
    Q_OBJECT

private slots:
    void safeNamesPass_data();
    void safeNamesPass();
    void unsafeNamesAreRefused_data();
    void unsafeNamesAreRefused();
    void linksInsidePass_data();
    void linksInsidePass();
    void linksThatLeadOutAreRefused_data();
    void linksThatLeadOutAreRefused();
    void refusalsDoNotRepeatWhatForges_data();
    void refusalsDoNotRepeatWhatForges();
};

void tst_EntryPath::safeNamesPass_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("path");

    QTest::newRow("file") << u"a.txt"_s << u"a.txt"_s;
    QTest::newRow("deep") << u"a/b/c"_s << u"a/b/c"_s;
    QTest::newRow("directory") << u"a/b/"_s << u"a/b"_s;
    QTest::newRow("dots in a name") << u"a..b/...c"_s << u"a..b/...c"_s;
    QTest::newRow("hidden") << u".config"_s << u".config"_s;
    QTest::newRow("spaces and accents") << u"mon été/ça va"_s << u"mon été/ça va"_s;
    QTest::newRow("our name, deeper") << u"a/.entracte"_s << u"a/.entracte"_s;
    QTest::newRow("begins like ours") << u".entracted/a"_s << u".entracted/a"_s;
    QTest::newRow("our name without its dot") << u"entracte/a"_s << u"entracte/a"_s;
    QTest::newRow("not quite our short name") << u"entrac~x"_s << u"entrac~x"_s;
    QTest::newRow("Arabic, with a mark")
        << u"\x645\x644\x641\x200f.txt"_s << u"\x645\x644\x641\x200f.txt"_s;
    QTest::newRow("Persian, with a non-joiner")
        << u"\x645\x6cc\x200c\x62e"_s << u"\x645\x6cc\x200c\x62e"_s;
    QTest::newRow("emoji, joined") << u"👩\x200d💻"_s << u"👩\x200d💻"_s;
    QTest::newRow("only Windows minds the dot") << u"a."_s << u"a."_s;
    QTest::newRow("only Windows minds the space") << u"a /b "_s << u"a /b "_s;
    QTest::newRow("only Windows minds the device") << u"aux"_s << u"aux"_s;
    QTest::newRow("three dots") << u"..."_s << u"..."_s;
    QTest::newRow("255 bytes in 85 letters") << QString(85, u'\x0967') << QString(85, u'\x0967');
    QTest::newRow("252 bytes in pairs") << u"💻"_s.repeated(63) << u"💻"_s.repeated(63);
    QTest::newRow("3000 bytes") << u"abcdefg/"_s.repeated(375).chopped(1) + u'h'
                                << u"abcdefg/"_s.repeated(375).chopped(1) + u'h';
    QTest::newRow("255 bytes") << QString(255, u'x') << QString(255, u'x');
}

void tst_EntryPath::safeNamesPass()
{
    QFETCH(QString, name);
    QFETCH(QString, path);

    const Result<QString> judged = EntryPath::fromEntryName(name);

    QVERIFY(judged);
    QCOMPARE(*judged, path);
}

void tst_EntryPath::unsafeNamesAreRefused_data()
{
    QTest::addColumn<QString>("name");

    QTest::newRow("empty") << u""_s;
    QTest::newRow("absolute") << u"/etc/passwd"_s;
    QTest::newRow("only a slash") << u"/"_s;
    QTest::newRow("drive letter") << u"C:/a"_s;
    QTest::newRow("backslash") << u"a\\b"_s;
    QTest::newRow("parent") << u"../a"_s;
    QTest::newRow("parent inside") << u"a/../../b"_s;
    QTest::newRow("parent at the end") << u"a/.."_s;
    QTest::newRow("dot") << u"./a"_s;
    QTest::newRow("empty component") << u"a//b"_s;
    QTest::newRow("two trailing slashes") << u"a//"_s;
    QTest::newRow("line feed") << u"a\nb"_s;
    QTest::newRow("null") << u"a\0b"_s;
    QTest::newRow("delete") << u"a\x7f"_s;
    QTest::newRow("C1 control") << u"a\x85"_s;
    QTest::newRow("C1 escape") << u"\x9b\x32J"_s;
    QTest::newRow("line separator") << u"a\x2028"_s;
    QTest::newRow("paragraph separator") << u"\x2029z"_s;
    QTest::newRow("reads exe.jpg") << u"a\x202egpj.exe"_s;
    QTest::newRow("embedding") << u"\x202a\x61"_s;
    QTest::newRow("isolate") << u"a/\x2066\x62"_s;
    QTest::newRow("end of isolate") << u"a/b\x2069"_s;
    QTest::newRow("dots with a slash") << u"../"_s;
    QTest::newRow("only a dot") << u"."_s;
    QTest::newRow("drive alone") << u"c:"_s;
    QTest::newRow("half a pair") << u"a"_s + QChar(0xd83d);
    QTest::newRow("halves in the wrong order") << QString(QChar(0xdc69)) + QChar(0xd83d);
    QTest::newRow("258 bytes in 86 letters") << QString(86, u'\x0967');
    QTest::newRow("256 bytes in pairs") << u"💻"_s.repeated(64);
    QTest::newRow("3001 bytes") << u"abcdefg/"_s.repeated(375) + u'h';
    QTest::newRow("256 bytes") << QString(256, u'x');
    QTest::newRow("256 bytes in 128 letters") << QString(128, u'é');
    QTest::newRow("too deep") << u"abcdefg/"_s.repeated(600);
    QTest::newRow("ours") << u".entracte/receipt.json"_s;
    QTest::newRow("ours, a folder") << u".entracte/"_s;
    QTest::newRow("ours in capitals") << u".ENTRACTE"_s;
    QTest::newRow("ours in both") << u".EnTracte/work/a"_s;
    QTest::newRow("ours, with an invisible character") << u".ent\x200cracte"_s;
    QTest::newRow("byte order mark") << u"\xfeff/d"_s;
    QTest::newRow("byte order mark inside") << u"a/\xfeff"_s;
    QTest::newRow("swapped byte order mark") << u"a/\xfffe"_s;
    QTest::newRow("ours, behind a byte order mark") << u"\xfeff.entracte/a"_s;
    QTest::newRow("ours, with a soft hyphen, in capitals") << u".ENTR\u00adACTE"_s;
    QTest::newRow("ours to FAT, dot") << u".entracte./receipt.json"_s;
    QTest::newRow("ours to FAT, space") << u".entracte "_s;
    QTest::newRow("ours to FAT, short") << u"ENTRAC~1/receipt.json"_s;
    QTest::newRow("ours to FAT, short, later") << u"entrac~12"_s;
    QTest::newRow("ours to NTFS, stream") << u".entracte::$INDEX_ALLOCATION/a"_s;
    QTest::newRow("not text") << u"a\xfffd"_s;
}

void tst_EntryPath::unsafeNamesAreRefused()
{
    QFETCH(QString, name);

    const Result<QString> judged = EntryPath::fromEntryName(name);

    QVERIFY(!judged);
    QCOMPARE(judged.error().code, ErrorCode::BadPayload);
    QVERIFY(judged.error().message.endsWith(u'.'));
}

void tst_EntryPath::linksInsidePass_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("target");

    QTest::newRow("sibling") << u"lib/libx.so"_s << u"libx.so.1"_s;
    QTest::newRow("up and down") << u"bin/x"_s << u"../lib/x"_s;
    QTest::newRow("root") << u"a/b/c"_s << u"../.."_s;
    QTest::newRow("dot") << u"here"_s << u"."_s;
}

void tst_EntryPath::linksInsidePass()
{
    QFETCH(QString, path);
    QFETCH(QString, target);

    QVERIFY(EntryPath::checkLinkTarget(path, target));
}

void tst_EntryPath::linksThatLeadOutAreRefused_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("target");

    QTest::newRow("empty") << u"a"_s << u""_s;
    QTest::newRow("absolute") << u"a"_s << u"/etc"_s;
    QTest::newRow("parent") << u"a"_s << u".."_s;
    QTest::newRow("too far up") << u"a/b"_s << u"../../x"_s;
    QTest::newRow("down and out") << u"a"_s << u"b/../../c"_s;
    QTest::newRow("through another link") << u"a"_s << u"p/q/r/../.."_s;
    QTest::newRow("null") << u"a"_s << u"b\0c"_s;
    QTest::newRow("line feed") << u"a"_s << u"b\nc"_s;
    QTest::newRow("line separator") << u"a"_s << u"b\x2028"_s;
    QTest::newRow("turned text") << u"a"_s << u"b\x202e\x63"_s;
    QTest::newRow("byte order mark") << u"a/b/c"_s << u"../../\xfeff/d"_s;
    QTest::newRow("half a pair") << u"a"_s << u"b"_s + QChar(0xd83d);
    QTest::newRow("too long") << u"a"_s << u"abcdefg/"_s.repeated(400);
    QTest::newRow("dots between slashes") << u"a/b"_s << u".//..//./.."_s;
}

void tst_EntryPath::linksThatLeadOutAreRefused()
{
    QFETCH(QString, path);
    QFETCH(QString, target);

    const Result<> judged = EntryPath::checkLinkTarget(path, target);

    QVERIFY(!judged);
    QCOMPARE(judged.error().code, ErrorCode::BadPayload);
}

void tst_EntryPath::refusalsDoNotRepeatWhatForges_data()
{
    QTest::addColumn<QString>("forging");

    QTest::newRow("escape") << u"\033"_s;
    QTest::newRow("next line") << u"\x85"_s;
    QTest::newRow("line separator") << u"\x2028"_s;
    QTest::newRow("override") << u"\x202e"_s;
}

void tst_EntryPath::refusalsDoNotRepeatWhatForges()
{
    QFETCH(QString, forging);

    const Result<QString> name = EntryPath::fromEntryName(u"a"_s + forging + u"[2Jb"_s);
    const Result<> link = EntryPath::checkLinkTarget(u"a"_s, u"b"_s + forging + u'c');

    QVERIFY(!name);
    QVERIFY(!name.error().message.contains(forging));
    QVERIFY(!link);
    QVERIFY(!link.error().message.contains(forging));
}

QTEST_GUILESS_MAIN(tst_EntryPath)
#include "tst_entrypath.moc"
