// SPDX-License-Identifier: MIT
#include "transaction/journal.h"
#include "transaction/receiptlines.h"

#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_ReceiptLines : public QObject
{
    Q_OBJECT

private slots:
    void whatTwoGatherIsInOrderAndWhole();
    void aLineThatIsTakenBackIsGone();
    void aLineLongerThanABlockIsWhole();

private:
    static InstalledFile file(qint64 size)
    {
        InstalledFile made;
        made.size = size;
        made.mode = 0644;
        made.sha256 = QByteArray(32, char(size % 100));
        return made;
    }

    static QString name(int number) { return u"share/%1.txt"_s.arg(number, 6, 10, QChar(u'0')); }
};

void tst_ReceiptLines::whatTwoGatherIsInOrderAndWhole()
{
    constexpr int count = 3000; // some blocks
    ReceiptLines odd;
    ReceiptLines even;
    for (int number = count; number-- > 0;)
        (number % 2 ? odd : even).add(name(number), file(number));
    odd.sort();
    even.sort();

    ReceiptLines all;
    all.take(std::move(odd));
    all.take(std::move(even));

    QCOMPARE(all.lines().size(), size_t(count));
    for (int number = 0; number < count; ++number) {
        const ReceiptLines::Line &line = all.lines()[size_t(number)];
        QCOMPARE(line.path, name(number));
        QCOMPARE(line.text.toByteArray(), Journal::lineFor(name(number), file(number)));
    }
}

void tst_ReceiptLines::aLineThatIsTakenBackIsGone()
{
    ReceiptLines lines;
    lines.add(name(2), file(2));
    lines.add(name(1), file(1));
    lines.sort();
    QVERIFY(lines.contains(name(1)));

    lines.remove(name(1));
    lines.remove(name(3)); // never there

    QVERIFY(!lines.contains(name(1)));
    QCOMPARE(lines.lines().size(), size_t(1));
    QCOMPARE(lines.lines().front().text.toByteArray(), Journal::lineFor(name(2), file(2)));
}

void tst_ReceiptLines::aLineLongerThanABlockIsWhole()
{
    const QString longest(100'000, u'x');
    ReceiptLines lines;
    lines.add(name(1), file(1));
    lines.add(longest, file(2));
    lines.add(longest + u'y', file(3));
    lines.sort();

    QCOMPARE(lines.lines()[1].text.toByteArray(), Journal::lineFor(longest, file(2)));
    QCOMPARE(lines.lines()[2].text.toByteArray(), Journal::lineFor(longest + u'y', file(3)));
}

QTEST_GUILESS_MAIN(tst_ReceiptLines)
#include "tst_receiptlines.moc"
