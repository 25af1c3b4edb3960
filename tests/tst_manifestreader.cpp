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
  "inUse": { "policy": "close", "relaunch": false }
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

private:
    QString write(const QByteArray &json)
    {
        QFile payload(m_folder.filePath(u"app.zip"_s));
        payload.open(QIODevice::WriteOnly);
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
}

void tst_ManifestReader::whatIsNotSaidHasADefault()
{
    QByteArray json = goodManifest;
    json.replace(R"("inUse": { "policy": "close", "relaunch": false })", R"("inUse": {})");

    const Result<Manifest> manifest = ManifestReader::read(write(json));

    QVERIFY(manifest);
    QCOMPARE(manifest->inUsePolicy, InUsePolicy::Ask);
    QVERIFY(manifest->relaunch);
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

QTEST_GUILESS_MAIN(tst_ManifestReader)
#include "tst_manifestreader.moc"
