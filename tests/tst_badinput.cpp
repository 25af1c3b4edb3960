// SPDX-License-Identifier: MIT
#include "support/samplepayload.h"
#include "support/sampleproduct.h"
#include "support/treehash.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

/// Bad input at the front door: the built `entracte run --silent`, a real archive, a real file
/// system. Each gets one clear sentence and the right status, and the tree stays as it was.
class tst_BadInput : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void goodInputIsInstalled();
    void missingPayload();
    void truncatedPayload();
    void wrongDigest();
    void badJson();
    void unknownKey();
    void unknownPolicyForEditedFiles();
    void entryOutsideTheTarget();
    void licenceMustBeAccepted();
    void downgrade();
    void targetNotWritable();
    void noSpace();

private:
    void writeManifest(const QByteArray &version, const QByteArray &more = {},
                       const QByteArray &componentMore = {});
    void writePayload(const QList<SamplePayload::Entry> &entries);
    void installVersionOne();
    void run(const QStringList &more = {}, uid_t uid = 0);
    void expectRefusal(int status, const QString &words);
    QString path(const QString &name) const { return m_folder->filePath(name); }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_target;
    QByteArray m_before;
    int m_status = -1;
    QString m_said;
    QString m_mounted;
};

void tst_BadInput::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    chmod(QFile::encodeName(m_folder->path()).constData(), 0755);
    QDir().mkpath(path(u"programs"_s));
    m_target = path(u"programs/Sample"_s);
    installVersionOne();
    writeManifest("2.0");
    writePayload({SamplePayload::file(u"app"_s, "two", 0755)});
}

void tst_BadInput::cleanup()
{
    if (!m_mounted.isEmpty())
        umount(QFile::encodeName(std::exchange(m_mounted, QString())).constData());
}

void tst_BadInput::writeManifest(const QByteArray &version, const QByteArray &more,
                                 const QByteArray &componentMore)
{
    SampleProduct::write(
        path(u"manifest.json"_s),
        "{\n \"formatVersion\": 1,\n \"product\": {\"id\": \"org.example.sample\", "
        "\"name\": \"Sample\", \"version\": \""
            + version + "\"},\n \"targetDirectory\": \"/nowhere\",\n " + more
            + "\"components\": [{\"id\": \"app\", \"name\": \"Sample\", \"payload\": "
              "\"app.zip\""
            + componentMore + "}]\n}\n");
}

void tst_BadInput::writePayload(const QList<SamplePayload::Entry> &entries)
{
    QFile::remove(path(u"app.zip"_s));
    QVERIFY(SamplePayload::write(path(u"app.zip"_s), entries));
}

void tst_BadInput::installVersionOne()
{
    writeManifest("1.0");
    writePayload({SamplePayload::file(u"app"_s, "one", 0755)});
    m_before.clear();
    run();
    QCOMPARE(m_status, 0);
    m_before = treeHash(path(u"programs"_s));
}

void tst_BadInput::run(const QStringList &more, uid_t uid)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s);
    process.setProcessEnvironment(environment);
    if (uid != 0)
        process.setChildProcessModifier([uid] {
            if (setgid(uid) != 0 || setuid(uid) != 0)
                _exit(99);
        });
    process.start(QStringLiteral(ENTRACTE_COMMAND),
                  QStringList{u"run"_s, path(u"manifest.json"_s), u"--silent"_s, u"--target"_s,
                              m_target, u"--language"_s, u"en"_s}
                      + more);
    QVERIFY(process.waitForFinished());
    m_status = process.exitCode();
    m_said = QString::fromUtf8(process.readAllStandardError());
}

void tst_BadInput::expectRefusal(int status, const QString &words)
{
    QVERIFY2(m_said.contains(words), qPrintable(m_said));
    QVERIFY2(m_said.count(u'\n') <= 2, qPrintable(m_said));
    QCOMPARE(m_status, status);
    QCOMPARE(treeHash(path(u"programs"_s)), m_before);
}

void tst_BadInput::goodInputIsInstalled()
{
    run();

    QCOMPARE(m_status, 0);
    QVERIFY(treeHash(path(u"programs"_s)) != m_before);
}

void tst_BadInput::missingPayload()
{
    QFile::remove(path(u"app.zip"_s));

    run();

    expectRefusal(2, u"app.zip” does not exist"_s);
}

void tst_BadInput::truncatedPayload()
{
    QVERIFY(SamplePayload::truncate(path(u"app.zip"_s), 30));

    run();

    expectRefusal(10, u"app.zip”"_s);
}

void tst_BadInput::wrongDigest()
{
    writeManifest("2.0", {}, ", \"sha256\": \"" + QByteArray(64, 'a') + "\"");

    run();

    expectRefusal(10, u"is not the one that the manifest promises"_s);
}

void tst_BadInput::badJson()
{
    SampleProduct::write(path(u"manifest.json"_s), "{\n \"formatVersion\": 1,,\n}");

    run();

    expectRefusal(2, u"manifest.json:2: This is not valid JSON"_s);
}

void tst_BadInput::unknownKey()
{
    writeManifest("2.0", "\"colour\": \"red\",\n ");

    run();

    expectRefusal(2, u"manifest.json:5: The key “colour” is not known"_s);
}

void tst_BadInput::unknownPolicyForEditedFiles()
{
    writeManifest("2.0", R"("editedFiles": [{"files": "app", "policy": "ignore"}],)"
                         "\n ");

    run();

    expectRefusal(2, u"manifest.json:5: “ignore” is not one of replace, keep and merge"_s);
}

void tst_BadInput::entryOutsideTheTarget()
{
    writePayload({SamplePayload::file(u"app"_s, "two"), SamplePayload::file(u"../evil"_s, "evil")});

    run();

    expectRefusal(10, u"../evil"_s);
    QVERIFY(!QFile::exists(path(u"programs/evil"_s)));
}

void tst_BadInput::licenceMustBeAccepted()
{
    SampleProduct::write(path(u"licence.md"_s), "Do as you please.");
    writeManifest("2.0", "\"branding\": {\"licence\": \"licence.md\"},\n ");

    run();
    expectRefusal(2, u"--accept-licenses"_s);

    run({u"--accept-licenses"_s});
    QCOMPARE(m_status, 0);
}

void tst_BadInput::downgrade()
{
    writeManifest("0.9");

    run();

    expectRefusal(12, u"1.0 is installed, which is newer"_s);
}

void tst_BadInput::targetNotWritable()
{
    if (geteuid() != 0)
        QSKIP("becoming another user needs root");
    constexpr uid_t nobody = 65534;

    run({}, nobody);

    expectRefusal(14, u"you may not write in the folder"_s);
}

void tst_BadInput::noSpace()
{
    if (geteuid() != 0)
        QSKIP("mounting a small file system needs root");
    const QString small = path(u"small"_s);
    QDir().mkpath(small);
    if (mount("tmpfs", QFile::encodeName(small).constData(), "tmpfs", 0, "size=256k") != 0)
        QSKIP("mounts are not allowed here");
    m_mounted = small;
    m_target = small + u"/Sample"_s;
    writePayload({SamplePayload::file(u"app"_s, QByteArray(1024 * 1024, 'x'))});

    run();

    expectRefusal(9, u"are needed there"_s);
    QVERIFY(QDir(small).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
}

QTEST_GUILESS_MAIN(tst_BadInput)
#include "tst_badinput.moc"
