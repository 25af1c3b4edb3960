// SPDX-License-Identifier: MIT
#include "plan/planner.h"

#include <QTest>

using namespace Entracte;
using namespace Qt::StringLiterals;

class tst_Planner : public QObject
{
    Q_OBJECT

private slots:
    void onlyChangedFilesCloseAnybody();
    void whatIsNoLongerOfferedIsRemoved();
    void editedFilesAreSavedUnderAFreeName();
    void anEditedFileThatIsKeptClosesNobody();
    void whatIsOfferedBesideHasANameOfItsOwn();
    void whatWasOfferedBesideIsRemovedWhenNothingIsEdited();
    void anEditedFileThatIsNoLongerOfferedBecomesForeign();
    void mergesArePlannedAsReplacements();
    void downgradeNeedsPermission();
    void twoComponentsMayNotBringOneFile();
    void whatOneBringsMayNotLieBelowAFileOfAnother();
    void theSameInputGivesTheSamePlan();

private:
    static PayloadEntry entry(const QString &path)
    {
        PayloadEntry entry;
        entry.path = path;
        entry.size = 10;
        entry.archive = u"app.zip"_s;
        return entry;
    }

    static InstalledProduct installed(const QStringList &paths, const QStringList &unchanged = {})
    {
        InstalledProduct product;
        product.isInstalled = true;
        product.receipt.version = {1, 0};
        for (const QString &path : paths) {
            product.receipt.files.insert(path, {});
            product.present.insert(path, {});
        }
        product.unchanged = QSet<QString>(unchanged.cbegin(), unchanged.cend());
        return product;
    }

    static Manifest version(int major)
    {
        Manifest manifest;
        manifest.product.name = u"Sample"_s;
        manifest.product.version = QVersionNumber(major, 0);
        manifest.targetDirectory = u"/opt/sample/"_s;
        return manifest;
    }

    static Manifest keeping(const QString &files)
    {
        Manifest manifest = version(2);
        manifest.editedFiles = {{files, EditedFilePolicy::Keep, {}}};
        return manifest;
    }

    static QStringList placed(const InstallPlan &plan)
    {
        QStringList paths;
        for (const Operation &operation : plan.operations)
            if (const auto *placed = std::get_if<PlaceEntry>(&operation))
                paths.append(plan.pathOf(*placed));
        return paths;
    }

    template <typename Kind>
    static int count(const InstallPlan &plan)
    {
        int found = 0;
        for (const Operation &operation : plan.operations)
            found += std::holds_alternative<Kind>(operation);
        return found;
    }
};

void tst_Planner::onlyChangedFilesCloseAnybody()
{
    const Result<InstallPlan> plan =
        Planner::plan(version(2), {}, installed({u"app"_s, u"same"_s}, {u"same"_s}),
                      {entry(u"app"_s), entry(u"same"_s), entry(u"new"_s)});

    QVERIFY(plan);
    QCOMPARE(plan->filesInTheWay(), QStringList(u"/opt/sample/app"_s));
    QCOMPARE(plan->bytesToWrite, 20);
    QCOMPARE(count<KeepEntry>(*plan), 1);
    QCOMPARE(count<PlaceEntry>(*plan), 2);
    QVERIFY(plan->isUpdate);
}

void tst_Planner::whatIsNoLongerOfferedIsRemoved()
{
    const Result<InstallPlan> plan = Planner::plan(
        version(2), {}, installed({u"app"_s, u"old"_s}, {u"app"_s}), {entry(u"app"_s)});

    QVERIFY(plan);
    QCOMPARE(count<RemoveEntry>(*plan), 1);
    QCOMPARE(plan->filesInTheWay(), QStringList(u"/opt/sample/old"_s));
}

void tst_Planner::editedFilesAreSavedUnderAFreeName()
{
    InstalledProduct product =
        installed({u"settings"_s, u"settings.saved"_s}, {u"settings.saved"_s});
    product.edited = {u"settings"_s};

    const Result<InstallPlan> plan =
        Planner::plan(version(2), {}, product, {entry(u"settings"_s), entry(u"settings.saved"_s)});

    QVERIFY(plan);
    const auto backup = std::find_if(
        plan->operations.cbegin(), plan->operations.cend(),
        [](const Operation &operation) { return std::holds_alternative<BackUpFile>(operation); });
    QVERIFY(backup != plan->operations.cend());
    QCOMPARE(plan->of(std::get<BackUpFile>(*backup)).backupPath, u"settings.saved-2"_s);
}

void tst_Planner::anEditedFileThatIsKeptClosesNobody()
{
    InstalledProduct product = installed({u"app"_s, u"etc/a.conf"_s});
    product.edited = {u"etc/a.conf"_s};

    const Result<InstallPlan> plan =
        Planner::plan(keeping(u"etc/*"_s), {}, product, {entry(u"app"_s), entry(u"etc/a.conf"_s)});

    QVERIFY(plan);
    QCOMPARE(plan->filesInTheWay(), QStringList(u"/opt/sample/app"_s));
    QCOMPARE(placed(*plan), (QStringList{u"app"_s, u"etc/a.conf.new"_s}));
    QCOMPARE(plan->operations.size(), 2);
    QCOMPARE(plan->ownedPaths(), (QSet<QString>{u"app"_s, u"etc/a.conf.new"_s}));
    QCOMPARE(plan->edited.value(u"etc/a.conf"_s), u"etc/a.conf.new"_s);
}

