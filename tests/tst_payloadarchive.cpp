// SPDX-License-Identifier: MIT
#include "payload/payloadarchive.h"
#include "support/samplepayload.h"

#include <QDir>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_PayloadArchive : public QObject
{
    Q_OBJECT

private slots:
    void entriesAreWhatTheArchivePromises();
    void bytesArriveAsPacked();
    void archiversOfThisWorldAreUnderstood_data();
    void archiversOfThisWorldAreUnderstood();
    void hostileEntriesRefuseTheArchive_data();
    void hostileEntriesRefuseTheArchive();
    void brokenArchivesAreClearSentences_data();
    void brokenArchivesAreClearSentences();
    void damagedBytesAreNoticed();
    void theSinkCanStop();
    void sameBytesAreFound();

private:
    static Result<QByteArray> bytesOf(PayloadArchive &archive, const PayloadEntry &entry)
    {
        QByteArray bytes;
        const Result<> read = archive.read(entry, [&bytes](QByteArrayView block) -> Result<> {
            bytes.append(block);
            return {};
        });
        if (!read)
            return read.error();
        return bytes;
    }
};

void tst_PayloadArchive::entriesAreWhatTheArchivePromises()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(name, {SamplePayload::directory(u"bin"_s, 0750),
                                        SamplePayload::file(u"bin/run"_s, "hello", 0755),
                                        SamplePayload::link(u"été"_s, "bin/run"),
                                        {u"plain"_s, "x", 0},
                                        {u"folder/"_s, {}, 0, 0}}));

    const Result<std::unique_ptr<PayloadArchive>> archive = PayloadArchive::open(name);

    QVERIFY2(archive, archive ? "" : qPrintable(archive.error().message));
    const QList<PayloadEntry> entries = (*archive)->entries();
    QCOMPARE(entries.size(), 5);
    QCOMPARE(entries[0].path, u"bin"_s);
    QCOMPARE(entries[0].kind, EntryKind::Directory);
    QCOMPARE(entries[0].mode, 0750);
    QCOMPARE(entries[1].mode, 0755);
    QCOMPARE(entries[1].size, 5);
    QCOMPARE(entries[1].archive, name);
    QCOMPARE(entries[2].kind, EntryKind::SymbolicLink);
    QCOMPARE(entries[2].path, u"été"_s);
    QCOMPARE(entries[2].linkTarget, u"bin/run"_s);
    QCOMPARE(entries[3].mode, 0644);
    QCOMPARE(entries[4].kind, EntryKind::Directory);
    QCOMPARE(entries[4].mode, 0755);
}

void tst_PayloadArchive::bytesArriveAsPacked()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    const QByteArray big = QByteArray("0123456789abcdef").repeated(100'000);
    QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"empty"_s, {}),
                                        SamplePayload::file(u"big"_s, big),
                                        {u"stored"_s, big, 0100644, 0}}));
    const Result<std::unique_ptr<PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);
    const QList<PayloadEntry> entries = (*archive)->entries();

    // Not in the order of the archive.
    QCOMPARE(*bytesOf(**archive, entries[2]), big);
    QCOMPARE(*bytesOf(**archive, entries[0]), QByteArray());
    QCOMPARE(*bytesOf(**archive, entries[1]), big);
}

void tst_PayloadArchive::archiversOfThisWorldAreUnderstood_data()
{
    QTest::addColumn<QString>("command");

    QTest::newRow("cmake") << u"cmake -E tar cf a.zip --format=zip bin link été"_s;
    QTest::newRow("zip") << u"zip -qry a.zip bin link été"_s;
    QTest::newRow("python") << u"python3 -m zipfile -c a.zip bin été"_s;
}

