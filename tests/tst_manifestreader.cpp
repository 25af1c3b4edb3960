// SPDX-License-Identifier: MIT
#include "manifest/manifestreader.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

static const QByteArray goodManifest = R"({
  "formatVersion": 1,
  "product": { "id": "org.example.sample", "name": "Sample", "version": "2.1" },
  "targetDirectory": "@HomeDir@/Sample",
  "branding": { "accentColor": "#2E7D6B" },
  "components": [
    { "id": "app", "name": { "en": "Sample", "fr": "Exemple" }, "payload": "app.zip" }
  ],
  "inUse": { "policy": "close", "relaunch": false, "serviceTimeout": 45 },
  "editedFiles": [
    { "files": "etc/main.ini", "policy": "merge", "program": "merge-ini" },
    { "files": "etc/a*.conf", "policy": "keep" }
  ]
})";

class tst_ManifestReader : public QObject
{
    Q_OBJECT

private slots:
    void everythingThatIsSaidIsRead();
    void whatIsNotSaidHasADefault();
    void mistakesNameFileLineAndKey_data();
    void mistakesNameFileLineAndKey();
    void lintFindsAllInFileOrder();
    void missingFileIsOneSentence();
    void patternsOfEditedFiles_data();
    void patternsOfEditedFiles();
    void theFirstRuleThatMatchesDecides();

private:
    QString write(const QByteArray &json)
    {
        QFile payload(m_folder.filePath(u"app.zip"_s));
        payload.open(QIODevice::WriteOnly);
        QFile program(m_folder.filePath(u"merge-ini"_s));
        program.open(QIODevice::WriteOnly);
        program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        QFile file(m_folder.filePath(u"manifest.json"_s));
        file.open(QIODevice::WriteOnly);
        file.write(json);
        return file.fileName();
    }

    QTemporaryDir m_folder;
};

void tst_ManifestReader::everythingThatIsSaidIsRead()
{
    const Result<Manifest> manifest = ManifestReader::read(write(goodManifest));

    QVERIFY2(manifest, manifest ? "" : qPrintable(manifest.error().message));
    QCOMPARE(manifest->product.version, QVersionNumber(2, 1));
    QCOMPARE(manifest->targetDirectory, QDir::homePath() + u"/Sample"_s);
    QCOMPARE(manifest->components.first().name.in(u"fr_CA"_s), u"Exemple"_s);
    QCOMPARE(manifest->components.first().name.in(u"de"_s), u"Sample"_s);
    QCOMPARE(manifest->components.first().payload, m_folder.filePath(u"app.zip"_s));
    QCOMPARE(manifest->inUsePolicy, InUsePolicy::Close);
    QVERIFY(!manifest->relaunch);
    QCOMPARE(manifest->serviceTimeout, std::chrono::seconds(45));
    QCOMPARE(manifest->editedFiles.size(), 2);
    QCOMPARE(manifest->editedFiles[0].files, u"etc/main.ini"_s);
    QCOMPARE(manifest->editedFiles[0].policy, EditedFilePolicy::Merge);
    QCOMPARE(manifest->editedFiles[0].program, m_folder.filePath(u"merge-ini"_s));
    QCOMPARE(manifest->editedFiles[1].policy, EditedFilePolicy::Keep);
}

void tst_ManifestReader::whatIsNotSaidHasADefault()
{
    QByteArray json = goodManifest;
    json.replace(R"("inUse": { "policy": "close", "relaunch": false, "serviceTimeout": 45 })",
                 R"("inUse": {})");

    const Result<Manifest> manifest = ManifestReader::read(write(json));

    QVERIFY(manifest);
    QCOMPARE(manifest->inUsePolicy, InUsePolicy::Ask);
    QVERIFY(manifest->relaunch);
    QCOMPARE(manifest->serviceTimeout, std::chrono::seconds(20));
}