void tst_Planner::whatIsOfferedBesideHasANameOfItsOwn()
{
    // a.new came with the last version, b.new is somebody's, c.new is edited, d.new is offered.
    InstalledProduct product = installed(
        {u"a"_s, u"a.new"_s, u"b"_s, u"c"_s, u"c.new"_s, u"d"_s, u"d.new"_s}, {u"d.new"_s});
    product.besideEdited.insert(u"b.new"_s);
    product.edited = {u"a"_s, u"b"_s, u"c"_s, u"c.new"_s, u"d"_s};

    const Result<InstallPlan> plan = Planner::plan(
        keeping(u"?"_s), {}, product,
        {entry(u"a"_s), entry(u"b"_s), entry(u"c"_s), entry(u"d"_s), entry(u"d.new"_s)});

    QVERIFY(plan);
    QCOMPARE(placed(*plan), (QStringList{u"a.new"_s, u"b.new-2"_s, u"c.new-2"_s, u"d.new-2"_s}));
    QCOMPARE(count<RemoveEntry>(*plan), 1); // c.new, which
    QCOMPARE(count<BackUpFile>(*plan), 1);  // is saved
    QCOMPARE(plan->filesInTheWay(), (QStringList{u"/opt/sample/a.new"_s, u"/opt/sample/c.new"_s}));
}

void tst_Planner::whatWasOfferedBesideIsRemovedWhenNothingIsEdited()
{
    const InstalledProduct product = installed({u"a"_s, u"a.new"_s}, {u"a"_s});

    const Result<InstallPlan> plan = Planner::plan(keeping(u"**"_s), {}, product, {entry(u"a"_s)});

    QVERIFY(plan);
    QCOMPARE(count<KeepEntry>(*plan), 1);
    QCOMPARE(count<RemoveEntry>(*plan), 1);
}

void tst_Planner::anEditedFileThatIsNoLongerOfferedBecomesForeign()
{
    InstalledProduct product = installed({u"a"_s, u"a.new"_s});
    product.edited = {u"a"_s};

    const Result<InstallPlan> plan = Planner::plan(keeping(u"**"_s), {}, product, {});

    QVERIFY(plan);
    QCOMPARE(plan->operations.size(), 1);
    QCOMPARE(plan->of(std::get<RemoveEntry>(plan->operations.first())), u"a.new"_s);
    QCOMPARE(plan->ownedPaths(), QSet<QString>{u"a.new"_s});

    // But not where a folder is needed.
    const Result<InstallPlan> folder =
        Planner::plan(keeping(u"**"_s), {}, product, {entry(u"a/b"_s)});
    QVERIFY(folder);
    QCOMPARE(count<BackUpFile>(*folder), 1);
}

void tst_Planner::mergesArePlannedAsReplacements()
{
    InstalledProduct product = installed({u"a"_s, u"a.new"_s});
    product.edited = {u"a"_s};
    Manifest manifest = version(2);
    manifest.editedFiles = {{u"a"_s, EditedFilePolicy::Merge, u"/merge"_s}};

    Result<InstallPlan> plan = Planner::plan(manifest, {}, product, {entry(u"a"_s)});

    QVERIFY(plan);
    QCOMPARE(plan->merges.size(), 1);
    QCOMPARE(plan->merges.first().program, u"/merge"_s);
    QCOMPARE(placed(*plan), QStringList{u"a"_s});
    QCOMPARE(count<BackUpFile>(*plan), 1);
    QCOMPARE(count<RemoveEntry>(*plan), 1); // a.new

    plan->keepEdited(u"a"_s, plan->merges.first().besidePath);

    QCOMPARE(placed(*plan), QStringList{u"a.new"_s});
    QCOMPARE(plan->operations.size(), 1);
}

void tst_Planner::downgradeNeedsPermission()
{
    InstalledProduct product = installed({});
    product.receipt.version = {3, 0};

    const Result<InstallPlan> refused = Planner::plan(version(2), {}, product, {});
    const Result<InstallPlan> allowed = Planner::plan(version(2), {{}, true}, product, {});

    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::DowngradeRefused);
    QVERIFY(allowed);
}

void tst_Planner::twoComponentsMayNotBringOneFile()
{
    PayloadEntry other = entry(u"app"_s);
    other.archive = u"handbook.zip"_s;

    const Result<InstallPlan> plan = Planner::plan(version(1), {}, {}, {entry(u"app"_s), other});

    QVERIFY(!plan);
    QCOMPARE(plan.error().code, ErrorCode::BadPayload);
    QVERIFY(plan.error().message.contains(u"handbook.zip"_s));
}

void tst_Planner::whatOneBringsMayNotLieBelowAFileOfAnother()
{
    PayloadEntry below = entry(u"app/help"_s);
    below.archive = u"handbook.zip"_s;

    const Result<InstallPlan> plan = Planner::plan(version(1), {}, {}, {entry(u"app"_s), below});

    QVERIFY(!plan);
    QVERIFY(plan.error().message.contains(u"“app/help” needs the folder “app”, but “app.zip”"_s));
}

void tst_Planner::theSameInputGivesTheSamePlan()
{
    const QList<PayloadEntry> entries{entry(u"b"_s), entry(u"a"_s), entry(u"c"_s)};
    const InstalledProduct product = installed({u"a"_s, u"b"_s, u"z"_s});

    const Result<InstallPlan> one = Planner::plan(version(2), {}, product, entries);
    const Result<InstallPlan> other = Planner::plan(version(2), {}, product, entries);

    QCOMPARE(one->filesInTheWay(), other->filesInTheWay());
    QCOMPARE(one->operations.size(), other->operations.size());
}

QTEST_GUILESS_MAIN(tst_Planner)
#include "tst_planner.moc"