void tst_PayloadArchive::archiversOfThisWorldAreUnderstood()
{
    QFETCH(QString, command);
    QStringList words = command.split(u' ');
    const QString program = words.takeFirst();
    if (QStandardPaths::findExecutable(program).isEmpty())
        QSKIP("this archiver is not installed");
    const QTemporaryDir directory;
    QDir(directory.path()).mkdir(u"bin"_s);
    for (const QString &path : {u"bin/run"_s, u"été"_s}) {
        QFile file(directory.filePath(path));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("hello");
        file.setPermissions(QFile::Permissions(0x7055));
    }
    QVERIFY(QFile::link(u"bin/run"_s, directory.filePath(u"link"_s)));
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s); // names beyond ASCII need a locale that has them
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(directory.path());
    process.start(program, words);
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 0);

    const Result<std::unique_ptr<PayloadArchive>> archive =
        PayloadArchive::open(directory.filePath(u"a.zip"_s));

    QVERIFY2(archive, archive ? "" : qPrintable(archive.error().message));
    QMap<QString, PayloadEntry> entries;
    for (const PayloadEntry &entry : (*archive)->entries())
        entries.insert(entry.path, entry);
    QCOMPARE(entries[u"bin/run"_s].kind, EntryKind::File);
    QCOMPARE(*bytesOf(**archive, entries[u"bin/run"_s]), QByteArray("hello"));
    QVERIFY(entries.contains(u"été"_s));
    if (entries.contains(u"bin"_s))
        QCOMPARE(entries[u"bin"_s].kind, EntryKind::Directory);
    if (entries.contains(u"link"_s)) {
        QCOMPARE(entries[u"link"_s].kind, EntryKind::SymbolicLink);
        QCOMPARE(entries[u"link"_s].linkTarget, u"bin/run"_s);
        QCOMPARE(entries[u"bin/run"_s].mode, 0755);
    }
}

void tst_PayloadArchive::hostileEntriesRefuseTheArchive_data()
{
    using SamplePayload::directory;
    using SamplePayload::Entry;
    using SamplePayload::file;
    using SamplePayload::link;
    QTest::addColumn<QList<Entry>>("entries");
    QTest::addColumn<QString>("named");

    const auto row = [](const char *name, const QList<Entry> &entries, const QString &named) {
        QTest::newRow(name) << entries << named;
    };
    row("traversal", {file(u"a"_s, "x"), file(u"../evil"_s, "x")}, u"../evil"_s);
    row("absolute", {file(u"/etc/evil"_s, "x")}, u"/etc/evil"_s);
    row("our own directory", {file(u".entracte/receipt.json"_s, "x")}, u".entracte"_s);
    row("link out", {link(u"out"_s, "../..")}, u"out"_s);
    row("absolute link", {link(u"out"_s, "/etc")}, u"out"_s);
    row("below a link", {link(u"dir"_s, "other"), file(u"dir/evil"_s, "x")}, u"dir/evil"_s);
    row("link after what is below", {file(u"dir/evil"_s, "x"), link(u"dir"_s, "other")},
        u"dir/evil"_s);
    row("below a file", {file(u"a"_s, "x"), file(u"a/b"_s, "x")}, u"a/b"_s);
    row("twice", {file(u"a"_s, "x"), file(u"a"_s, "y")}, u"a"_s);
    row("file and folder", {file(u"a"_s, "x"), directory(u"a"_s)}, u"a/"_s);
    row("set-user-id", {file(u"su"_s, "x", 04755)}, u"su"_s);
    row("set-group-id", {file(u"sg"_s, "x", 02755)}, u"sg"_s);
    row("set-group-id folder", {directory(u"sg"_s, 02755)}, u"sg/"_s);
    row("device", {{u"null"_s, {}, 0020666}}, u"null"_s);
    row("fifo", {{u"pipe"_s, {}, 0010666}}, u"pipe"_s);
    row("socket", {{u"sock"_s, {}, 0140666}}, u"sock"_s);
    row("file that ends like a folder", {{u"a/"_s, "x", 0100644}}, u"a/"_s);
    row("folder with content", {{u"a/"_s, "x", 0040755}}, u"a/"_s);
    row("endless link", {link(u"l"_s, QByteArray(5000, 'a'))}, u"l"_s);
    row("encrypted", {{u"secret"_s, "x", 0100644, 8, "password"}}, u"secret"_s);
}

