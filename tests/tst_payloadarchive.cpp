// SPDX-License-Identifier: MIT
#include "payload/entryreader.h"
#include "payload/payloadarchive.h"
#include "support/samplepayload.h"

#include <QCryptographicHash>
#include <QDir>
#include <QProcess>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_PayloadArchive : public QObject
{
    Q_OBJECT

private slots:
    void entriesAreWhatTheArchivePromises();
    void bytesArriveAsPacked();
    void whatIsExpectedArrivesAsPacked();
    void archiversOfThisWorldAreUnderstood_data();
    void archiversOfThisWorldAreUnderstood();
    void hostileEntriesRefuseTheArchive_data();
    void hostileEntriesRefuseTheArchive();
    void brokenArchivesAreClearSentences_data();
    void brokenArchivesAreClearSentences();
    void foundByTheFuzzerAndRefused_data();
    void foundByTheFuzzerAndRefused();
    void damagedBytesAreNoticed();
    void wrongLocalHeadersAreNoticed_data();
    void wrongLocalHeadersAreNoticed();
    void wrongSizesAreNoticed_data();
    void wrongSizesAreNoticed();
    void noDamageGoesUnnoticed_data();
    void noDamageGoesUnnoticed();
    void sharedBytesRefuseTheArchive();
    void anArchiveCutOffWhileItIsOpen();
    void somethingMayStandBeforeTheArchive_data();
    void somethingMayStandBeforeTheArchive();
    void theIndexPromisesDigests();
    void anIndexThatLiesRefusesTheArchive_data();
    void anIndexThatLiesRefusesTheArchive();
    void bytesThatAreNotThePromisedOnesAreNoticed();
    void threadsShareAnArchive();
    void theSinkCanStop();
    void sameBytesAreFound();

private:
    static Result<QByteArray> bytesOf(const PayloadArchive &archive, const PayloadEntry &entry)
    {
        EntryReader reader;
        QByteArray bytes;
        const Result<> read = reader.read(archive, entry, [&bytes](QByteArrayView block) {
            bytes.append(block);
            return Result<>();
        });
        if (!read)
            return read.error();
        return bytes;
    }

    /// The sentence with which the first entry of \a fileName, which opens, cannot be read.
    static QString refusalOf(const QString &fileName)
    {
        const Result<std::shared_ptr<const PayloadArchive>> archive =
            PayloadArchive::open(fileName);
        if (!archive)
            return u"not even opened: "_s + archive.error().message;
        const PayloadEntry entry = (*archive)->entries().first();
        const Result<QByteArray> bytes = bytesOf(**archive, entry);
        if (bytes)
            return {};
        if (bytes.error().code != ErrorCode::BadPayload
            || !bytes.error().message.contains(entry.entryName())
            || !bytes.error().message.contains(fileName))
            return u"not a good sentence: "_s + bytes.error().message;
        return bytes.error().message;
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

    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);

    QVERIFY2(archive, archive ? "" : qPrintable(archive.error().message));
    const QList<PayloadEntry> entries = (*archive)->entries();
    QCOMPARE(entries.size(), 5);
    QCOMPARE(entries[0].path, u"bin"_s);
    QCOMPARE(entries[0].kind, EntryKind::Directory);
    QCOMPARE(entries[0].mode, 0750);
    QCOMPARE(entries[1].mode, 0755);
    QCOMPARE(entries[1].size, 5);
    QCOMPARE(entries[1].archive, name);
    QCOMPARE(entries[2].kind, EntryKind::Directory);
    QCOMPARE(entries[2].mode, 0755);
    QCOMPARE(entries[2].path, u"folder"_s);
    QCOMPARE(entries[2].entryName(), u"folder/"_s);
    QCOMPARE(entries[3].path, u"plain"_s);
    QCOMPARE(entries[3].mode, 0644);
    QCOMPARE(entries[4].kind, EntryKind::SymbolicLink);
    QCOMPARE(entries[4].path, u"été"_s);
    QCOMPARE(entries[4].linkTarget, u"bin/run"_s);
}

void tst_PayloadArchive::bytesArriveAsPacked()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    const QByteArray big = QByteArray("0123456789abcdef").repeated(100'000);
    QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"empty"_s, {}),
                                        SamplePayload::file(u"big"_s, big),
                                        {u"stored"_s, big, 0100644, 0}}));
    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);
    const QList<PayloadEntry> entries = (*archive)->entries();

    // big, empty, stored; not in the order of the archive.
    QCOMPARE(*bytesOf(**archive, entries[2]), big);
    QCOMPARE(*bytesOf(**archive, entries[1]), QByteArray());
    QCOMPARE(*bytesOf(**archive, entries[0]), big);
}

