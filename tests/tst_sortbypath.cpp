// SPDX-License-Identifier: MIT
#include "plan/sortbypath.h"

#include <QString>
#include <QTest>

#include <random>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_SortByPath : public QObject
{
    Q_OBJECT

private slots:
    void sortsAsTheStandardDoes_data();
    void sortsAsTheStandardDoes();

private:
    struct Item
    {
        QString path;
        int number = 0;

        bool operator==(const Item &) const = default;
    };

    static bool comesBefore(const Item &one, const Item &other) { return one.path < other.path; }
};

void tst_SortByPath::sortsAsTheStandardDoes_data()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("paths"); // how many different ones
    QTest::addColumn<int>("runs");  // sorted beforehand in as many; 0: not at all
    QTest::newRow("nothing") << 0 << 1 << 0;
    QTest::newRow("one") << 1 << 1 << 0;
    QTest::newRow("all of one path") << 50 << 1 << 0;
    QTest::newRow("sorted") << 1000 << 700 << 1;
    QTest::newRow("two runs") << 1000 << 700 << 2;
    QTest::newRow("three runs") << 1000 << 1'000'000 << 3;
    QTest::newRow("many runs") << 1000 << 700 << 37;
    QTest::newRow("chance") << 5000 << 1'000'000 << 0;
    QTest::newRow("chance, with doubles") << 5000 << 900 << 0;
}

void tst_SortByPath::sortsAsTheStandardDoes()
{
    QFETCH(const int, count);
    QFETCH(const int, paths);
    QFETCH(const int, runs);
    std::mt19937 random(7);
    QList<Item> items;
    for (int number = 0; number < count; ++number)
        items.append({u"share/%1"_s.arg(random() % quint32(paths)), number});
    for (int run = 0; run < runs; ++run)
        std::stable_sort(items.begin() + run * count / runs,
                         items.begin() + (run + 1) * count / runs, comesBefore);
    QList<Item> expected = items;
    std::stable_sort(expected.begin(), expected.end(), comesBefore);

    sortByPath(items);

    QCOMPARE(items, expected);
}

QTEST_GUILESS_MAIN(tst_SortByPath)
#include "tst_sortbypath.moc"