void tst_ManifestReader::mistakesNameFileLineAndKey_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<int>("line");
    QTest::addColumn<QString>("words");

    const auto row = [](const char *name, const char *before, const char *after, int line,
                        const QString &words) {
        QTest::newRow(name) << QByteArray(before) << QByteArray(after) << line << words;
    };
    row("unknown key", R"("branding": {)", R"("branding": { "colour": "red",)", 5,
        u"branding.colour"_s);
    row("a typo is recognised", R"("policy")", R"("polcy")", 9, u"did you mean “policy”"_s);
    row("repeated key", R"("name": "Sample",)", R"("name": "Sample", "name": "Again",)", 3,
        u"“product.name” is given twice"_s);
    row("missing key", R"("id": "app", )", "", 7, u"components[0].id"_s);
    row("wrong type", R"("version": "2.1")", R"("version": 2.1)", 3,
        u"“product.version” must be a text"_s);
    row("bad version", R"("2.1")", R"("two")", 3, u"two"_s);
    row("bad id", "org.example.sample", "my app", 3, u"my app"_s);
    row("bad policy", R"("close")", R"("kill")", 9, u"“kill”"_s);
    for (const char *limit : {"0", "-1", "3601", "1.5", "1e300", "\"20\"", "true", "null"})
        row(limit, ": 45", (QByteArray(": ") + limit).constData(), 9,
            u"“inUse.serviceTimeout” must be a whole number of seconds, from 1 to 3600"_s);
    row("bad colour", "#2E7D6B", "green", 5, u"“green”"_s);
    row("unknown variable", "@HomeDir@", "@Home@", 4, u"@Home@"_s);
    row("relative target", "@HomeDir@/", "", 4, u"targetDirectory"_s);
    row("target inside the program", "@HomeDir@/", ":/", 4, u"must be an absolute folder"_s);
    row("target that ends early", "@HomeDir@/", R"(/opt/\u0000)", 4, u"control characters"_s);
    row("id with a line feed", "org.example.sample", R"(org.example.sample\n)", 3,
        u"not a reverse domain name"_s);
    row("colour with a line feed", "#2E7D6B", R"(#2E7D6B\n)", 5, u"not a colour"_s);
    row("missing file", R"("app.zip")", R"("gone.zip")", 7, u"gone.zip"_s);
    row("newer format", R"("formatVersion": 1)", R"("formatVersion": 2)", 2, u"format 2"_s);
    row("bad policy for edited files", R"("keep")", R"("kept")", 12,
        u"“kept” is not one of replace, keep and merge"_s);
    row("merge without a program", R"(, "program": "merge-ini")", "", 11,
        u"“editedFiles[0].program” is missing"_s);
    row("program without a merge", R"("policy": "merge")", R"("policy": "keep")", 11,
        u"“editedFiles[0].program” is only for the policy “merge”"_s);
    row("missing program", R"("merge-ini")", R"("gone-ini")", 11, u"gone-ini” does not exist"_s);
    row("program that is none", R"("merge-ini")", R"("app.zip")", 11,
        u"app.zip” cannot be executed"_s);
    row("absolute pattern", "etc/a*.conf", "/etc/a*.conf", 12,
        u"“editedFiles[1].files” must be a path below the target"_s);
    row("pattern that leads out", "etc/a*.conf", "etc/../../a*.conf", 12,
        u"“editedFiles[1].files” must be a path below the target"_s);
    row("bad JSON", R"("inUse":)", R"("inUse")", 9, u"not valid JSON"_s);
}

void tst_ManifestReader::mistakesNameFileLineAndKey()
{
    QFETCH(const QByteArray, before);
    QFETCH(const QByteArray, after);
    QFETCH(const int, line);
    QFETCH(const QString, words);
    QByteArray json = goodManifest;
    QVERIFY(json.contains(before));
    json.replace(before, after);
    const QString fileName = write(json);

    const Result<Manifest> manifest = ManifestReader::read(fileName);

    QVERIFY(!manifest);
    QCOMPARE(manifest.error().code, ErrorCode::BadManifest);
    const QString message = manifest.error().message;
    QVERIFY2(message.startsWith(u"%1:%2: "_s.arg(fileName).arg(line)), qPrintable(message));
    QVERIFY2(message.contains(words), qPrintable(message));
}