// Read in one go, but by whom and in what order is for the caller to say, and to change.
void tst_PayloadArchive::whatIsExpectedArrivesAsPacked()
{
    const QTemporaryDir directory;
    constexpr int count = 200;
    std::vector<std::shared_ptr<const PayloadArchive>> archives;
    for (const char letter : {'a', 'b'}) { // the same places, other bytes
        QList<SamplePayload::Entry> packed;
        for (int number = 0; number < count; ++number)
            packed.append({u"%1"_s.arg(number, 3, 10, QChar(u'0')), QByteArray(number * 17, letter),
                           0100644, 0});
        const QString name = directory.filePath(QChar::fromLatin1(letter) + u".zip"_s);
        QVERIFY(SamplePayload::write(name, packed));
        const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);
        QVERIFY(archive);
        archives.push_back(*archive);
    }
    EntryReader reader;
    const auto bytes = [&](size_t archive, qsizetype number) {
        QByteArray all;
        const Result<> read = reader.read(
            *archives[archive], archives[archive]->entries().at(number), [&](QByteArrayView block) {
                all.append(block);
                return Result<>();
            });
        return read ? all : read.error().message.toUtf8();
    };
    const PayloadEntry &last = archives[0]->entries().constLast();
    reader.expect(*archives[0], 0, archives[0]->endOfEntryAt(last.offset));

    for (qsizetype number = 0; number < count; ++number)
        QCOMPARE(bytes(0, number), QByteArray(number * 17, 'a'));
    for (qsizetype number = count - 1; number >= 0; number -= 7) {
        QCOMPARE(bytes(1, number), QByteArray(number * 17, 'b'));
        QCOMPARE(bytes(0, number), QByteArray(number * 17, 'a'));
    }
}

void tst_PayloadArchive::archiversOfThisWorldAreUnderstood_data()
{
    QTest::addColumn<QString>("command");

    QTest::newRow("cmake") << u"cmake -E tar cf a.zip --format=zip bin link été"_s;
    QTest::newRow("zip") << u"zip -qry a.zip bin link été"_s;
    QTest::newRow("zip, into a pipe") << u"zip -qr - bin/run été | cat >a.zip"_s;
    QTest::newRow("bsdtar") << u"bsdtar --format zip -cf a.zip bin link été"_s;
    QTest::newRow("bsdtar, into a pipe")
        << u"bsdtar --format zip -cf - bin link été | cat >a.zip"_s;
    QTest::newRow("7z") << u"7z a -snl a.zip bin link été"_s;
    QTest::newRow("python") << u"python3 -m zipfile -c a.zip bin été"_s;
    QTest::newRow("python, ZIP64") << u"python3 -c \""
                                      "import zipfile\n"
                                      "z = zipfile.ZipFile('a.zip', 'w', zipfile.ZIP_DEFLATED)\n"
                                      "for name in 'bin/run', 'été':\n"
                                      "    with z.open(name, 'w', force_zip64=True) as to:\n"
                                      "        to.write(open(name, 'rb').read())\n"
                                      "z.close()\""_s;
    QTest::newRow("python, ZIP64 into a pipe")
        << u"python3 -c \""
           "import sys, zipfile\n"
           "z = zipfile.ZipFile(sys.stdout.buffer, 'w', zipfile.ZIP_DEFLATED)\n"
           "for name in 'bin/run', 'été':\n"
           "    with z.open(name, 'w', force_zip64=True) as to:\n"
           "        to.write(open(name, 'rb').read())\n"
           "z.close()\" | cat >a.zip"_s;
}

