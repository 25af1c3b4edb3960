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
    void linesLongerThanABlockAreWhole();
    void anErrorEndsTheMerge();

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

    static QByteArray lineFor(const QString &path, const InstalledFile &file)
    {
        QByteArray line;
        Journal::appendLine(line, path, file);
        return line;
    }

    using Lines = QList<std::pair<QString, QByteArray>>;
    static Lines merged(const std::vector<ReceiptLines> &parts)
    {
        Lines lines;
        (void)ReceiptLines::merge(parts, [&](const QString &path, QByteArrayView line) {
            lines.append({path, line.toByteArray()});
            return Result<>();
        });
        return lines;
    }
};

void tst_ReceiptLines::whatTwoGatherIsInOrderAndWhole()
{
    constexpr int count = 3000;         // some blocks
    std::vector<ReceiptLines> parts(3); // one gathers nothing
    for (int number = count; number-- > 0;)
        parts[size_t(number % 2)].add(name(number), file(number));
    for (ReceiptLines &part : parts)
        part.sort();

    const Lines lines = merged(parts);

    QCOMPARE(lines.size(), count);
    for (int number = 0; number < count; ++number) {
        QCOMPARE(lines[number].first, name(number));
        QCOMPARE(lines[number].second, lineFor(name(number), file(number)));
    }
}

void tst_ReceiptLines::linesLongerThanABlockAreWhole()
{
    const QString longest(100'000, u'\u20ac'); // three bytes each, all of them escaped or not
    std::vector<ReceiptLines> parts(1);
    parts[0].add(name(1), file(1));
    parts[0].add(longest, file(2));
    parts[0].add(longest + u'%', file(3));
    parts[0].sort();

    const Lines lines = merged(parts);

    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[1].second, lineFor(longest, file(2)));
    QCOMPARE(lines[2].second, lineFor(longest + u'%', file(3)));
}

void tst_ReceiptLines::anErrorEndsTheMerge()
{
    std::vector<ReceiptLines> parts(2);
    parts[0].add(name(1), file(1));
    parts[1].add(name(2), file(2));
    int taken = 0;

    const Result<> merged = ReceiptLines::merge(parts, [&](const QString &, QByteArrayView) {
        ++taken;
        return Result<>(Error{ErrorCode::NoSpace, u"full"_s});
    });

    QVERIFY(!merged && merged.error().code == ErrorCode::NoSpace);
    QCOMPARE(taken, 1);
}

QTEST_GUILESS_MAIN(tst_ReceiptLines)
#include "tst_receiptlines.moc"
