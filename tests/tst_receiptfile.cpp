// SPDX-License-Identifier: MIT
#include "support/sampletree.h"
#include "transaction/receiptfile.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_ReceiptFile : public QObject
{
    Q_OBJECT

private slots:
    void whatIsWrittenIsRead();
    void nothingInstalledIsNoError();
    void unreadableReceiptsAreErrors_data();
    void unreadableReceiptsAreErrors();
    void onlyTheSealSaysThatNothingWasTouched();
    void theSealIsLaterThanWhatCameJustBefore();
};

static InstalledFile installed(EntryKind kind, int mode)
{
    InstalledFile file;
    file.kind = kind;
    file.mode = mode;
    if (kind == EntryKind::File)
        file.sha256 = QByteArray(32, 'x');
    return file;
}

void tst_ReceiptFile::whatIsWrittenIsRead()
{
    const QTemporaryDir target;
    QMap<QString, InstalledFile> files{{u"bin"_s, installed(EntryKind::Directory, 0750)},
                                       {u"bin/été 100%\n"_s, installed(EntryKind::File, 0755)},
                                       {u"link"_s, installed(EntryKind::SymbolicLink, 0777)}};
    files[u"bin/été 100%\n"_s].size = 5'000'000'000;
    files[u"bin/été 100%\n"_s].modified = 1'763'989'200'123'456'789;
    files[u"link"_s].linkTarget = u"bin/été 100%\n"_s;
    QVERIFY(SampleTree::putReceipt(target.path(), files));

    const Result<std::optional<Receipt>> read = ReceiptFile::read(target.path());

    QVERIFY2(read && *read, read ? "none" : qPrintable(read.error().message));
    QCOMPARE((*read)->productId, u"p"_s);
    QCOMPARE((*read)->version, QVersionNumber(1));
    QCOMPARE((*read)->transactionId, u"transaction-1"_s);
    QCOMPARE((*read)->files.keys(), files.keys());
    const InstalledFile file = (*read)->files[u"bin/été 100%\n"_s];
    QCOMPARE(file.size, 5'000'000'000);
    QCOMPARE(file.modified, 1'763'989'200'123'456'789);
    QCOMPARE(file.mode, 0755);
    QCOMPARE(file.sha256, QByteArray(32, 'x'));
    QCOMPARE((*read)->files[u"bin"_s].kind, EntryKind::Directory);
    QCOMPARE((*read)->files[u"link"_s].linkTarget, u"bin/été 100%\n"_s);
}

void tst_ReceiptFile::nothingInstalledIsNoError()
{
    const QTemporaryDir target;

    const Result<std::optional<Receipt>> empty = ReceiptFile::read(target.path());
    const Result<std::optional<Receipt>> missing = ReceiptFile::read(target.filePath(u"no"_s));

    QVERIFY(empty && !*empty);
    QVERIFY(missing && !*missing);
}

void tst_ReceiptFile::unreadableReceiptsAreErrors_data()
{
    QTest::addColumn<qsizetype>("length");
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");

    QTest::newRow("empty") << qsizetype(0) << QByteArray() << QByteArray();
    QTest::newRow("cut off") << qsizetype(-20) << QByteArray() << QByteArray();
    QTest::newRow("changed by hand")
        << qsizetype(0x7fffffff) << QByteArray("file 644 0") << QByteArray("file 777 0");
    QTest::newRow("something else")
        << qsizetype(0x7fffffff) << QByteArray("entracte 1") << QByteArray("recorder 1");
}

void tst_ReceiptFile::unreadableReceiptsAreErrors()
{
    QFETCH(const qsizetype, length);
    QFETCH(const QByteArray, before);
    QFETCH(const QByteArray, after);
    const QTemporaryDir target;
    QVERIFY(SampleTree::putReceipt(target.path(), {{u"a"_s, installed(EntryKind::File, 0644)}}));
    const QString fileName = target.filePath(ReceiptFile::path());
    QByteArray bytes = SampleTree::bytesOf(fileName);
    if (!before.isEmpty())
        QVERIFY(bytes.contains(before));
    bytes.replace(before, after);
    bytes.truncate(length < 0 ? bytes.size() + length : length);
    QVERIFY(SampleTree::put(fileName, bytes));

    const Result<std::optional<Receipt>> read = ReceiptFile::read(target.path());

    QVERIFY(!read);
    QVERIFY(read.error().message.contains(target.path()));
}

void tst_ReceiptFile::onlyTheSealSaysThatNothingWasTouched()
{
    const QTemporaryDir target;
    QVERIFY(SampleTree::put(target.filePath(u"a"_s), "a"));
    Result<Directory> directory = Directory::open(target.path());
    QVERIFY(directory);
    InstalledFile file = installed(EntryKind::File, 0644);
    file.size = 1;
    file.modified = directory->status(u"a"_s)->stamp.modified;
    QVERIFY(SampleTree::putReceipt(target.path(), {{u"a"_s, file}}));
    const auto isUntouched = [&] {
        const Result<std::optional<Receipt>> receipt = ReceiptFile::read(target.path());
        return (*receipt)->isUntouched(file, directory->status(u"a"_s)->stamp);
    };
    QVERIFY(!isUntouched());

    // The file system's clock has ticks: the seal must be of a later one.
    QTRY_VERIFY(ReceiptFile::seal(*directory) && isUntouched());

    // Edited, and the old time put back: the inode tells.
    QVERIFY(SampleTree::put(target.filePath(u"a"_s), "b"));
    const timespec times[] = {{0, UTIME_OMIT},
                              {file.modified / 1'000'000'000, file.modified % 1'000'000'000}};
    QCOMPARE(
        ::utimensat(AT_FDCWD, QFile::encodeName(target.filePath(u"a"_s)).constData(), times, 0), 0);
    QCOMPARE(directory->status(u"a"_s)->stamp.modified, file.modified);
    QVERIFY(!isUntouched());
}

/// Whether a change after a look is told a later time, however soon it comes.
static bool tellsFineTimes(Directory &directory)
{
    const auto changed = [&directory] { return directory.status(u"probe"_s)->stamp.changed; };
    if (!directory.createFile(u"probe"_s, 0644))
        return false;
    for (int i = 0; i < 10; ++i) {
        const qint64 before = changed();
        if (!directory.setMode(u"probe"_s, 0644) || changed() == before)
            return false;
    }
    return true;
}

void tst_ReceiptFile::theSealIsLaterThanWhatCameJustBefore()
{
    const QTemporaryDir target;
    QVERIFY(QDir(target.path()).mkdir(u".entracte"_s));
    Result<Directory> directory = Directory::open(target.path());
    QVERIFY(directory);
    const bool mustBeLater = tellsFineTimes(*directory);
    for (int i = 0; i < 20; ++i) { // more often than the clock ticks meanwhile
        QVERIFY(SampleTree::put(target.filePath(u"a"_s), "a"));
        const qint64 changed = directory->status(u"a"_s)->stamp.changed;
        QVERIFY(ReceiptFile::seal(*directory));
        const qint64 sealed = directory->status(ReceiptFile::sealPath())->stamp.changed;
        QVERIFY(mustBeLater ? sealed > changed : sealed >= changed);
    }
}

QTEST_GUILESS_MAIN(tst_ReceiptFile)
#include "tst_receiptfile.moc"
