// SPDX-License-Identifier: MIT
#include "plan/installplan.h"
#include "support/sampletree.h"
#include "transaction/keptfiles.h"

#include <QStringList>
#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_KeptFiles : public QObject
{
    Q_OBJECT

private slots:
    void eachFolderHasItsFiles();
    void whatNobodyTookIsLeft();
    void nothingIsLostOfPathsInAnyOrder();

private:
    static InstallPlan keeping(const QStringList &paths)
    {
        InstallPlan plan;
        for (const QString &path : paths)
            plan.keep(SampleTree::entry(path, "same"));
        plan.place(SampleTree::entry(u"a/placed"_s, "other"));
        return plan;
    }

    static QStringList pathsOf(KeptFiles::InFolder files)
    {
        QStringList paths;
        for (const PayloadEntry *file : files)
            paths.append(file->path);
        return paths;
    }
};

void tst_KeptFiles::eachFolderHasItsFiles()
{
    const InstallPlan plan = keeping({u"a/b/one"_s, u"a/c"_s, u"a/d"_s, u"top"_s});
    KeptFiles kept(plan);

    QCOMPARE(pathsOf(kept.takeFrom(u"a")), QStringList({u"a/c"_s, u"a/d"_s}));
    QCOMPARE(pathsOf(kept.takeFrom(u"a/b")), QStringList({u"a/b/one"_s}));
    QCOMPARE(pathsOf(kept.takeFrom(u"")), QStringList({u"top"_s}));
    QVERIFY(kept.takeFrom(u"a/b/c").empty());
    QVERIFY(kept.takeOthers().empty());
}

void tst_KeptFiles::whatNobodyTookIsLeft()
{
    const InstallPlan plan = keeping({u"a/b/one"_s, u"a/c"_s, u"a/d"_s});
    KeptFiles kept(plan);
    QCOMPARE(pathsOf(kept.takeFrom(u"a")).size(), 2);

    const std::vector<KeptFiles::InFolder> others = kept.takeOthers();

    QCOMPARE(others.size(), 1);
    QCOMPARE(pathsOf(others.front()), QStringList({u"a/b/one"_s}));
    QVERIFY(kept.takeOthers().empty());
}

void tst_KeptFiles::nothingIsLostOfPathsInAnyOrder()
{
    const QStringList paths{u"b/two"_s, u"a/one"_s, u"b/one"_s, u"top"_s, u"a/two"_s};
    const InstallPlan plan = keeping(paths);
    KeptFiles kept(plan);

    QStringList found = pathsOf(kept.takeFrom(u"a")) + pathsOf(kept.takeFrom(u"b"));
    for (const KeptFiles::InFolder &files : kept.takeOthers())
        found += pathsOf(files);

    QCOMPARE(QSet<QString>(found.cbegin(), found.cend()),
             QSet<QString>(paths.cbegin(), paths.cend()));
    QCOMPARE(found.size(), paths.size());
}

QTEST_GUILESS_MAIN(tst_KeptFiles)
#include "tst_keptfiles.moc"