void tst_PayloadArchive::archiversOfThisWorldAreUnderstood()
{
    QFETCH(QString, command);
    const QString program = command.section(u' ', 0, 0);
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
    process.start(u"sh"_s, {u"-ec"_s, command});
    QVERIFY(process.waitForFinished());
    QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());

    const Result<std::shared_ptr<const PayloadArchive>> archive =
        PayloadArchive::open(directory.filePath(u"a.zip"_s));

    QVERIFY2(archive, archive ? "" : qPrintable(archive.error().message));
    QMap<QString, PayloadEntry> entries;
    for (const PayloadEntry &entry : (*archive)->entries())
        entries.insert(entry.path, entry);
    QCOMPARE(entries[u"bin/run"_s].kind, EntryKind::File);
    QCOMPARE(*bytesOf(**archive, entries[u"bin/run"_s]), QByteArray("hello"));
    QVERIFY(entries.contains(u"été"_s));
    const Result<QByteArray> second = bytesOf(**archive, entries[u"été"_s]);
    QVERIFY2(second, second ? "" : qPrintable(second.error().message));
    QCOMPARE(*second, QByteArray("hello"));
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

    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);

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

    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);

    QVERIFY(!archive);
    QCOMPARE(archive.error().code, ErrorCode::BadPayload);
    QVERIFY2(archive.error().message.contains(name), qPrintable(archive.error().message));
}

void tst_PayloadArchive::foundByTheFuzzerAndRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");

    const auto row = [](const char *name, const char *hex) {
        QTest::newRow(name) << QByteArray::fromHex(hex);
    };
    row("a ZIP64 locator that points behind its record",
        "504b06062c00000000000000000607000000004f00ffffffffffff00000000504b0506000000"
        "00ffffffffffffffff4e0100000000000000504b0607000000004f00ffffffffffff00000000"
        "504b050600000000ffffffffffffffff4c0000000000");
}

void tst_PayloadArchive::foundByTheFuzzerAndRefused()
{
    QFETCH(QByteArray, bytes);
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"found.zip"_s);
    QFile file(name);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
    file.close();

    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);

    QVERIFY(!archive);
    QCOMPARE(archive.error().code, ErrorCode::BadPayload);
}

void tst_PayloadArchive::damagedBytesAreNoticed()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(name, {{u"a"_s, "the right bytes", 0100644, 0}}));
    QVERIFY(SamplePayload::patch(name, "the right bytes", "the wrong bytes"));
    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);

    const Result<QByteArray> bytes = bytesOf(**archive, (*archive)->entries().first());

    QVERIFY(!bytes);
    QCOMPARE(bytes.error().code, ErrorCode::BadPayload);
    QVERIFY(bytes.error().message.contains(u"checksum"_s));
}

void tst_PayloadArchive::wrongLocalHeadersAreNoticed_data()
{
    QTest::addColumn<qint64>("position"); // in the local header
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("named");

    const auto row = [](const char *name, qint64 position, const QByteArray &bytes,
                        const QString &named) {
        QTest::newRow(name) << position << bytes << named;
    };
    row("no header", 0, "PK\5\6", u"does not begin with a header"_s);
    row("encrypted", 6, QByteArray("\1\10", 2), u"encrypted"_s);
    row("stored", 8, QByteArray("\0\0", 2), u"compression method"_s);
    row("another method", 8, QByteArray("\14\0", 2), u"compression method"_s);
    row("checksum", 14, "oops", u"another checksum"_s);
    row("packed size", 18, QByteArray("\1\0\0\0", 4), u"another size"_s);
    row("size", 22, QByteArray("\1\0\0\0", 4), u"another size"_s);
    row("no size", 22, QByteArray("\0\0\0\0", 4), u"another size"_s);
    row("ZIP64 size that is not there", 22, "\xff\xff\xff\xff", u"another size"_s);
    row("another name", 30, "N", u"another name"_s);
    row("shorter name", 26, QByteArray("\3\0", 2), u"another name"_s);
    row("longer name", 26, QByteArray("\5\0", 2), u"another name"_s);
    row("extra field over the next", 28, "\xff\xff", u"reaches into what follows"_s);
}

void tst_PayloadArchive::wrongLocalHeadersAreNoticed()
{
    QFETCH(qint64, position);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, named);
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"name"_s, "some text to be packed"),
                                        SamplePayload::file(u"next"_s, "x")}));
    QVERIFY(SamplePayload::overwrite(name, 6, QByteArray("\0\10", 2))); // no sizes behind the data
    QCOMPARE(refusalOf(name), QString());

    QVERIFY(SamplePayload::overwrite(name, position, bytes));

    QVERIFY2(refusalOf(name).contains(named), qPrintable(refusalOf(name)));
}

