// SPDX-License-Identifier: MIT
#include "core/sha256.h"

#include <QCryptographicHash>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_Sha256 : public QObject
{
    Q_OBJECT

private slots:
    void itIsWhatQtComputes();
    void resultBeginsAnew();
    void hexadecimalDigitsAreReadBack();
    void anythingElseIsRefused_data();
    void anythingElseIsRefused();
};

void tst_Sha256::itIsWhatQtComputes()
{
    Sha256 digest;
    digest.add("ab");
    digest.add("c");

    QCOMPARE(digest.result(), QCryptographicHash::hash("abc", QCryptographicHash::Sha256));
}

void tst_Sha256::resultBeginsAnew()
{
    Sha256 digest;
    digest.add("abc");
    const QByteArray first = digest.result();
    digest.add("abc");
    QCOMPARE(digest.result(), first);

    digest.add("x");
    digest.reset();
    digest.add("abc");
    QCOMPARE(digest.result(), first);
}

void tst_Sha256::hexadecimalDigitsAreReadBack()
{
    QByteArray bytes; // every value of a half, as the upper and as the lower one
    for (int value = 0; value < 16; ++value)
        bytes.append(char(value * 16 + value)).append(char(value * 16 + (15 - value)));

    const std::optional<QByteArray> read = Sha256::fromHex(bytes.toHex());

    QVERIFY(read);
    QCOMPARE(*read, bytes);
}

void tst_Sha256::anythingElseIsRefused_data()
{
    QTest::addColumn<QByteArray>("digits");

    const QByteArray good(64, 'a');
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("one too few") << good.chopped(1);
    QTest::newRow("one too many") << good + 'a';
    QTest::newRow("upper case") << good.chopped(1) + 'A';
    for (const char c : {'/', ':', '`', 'g', ' ', '\0', '\xff'})
        QTest::addRow("character %d", uchar(c)) << c + good.chopped(1);
}

void tst_Sha256::anythingElseIsRefused()
{
    QFETCH(QByteArray, digits);

    QVERIFY(!Sha256::fromHex(digits));
}

QTEST_GUILESS_MAIN(tst_Sha256)
#include "tst_sha256.moc"