void tst_ManifestReader::lintFindsAllInFileOrder()
{
    QByteArray json = goodManifest;
    json.replace("#2E7D6B", "green").replace("\"2.1\"", "\"x\"").replace("\"close\"", "\"kill\"");

    const QList<Error> errors = ManifestReader::lint(write(json));

    QCOMPARE(errors.size(), 3);
    QVERIFY(errors.at(0).message.contains(u":3: "_s));
    QVERIFY(errors.at(1).message.contains(u":5: "_s));
    QVERIFY(errors.at(2).message.contains(u":9: "_s));
}

void tst_ManifestReader::missingFileIsOneSentence()
{
    const Result<Manifest> manifest = ManifestReader::read(u"/nowhere/manifest.json"_s);

    QVERIFY(!manifest);
    QVERIFY(manifest.error().message.contains(u"/nowhere/manifest.json"_s));
}

void tst_ManifestReader::patternsOfEditedFiles_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("path");
    QTest::addColumn<bool>("matches");

    const auto row = [](const QString &pattern, const QString &path, bool matches) {
        QTest::addRow("%s, %s", qPrintable(pattern), qPrintable(path))
            << pattern << path << matches;
    };
    row(u"etc/main.ini"_s, u"etc/main.ini"_s, true);
    row(u"etc/main.ini"_s, u"etc/mainXini"_s, false);
    row(u"etc/main.ini"_s, u"etc/main.ini.new"_s, false);
    row(u"etc/*.conf"_s, u"etc/a.conf"_s, true);
    row(u"etc/*.conf"_s, u"etc/b/a.conf"_s, false);
    row(u"etc/*.conf"_s, u"other/etc/a.conf"_s, false);
    row(u"etc/**.conf"_s, u"etc/b/a.conf"_s, true);
    row(u"share/templates/**"_s, u"share/templates/a/b.txt"_s, true);
    row(u"share/templates/**"_s, u"share/other.txt"_s, false);
    row(u"**/a.conf"_s, u"a.conf"_s, true);
    row(u"**/a.conf"_s, u"x/y/a.conf"_s, true);
    row(u"**/a.conf"_s, u"x/ba.conf"_s, false);
    row(u"a?c"_s, u"abc"_s, true);
    row(u"a?c"_s, u"a/c"_s, false);
    row(u"été (1)+[x].ini"_s, u"été (1)+[x].ini"_s, true);
    row(u"a\\*"_s, u"a\\b"_s, true);
    row(u"a\\*"_s, u"a*"_s, false);
}

void tst_ManifestReader::patternsOfEditedFiles()
{
    QFETCH(const QString, pattern);
    QFETCH(const QString, path);
    QFETCH(const bool, matches);

    QCOMPARE((EditedFilesRule{pattern, EditedFilePolicy::Keep, {}}).matches(path), matches);
}

void tst_ManifestReader::theFirstRuleThatMatchesDecides()
{
    Manifest manifest;
    manifest.editedFiles = {{u"etc/a"_s, EditedFilePolicy::Replace, {}},
                            {u"etc/*"_s, EditedFilePolicy::Keep, {}},
                            {u"**"_s, EditedFilePolicy::Merge, u"/merge"_s}};

    QCOMPARE(manifest.ruleForEdited(u"etc/a"_s).policy, EditedFilePolicy::Replace);
    QCOMPARE(manifest.ruleForEdited(u"etc/b"_s).policy, EditedFilePolicy::Keep);
    QCOMPARE(manifest.ruleForEdited(u"c"_s).program, u"/merge"_s);
    QCOMPARE(Manifest().ruleForEdited(u"c"_s).policy, EditedFilePolicy::Replace);
}

QTEST_GUILESS_MAIN(tst_ManifestReader)
#include "tst_manifestreader.moc"