void tst_PayloadArchive::hostileEntriesRefuseTheArchive()
{
    QFETCH(QList<SamplePayload::Entry>, entries);
    QFETCH(QString, named);
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"hostile.zip"_s);
    QVERIFY(SamplePayload::write(name, entries));

    const Result<std::unique_ptr<PayloadArchive>> archive = PayloadArchive::open(name);

    QVERIFY(!archive);
    QCOMPARE(archive.error().code, ErrorCode::BadPayload);
    QVERIFY2(archive.error().message.contains(u'“' + named), qPrintable(archive.error().message));
    QVERIFY2(archive.error().message.contains(name), qPrintable(archive.error().message));
}

void tst_PayloadArchive::brokenArchivesAreClearSentences_data()
{
    QTest::addColumn<QString>("kind");

    for (const char *kind : {"missing", "folder", "empty", "text", "cut off", "cut in the middle"})
        QTest::newRow(kind) << QString::fromLatin1(kind);
}

void tst_PayloadArchive::brokenArchivesAreClearSentences()
{
    QFETCH(QString, kind);
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"broken.zip"_s);
    if (kind == "folder"_L1)
        QVERIFY(QDir().mkdir(name));
    if (kind == "empty"_L1 || kind == "text"_L1) {
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(kind == "text"_L1 ? QByteArray("not a zip").repeated(100) : QByteArray());
    }
    if (kind.startsWith("cut"_L1)) {
        QVERIFY(SamplePayload::write(
            name, {SamplePayload::file(u"a"_s, "hello"), SamplePayload::file(u"b"_s, "hello")}));
        QVERIFY(SamplePayload::truncate(name, kind == "cut off"_L1 ? 5 : 100));
    }

    const Result<std::unique_ptr<PayloadArchive>> archive = PayloadArchive::open(name);

    QVERIFY(!archive);
    QCOMPARE(archive.error().code, ErrorCode::BadPayload);
    QVERIFY2(archive.error().message.contains(name), qPrintable(archive.error().message));
}

void tst_PayloadArchive::damagedBytesAreNoticed()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(name, {{u"a"_s, "the right bytes", 0100644, 0}}));
    QVERIFY(SamplePayload::patch(name, "the right bytes", "the wrong bytes"));
    const Result<std::unique_ptr<PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);

    const Result<QByteArray> bytes = bytesOf(**archive, (*archive)->entries().first());

    QVERIFY(!bytes);
    QCOMPARE(bytes.error().code, ErrorCode::BadPayload);
    QVERIFY(bytes.error().message.contains(u"checksum"_s));
}

void tst_PayloadArchive::theSinkCanStop()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"a"_s, QByteArray(1'000'000, 'x'))}));
    const Result<std::unique_ptr<PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);
    int blocks = 0;

    const Result<> read =
        (*archive)->read((*archive)->entries().first(), [&blocks](QByteArrayView) -> Result<> {
            ++blocks;
            return Error{ErrorCode::Cancelled, u"Stop."_s};
        });

    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::Cancelled);
    QCOMPARE(blocks, 1);
}

void tst_PayloadArchive::sameBytesAreFound()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"a"_s, "hello")}));
    const Result<std::unique_ptr<PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);
    const PayloadEntry entry = (*archive)->entries().first();
    const auto put = [&directory](const QString &path, const QByteArray &bytes) {
        QFile file(directory.filePath(path));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    };
    QVERIFY(put(u"same"_s, "hello") && put(u"other"_s, "hallo") && put(u"longer"_s, "hello!"));
    QVERIFY(QFile::link(directory.filePath(u"same"_s), directory.filePath(u"link"_s)));

    QVERIFY(*(*archive)->hasSameBytes(entry, directory.filePath(u"same"_s)));
    QVERIFY(!*(*archive)->hasSameBytes(entry, directory.filePath(u"other"_s)));
    QVERIFY(!*(*archive)->hasSameBytes(entry, directory.filePath(u"longer"_s)));
    QVERIFY(!*(*archive)->hasSameBytes(entry, directory.filePath(u"link"_s)));
    QVERIFY(!*(*archive)->hasSameBytes(entry, directory.filePath(u"missing"_s)));
    QVERIFY(!*(*archive)->hasSameBytes(entry, directory.path()));
}

QTEST_GUILESS_MAIN(tst_PayloadArchive)
#include "tst_payloadarchive.moc"
