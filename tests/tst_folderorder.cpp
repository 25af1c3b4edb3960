// SPDX-License-Identifier: MIT
#include "plan/folderorder.h"

#include <QStringList>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_FolderOrder : public QObject
{
    Q_OBJECT

private slots:
    void whatLiesInOneFolderFollowsEachOther_data();
    void whatLiesInOneFolderFollowsEachOther();
    void unsortedPathsAreAllThere();

private:
    static QStringList ordered(const QStringList &paths)
    {
        QStringList result;
        const std::vector<quint32> order =
            folderOrder(size_t(paths.size()), [&paths](size_t number) -> const QString & {
                return paths.at(qsizetype(number));
            });
        for (const quint32 number : order)
            result.append(paths.at(number));
        return result;
    }
};

void tst_FolderOrder::whatLiesInOneFolderFollowsEachOther_data()
{
    QTest::addColumn<QStringList>("sorted");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("nothing") << QStringList() << QStringList();
    QTest::newRow("one folder") << QStringList{u"a"_s, u"b"_s} << QStringList{u"a"_s, u"b"_s};
    QTest::newRow("around a folder") << QStringList{u"a"_s, u"b"_s, u"b/x"_s, u"b/y"_s, u"c"_s}
                                     << QStringList{u"a"_s, u"b"_s, u"c"_s, u"b/x"_s, u"b/y"_s};
    QTest::newRow("a name that begins like a folder")
        << QStringList{u"a"_s, u"a-1"_s, u"a/x"_s, u"a0"_s, u"a0/y"_s}
        << QStringList{u"a"_s, u"a-1"_s, u"a0"_s, u"a/x"_s, u"a0/y"_s};
    QTest::newRow("a folder that is only seen later")
        << QStringList{u"a/b/c/x"_s, u"a/b/y"_s, u"a/b/z/w"_s, u"a/b/zz"_s, u"a/c"_s}
        << QStringList{u"a/b/c/x"_s, u"a/b/y"_s, u"a/b/zz"_s, u"a/b/z/w"_s, u"a/c"_s};
}

void tst_FolderOrder::whatLiesInOneFolderFollowsEachOther()
{
    QFETCH(const QStringList, sorted);
    QFETCH(const QStringList, expected);
    QVERIFY(std::is_sorted(sorted.begin(), sorted.end()));
    QCOMPARE(ordered(sorted), expected);
}

/// They are only in a worse order.
void tst_FolderOrder::unsortedPathsAreAllThere()
{
    const QStringList paths{u"b/x"_s, u"a"_s, u"b/c/d"_s, u"b/y"_s, u"a/z"_s, u"b"_s};
    QStringList result = ordered(paths);
    QStringList all = paths;
    std::sort(result.begin(), result.end());
    std::sort(all.begin(), all.end());
    QCOMPARE(result, all);
}

QTEST_GUILESS_MAIN(tst_FolderOrder)

#include "tst_folderorder.moc"