void tst_PayloadArchive::wrongSizesAreNoticed_data()
{
    QTest::addColumn<int>("bytes"); // in one call, and in pieces
    QTest::addColumn<int>("plain");
    QTest::addColumn<int>("packed");
    QTest::addColumn<QString>("named");

    for (const int bytes : {1000, 10'000'000}) {
        const auto row = [bytes](const char *name, int plain, int packed, const QString &named) {
            QTest::addRow("%d bytes, %s", bytes, name) << bytes << plain << packed << named;
        };
        row("more than promised", -1, 0, u"longer than promised"_s);
        row("less than promised", 1, 0, u"shorter than promised"_s);
        row("data left over", 0, 1, u"ends before its compressed size"_s);
        row("data missing", 0, -1, u"damaged"_s);
    }
}

/// Both headers agree on a size that the data does not have.
void tst_PayloadArchive::wrongSizesAreNoticed()
{
    QFETCH(int, bytes);
    QFETCH(int, plain);
    QFETCH(int, packed);
    QFETCH(QString, named);
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QByteArray content(bytes, Qt::Uninitialized);
    QRandomGenerator random(1);
    for (char &byte : content)
        byte = char('a' + random.bounded(16));
    QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"a"_s, content)}));
    const PayloadEntry entry = (*PayloadArchive::open(name))->entries().first();
    const auto sizes = [](qint64 packedSize, qint64 plainSize) {
        QByteArray both(8, Qt::Uninitialized);
        qToLittleEndian<quint32>(quint32(packedSize), both.data());
        qToLittleEndian<quint32>(quint32(plainSize), both.data() + 4);
        return both;
    };
    QVERIFY(SamplePayload::patch(name, sizes(entry.compressedSize, entry.size),
                                 sizes(entry.compressedSize + packed, entry.size + plain)));

    QVERIFY2(refusalOf(name).contains(named), qPrintable(refusalOf(name)));
}

void tst_PayloadArchive::noDamageGoesUnnoticed_data()
{
    QTest::addColumn<int>("bytes");
    QTest::addColumn<int>("rounds");

    QTest::newRow("in one call") << 5000 << 3000;
    QTest::newRow("in pieces") << 3'000'000 << 40;
}

void tst_PayloadArchive::noDamageGoesUnnoticed()
{
    QFETCH(int, bytes);
    QFETCH(int, rounds);
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QByteArray content;
    QRandomGenerator random(1);
    while (content.size() < bytes)
        content.append(QByteArray::number(random.bounded(1000)) + " bottles of beer\n");
    QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"a"_s, content)}));
    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);
    const PayloadEntry entry = (*archive)->entries().first();
    QFile file(name);
    QVERIFY(file.open(QIODevice::ReadWrite | QIODevice::Unbuffered));
    EntryReader reader(EntryReader::Verification::Crc);

    for (int round = 0; round < rounds; ++round) {
        // Not in the last byte: the end of the data need not be the end of the byte.
        const qint64 position =
            entry.offset + 31 + random.bounded(quint32(entry.compressedSize - 1));
        char right = 0;
        QVERIFY(file.seek(position) && file.getChar(&right) && file.seek(position)
                && file.putChar(char(right ^ (1 << random.bounded(8)))));
        qint64 delivered = 0;

        const Result<> read = reader.read(**archive, entry, [&delivered](QByteArrayView block) {
            delivered += block.size();
            return Result<>();
        });

        QVERIFY2(!read, qPrintable(QString::number(position)));
        QCOMPARE(read.error().code, ErrorCode::BadPayload);
        QVERIFY(delivered <= entry.size);
        QVERIFY(file.seek(position) && file.putChar(right));
    }
    QCOMPARE(*bytesOf(**archive, entry), content);
}

void tst_PayloadArchive::sharedBytesRefuseTheArchive()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"first"_s, "hello"),
                                        SamplePayload::file(u"second"_s, "hello")}));
    QFile file(name);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    const qsizetype header = bytes.lastIndexOf("PK\1\2");
    QVERIFY(SamplePayload::overwrite(name, header + 42, QByteArray(4, '\0'))); // where "first" is

    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);

    QVERIFY(!archive);
    QCOMPARE(archive.error().code, ErrorCode::BadPayload);
    QVERIFY2(archive.error().message.contains(u"shares its bytes"_s),
             qPrintable(archive.error().message));
}

