// SPDX-License-Identifier: MIT
#include "transaction/receiptfile.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

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

private:
    bool put(const QTemporaryDir &directory, const QByteArray &bytes)
    {
        QDir(directory.path()).mkdir(u".entracte"_s);
        QFile file(directory.filePath(u".entracte/receipt.json"_s));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    }
};

void tst_ReceiptFile::whatIsWrittenIsRead()
{
    const QTemporaryDir target;
    Receipt receipt;
    receipt.productId = u"org.example.aurora"_s;
    receipt.version = QVersionNumber(1, 2, 3);
    receipt.transactionId = u"abc"_s;
    receipt.files[u"bin/été"_s] = {EntryKind::File, 5'000'000'000, 0755, QByteArray(32, 'x'), {}};
    receipt.files[u"bin"_s] = {EntryKind::Directory, 0, 0750, {}, {}};
    receipt.files[u"link"_s] = {EntryKind::SymbolicLink, 0, 0777, {}, u"bin/été"_s};
    QVERIFY(put(target, ReceiptFile::serialize(receipt)));

    const Result<std::optional<Receipt>> read = ReceiptFile::read(target.path());

    QVERIFY(read && *read);
    QCOMPARE((*read)->productId, receipt.productId);
    QCOMPARE((*read)->version, receipt.version);
    QCOMPARE((*read)->transactionId, receipt.transactionId);
    QCOMPARE((*read)->files.keys(), receipt.files.keys());
    const InstalledFile file = (*read)->files[u"bin/été"_s];
    QCOMPARE(file.size, 5'000'000'000);
    QCOMPARE(file.mode, 0755);
    QCOMPARE(file.sha256, QByteArray(32, 'x'));
    QCOMPARE((*read)->files[u"bin"_s].kind, EntryKind::Directory);
    QCOMPARE((*read)->files[u"link"_s].linkTarget, u"bin/été"_s);
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
    QTest::addColumn<QByteArray>("bytes");

    const QByteArray head = R"({"formatVersion":1,"product":"p","version":"1","transaction":"t",)";
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut off") << head;
    QTest::newRow("something else") << QByteArray("{}");
    QTest::newRow("newer") << QByteArray(R"({"formatVersion":2,"product":"p","files":{}})");
    QTest::newRow("leads out") << head + R"("files":{"../x":{"kind":"directory","mode":"755"}}})";
    QTest::newRow("absolute") << head + R"("files":{"/x":{"kind":"directory","mode":"755"}}})";
    QTest::newRow("no digest") << head + R"("files":{"x":{"kind":"file","mode":"644"}}})";
    QTest::newRow("unknown kind") << head + R"("files":{"x":{"kind":"pipe","mode":"644"}}})";
}

void tst_ReceiptFile::unreadableReceiptsAreErrors()
{
    QFETCH(QByteArray, bytes);
    const QTemporaryDir target;
    QVERIFY(put(target, bytes));

    const Result<std::optional<Receipt>> read = ReceiptFile::read(target.path());

    QVERIFY(!read);
    QVERIFY(read.error().message.contains(target.path()));
}

QTEST_GUILESS_MAIN(tst_ReceiptFile)
#include "tst_receiptfile.moc"
