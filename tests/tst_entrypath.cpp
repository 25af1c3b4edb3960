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
    void refusalsDoNotRepeatControlCharacters();
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
    QTest::newRow("256 bytes") << QString(256, u'x');
    QTest::newRow("256 bytes in 128 letters") << QString(128, u'é');
    QTest::newRow("too deep") << u"abcdefg/"_s.repeated(600);
    QTest::newRow("ours") << u".entracte/receipt.json"_s;
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
}

void tst_EntryPath::linksThatLeadOutAreRefused()
{
    QFETCH(QString, path);
    QFETCH(QString, target);

    const Result<> judged = EntryPath::checkLinkTarget(path, target);

    QVERIFY(!judged);
    QCOMPARE(judged.error().code, ErrorCode::BadPayload);
}

void tst_EntryPath::refusalsDoNotRepeatControlCharacters()
{
    const Result<QString> judged = EntryPath::fromEntryName(u"a\033[2Jb"_s);

    QVERIFY(!judged);
    QVERIFY(!judged.error().message.contains(u'\033'));
}

QTEST_GUILESS_MAIN(tst_EntryPath)
#include "tst_entrypath.moc"