void tst_PayloadArchive::anArchiveCutOffWhileItIsOpen()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    const QByteArray big = QByteArray("0123456789abcdef").repeated(200'000);
    QVERIFY(SamplePayload::write(name, {{u"a"_s, big, 0100644, 0}}));
    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);
    EntryReader reader;

    const Result<> read =
        reader.read(**archive, (*archive)->entries().first(), [&name](QByteArrayView) -> Result<> {
            QFile::resize(name, 1'500'000);
            return {};
        });

    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::BadPayload);
    QVERIFY2(read.error().message.contains(u"ends in the middle"_s),
             qPrintable(read.error().message));
}

void tst_PayloadArchive::somethingMayStandBeforeTheArchive_data()
{
    QTest::addColumn<bool>("isZip64");
    QTest::addColumn<int>("before");

    QTest::newRow("a program") << false << 12'345;
    QTest::newRow("a large program") << false << 3'000'000;
    QTest::newRow("nothing, ZIP64") << true << 0;
    QTest::newRow("a program, ZIP64") << true << 12'345;
}

void tst_PayloadArchive::somethingMayStandBeforeTheArchive()
{
    QFETCH(bool, isZip64);
    QFETCH(int, before);
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    if (isZip64) {
        QProcess python;
        python.start(u"python3"_s, {u"-c"_s,
                                    u"import sys, zipfile\n"
                                    "z = zipfile.ZipFile(sys.argv[1], 'w')\n"
                                    "z.writestr('first', 'hello')\n"
                                    "for i in range(65535): z.writestr(f'd{i}', '')\n"
                                    "z.writestr('last', 'hello')\n"
                                    "z.close()"_s,
                                    name});
        if (!python.waitForStarted())
            QSKIP("Python is not installed");
        QVERIFY(python.waitForFinished(60'000));
        QCOMPARE(python.exitCode(), 0);
    } else {
        QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"first"_s, "hello"),
                                            SamplePayload::file(u"last"_s, "hello")}));
    }
    QVERIFY(SamplePayload::prepend(name, QByteArray("\177ELF").repeated(before).first(before)));

    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);

    QVERIFY2(archive, archive ? "" : qPrintable(archive.error().message));
    const QList<PayloadEntry> entries = (*archive)->entries();
    QCOMPARE(entries.size(), isZip64 ? 65537 : 2);
    const auto [first, last] = std::minmax_element(
        entries.cbegin(), entries.cend(), [](const PayloadEntry &one, const PayloadEntry &other) {
            return one.offset < other.offset;
        });
    QCOMPARE(first->offset, before);
    QCOMPARE(*bytesOf(**archive, *first), QByteArray("hello"));
    QCOMPARE(*bytesOf(**archive, *last), QByteArray("hello"));
}

static QByteArray indexLine(const QByteArray &content, const QByteArray &path)
{
    return QCryptographicHash::hash(content, QCryptographicHash::Sha256).toHex() + "  " + path
         + '\n';
}

void tst_PayloadArchive::theIndexPromisesDigests()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(
        name, {SamplePayload::directory(u"d"_s), SamplePayload::file(u"d/a"_s, "hello"),
               SamplePayload::link(u"l"_s, "d/a"), SamplePayload::file(u"été"_s, {}),
               SamplePayload::file(u".entracte/sha256"_s,
                                   indexLine("hello", "d/a") + indexLine({}, "été"))}));

    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);

    QVERIFY2(archive, archive ? "" : qPrintable(archive.error().message));
    const QList<PayloadEntry> entries = (*archive)->entries();
    QCOMPARE(entries.size(), 4);
    QVERIFY(entries[0].sha256.isEmpty() && entries[2].sha256.isEmpty());
    QCOMPARE(entries[1].sha256, QCryptographicHash::hash("hello", QCryptographicHash::Sha256));
    EntryReader reader;
    const auto ignore = [](QByteArrayView) { return Result<>(); };
    QVERIFY(reader.read(**archive, entries[1], ignore));
    QCOMPARE(reader.sha256(), entries[1].sha256);
    QVERIFY(reader.read(**archive, entries[3], ignore));
    QCOMPARE(reader.sha256(), entries[3].sha256);
}

