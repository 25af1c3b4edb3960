// SPDX-License-Identifier: MIT
#include "plan/foldersabove.h"

#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_FoldersAbove : public QObject
{
    Q_OBJECT

private slots:
    void allAboveAPathAreThereAndNotThePath();
    void aFolderIsThereItselfAndWhatIsAboveIt();
    void whatIsKnownAlreadyDoesNotHideWhatIsAbove();
};

void tst_FoldersAbove::allAboveAPathAreThereAndNotThePath()
{
    FoldersAbove above;
    above.add(u"a/b/c/file"_s);
    above.add(u"a/b/c/other"_s);
    above.add(u"top"_s);

    QCOMPARE(above.folders(), QSet<QString>({u"a"_s, u"a/b"_s, u"a/b/c"_s}));
}

void tst_FoldersAbove::aFolderIsThereItselfAndWhatIsAboveIt()
{
    FoldersAbove above;
    above.addFolder(u"a/b"_s);

    QCOMPARE(above.folders(), QSet<QString>({u"a"_s, u"a/b"_s}));
}

void tst_FoldersAbove::whatIsKnownAlreadyDoesNotHideWhatIsAbove()
{
    FoldersAbove above;
    above.addFolder(u"x/y"_s);
    above.add(u"x/y/z/file"_s);
    above.add(u"a/file"_s);
    above.add(u"x/y/z/other"_s);

    QCOMPARE(above.folders(), QSet<QString>({u"a"_s, u"x"_s, u"x/y"_s, u"x/y/z"_s}));
}

QTEST_GUILESS_MAIN(tst_FoldersAbove)
#include "tst_foldersabove.moc"