void tst_PayloadArchive::anIndexThatLiesRefusesTheArchive_data()
{
    QTest::addColumn<QByteArray>("index");
    QTest::addColumn<QString>("named");

    const QByteArray a = indexLine("hello", "a");
    const QByteArray b = indexLine("hello", "b");
    QTest::newRow("missing line") << a << u"does not name “b”"_s;
    QTest::newRow("empty") << QByteArray() << u"does not name “a”"_s;
    QTest::newRow("unknown file") << a + b + indexLine("x", "c") << u"names “c”"_s;
    QTest::newRow("a link") << a + b + indexLine("a", "l") << u"names “l”"_s;
    QTest::newRow("twice") << a + b + a << u"names “a”"_s;
    QTest::newRow("not sorted out") << a + "hello\n" + b << u"not “SHA-256  path”"_s;
    QTest::newRow("cut off") << a + b.chopped(1) << u"not “SHA-256  path”"_s;
    QTest::newRow("empty line") << a + b + '\n' << u"not “SHA-256  path”"_s;
    QTest::newRow("upper case") << a.toUpper() + b << u"not “SHA-256  path”"_s;
    QTest::newRow("endless") << QByteArray(1'000'000, 'a') << u"not “SHA-256  path”"_s;
}

void tst_PayloadArchive::anIndexThatLiesRefusesTheArchive()
{
    QFETCH(QByteArray, index);
    QFETCH(QString, named);
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"a"_s, "hello"),
                                        SamplePayload::file(u"b"_s, "hello"),
                                        SamplePayload::link(u"l"_s, "a"),
                                        SamplePayload::file(u".entracte/sha256"_s, index)}));

    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);

    QVERIFY(!archive);
    QCOMPARE(archive.error().code, ErrorCode::BadPayload);
    QVERIFY2(archive.error().message.contains(named), qPrintable(archive.error().message));
    QVERIFY2(archive.error().message.contains(name), qPrintable(archive.error().message));
}

void tst_PayloadArchive::bytesThatAreNotThePromisedOnesAreNoticed()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(
        name, {SamplePayload::file(u"a"_s, "hello"),
               SamplePayload::file(u".entracte/sha256"_s, indexLine("hallo", "a"))}));

    QVERIFY2(refusalOf(name).contains(u"SHA-256"_s), qPrintable(refusalOf(name)));
}

void tst_PayloadArchive::threadsShareAnArchive()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QList<SamplePayload::Entry> files;
    for (int i = 0; i < 200; ++i)
        files.append(SamplePayload::file(QString::number(i), QByteArray::number(i).repeated(9000)));
    QVERIFY(SamplePayload::write(name, files));
    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);
    std::atomic<int> right = 0;

    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (const PayloadEntry &entry : (*archive)->entries()) {
                const Result<QByteArray> bytes = bytesOf(**archive, entry);
                right += bytes && *bytes == entry.path.toUtf8().repeated(9000);
            }
        });
    for (std::thread &thread : threads)
        thread.join();

    QCOMPARE(right.load(), 4 * 200);
}

void tst_PayloadArchive::theSinkCanStop()
{
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"a.zip"_s);
    QVERIFY(SamplePayload::write(name, {SamplePayload::file(u"a"_s, QByteArray(1'000'000, 'x'))}));
    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);
    EntryReader reader;
    int blocks = 0;

    const Result<> read = reader.read(**archive, (*archive)->entries().first(),
                                      [&blocks](QByteArrayView) -> Result<> {
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
    const Result<std::shared_ptr<const PayloadArchive>> archive = PayloadArchive::open(name);
    QVERIFY(archive);
    const PayloadEntry entry = (*archive)->entries().first();
    EntryReader reader;
    const auto put = [&directory](const QString &path, const QByteArray &bytes) {
        QFile file(directory.filePath(path));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    };
    QVERIFY(put(u"same"_s, "hello") && put(u"other"_s, "hallo") && put(u"longer"_s, "hello!"));
    QVERIFY(QFile::link(directory.filePath(u"same"_s), directory.filePath(u"link"_s)));

    QVERIFY(*reader.hasSameBytes(**archive, entry, directory.filePath(u"same"_s)));
    QVERIFY(!*reader.hasSameBytes(**archive, entry, directory.filePath(u"other"_s)));
    QVERIFY(!*reader.hasSameBytes(**archive, entry, directory.filePath(u"longer"_s)));
    QVERIFY(!*reader.hasSameBytes(**archive, entry, directory.filePath(u"link"_s)));
    QVERIFY(!*reader.hasSameBytes(**archive, entry, directory.filePath(u"missing"_s)));
    QVERIFY(!*reader.hasSameBytes(**archive, entry, directory.path()));
}

QTEST_GUILESS_MAIN(tst_PayloadArchive)
#include "tst_payloadarchive.moc"
